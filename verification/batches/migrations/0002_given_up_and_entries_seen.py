"""Years that are given up (V8); and a record counts the entries that it has seen instead of keeping the last one's id."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

import luojiang_ce.clock
from luojiang_ce.migrating import check_rows_now

STATES = ["listed", "filed", "verified", "failed", "supplement", "stamped", "given_up"]
CHOICES = [
    ("listed", "已列入"),
    ("filed", "未办"),
    ("verified", "已验证"),
    ("failed", "不通过"),
    ("supplement", "待补"),
    ("stamped", "已盖章"),
    ("given_up", "视同放弃"),
]


def count_what_was_seen(apps, schema_editor):
    record = apps.get_model("verification_batches", "AnnualRecord")
    entries = apps.get_model("verification_ledger", "LedgerEntry").objects.filter(
        person=OuterRef("person"),
        year__gte=OuterRef("first_year"),
        year__lte=OuterRef("year"),
        pk__lte=OuterRef("last_entry_id"),
    )
    counted = entries.order_by().values("person").annotate(number=Count("pk")).values("number")
    record.objects.update(entries_seen=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def file_rows_with_their_batch(apps, schema_editor):
    """When a row was first filed decides now: those that are there were filed with their batch."""
    record = apps.get_model("verification_batches", "AnnualRecord")
    batch = apps.get_model("verification_batches", "Batch").objects.filter(pk=OuterRef("batch"))
    times = {name: Subquery(batch.values(name)[:1]) for name in ("first_submitted_at", "submitted_at")}
    record.objects.filter(batch__first_submitted_at__isnull=False).update(**times)


class Migration(migrations.Migration):
    dependencies = [
        ("units", "0001_initial"),
        ("verification_batches", "0001_initial"),
        ("verification_ledger", "0003_paid"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "annualrecord",
            "entries_seen",
            models.PositiveIntegerField(default=0, editable=False, verbose_name="所见学时记录条数"),
        ),
        migrations.RunPython(count_what_was_seen, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(file_rows_with_their_batch, migrations.RunPython.noop, elidable=True),
        check_rows_now(),
        migrations.RemoveField("annualrecord", "last_entry_id"),
        migrations.AddField(
            "annualrecord", "restored_at", models.DateTimeField(editable=False, null=True, verbose_name="恢复时间")
        ),
        migrations.AddField(
            "annualrecord", "mend_by", models.DateField(editable=False, null=True, verbose_name="补正期限")
        ),
        migrations.RemoveConstraint("annualrecord", "record_state"),
        migrations.AlterField(
            "annualrecord",
            "state",
            models.CharField(
                choices=CHOICES, default="listed", editable=False, max_length=20, verbose_name="状态"
            ),
        ),
        migrations.AddConstraint(
            "annualrecord", models.CheckConstraint(condition=Q(state__in=STATES), name="record_state")
        ),
        migrations.AlterField("appointment", "booked_at", models.DateTimeField(default=luojiang_ce.clock.now)),
    ]
