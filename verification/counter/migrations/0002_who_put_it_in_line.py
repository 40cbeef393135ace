"""A place in line knows which unit has put it there; a place that was offered is a held seat, with its hour."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery

from luojiang_ce.migrating import check_rows_now


def tell_who_and_hold(apps, schema_editor):
    """Until now the unit of the batch alone answered; what was offered and not answered is not booked."""
    waiting = apps.get_model("verification_counter", "Waiting")
    waiting.objects.update(booker=F("unit"))
    # A seat that was moved since is a booking of the unit's own.
    offered = waiting.objects.filter(state="offered", appointment__slot=F("slot"))
    until = offered.filter(appointment=OuterRef("pk")).values("keep_until")[:1]
    seats = apps.get_model("verification_batches", "Appointment").objects.filter(state="booked")
    seats.filter(pk__in=offered.values("appointment")).update(state="held", kept_until=Subquery(until))


class Migration(migrations.Migration):
    dependencies = [
        ("units", "0011_role_of_oversight"),
        ("verification_batches", "0012_seats_held_for_who_waits"),
        ("verification_counter", "0001_waiting_list"),
    ]

    operations = [
        migrations.AddField(
            "waiting",
            "booker",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.unit",
                verbose_name="代为候补的单位",
            ),
        ),
        migrations.RunPython(tell_who_and_hold, migrations.RunPython.noop, elidable=True),
        check_rows_now(),
        migrations.AlterField(
            "waiting",
            "booker",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.unit",
                verbose_name="代为候补的单位",
            ),
        ),
        migrations.RemoveConstraint("waiting", "waiting_offered_what"),
        migrations.RemoveField("waiting", "keep_until"),
        migrations.AddConstraint(
            "waiting",
            models.CheckConstraint(
                condition=models.Q(("state", "offered"), _negated=True) | models.Q(("appointment__isnull", False)),
                name="waiting_offered_what",
            ),
        ),
    ]
