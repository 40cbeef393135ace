"""0006 counted a reviewer whose role ends one day as nobody; batches that lie there since go to where they belong.

Only those that were sent before 0006 and whose review is still ahead: what was sent later went the right way.
"""

from django.db import migrations
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q
from django.utils.timezone import localtime

ROLES = {"medical": "health_reviewer", "teacher": "education_reviewer", "cycle": "education_reviewer"}


def settle_anew(apps, schema_editor):
    done = MigrationRecorder(schema_editor.connection).migration_qs.filter(
        app="verification_batches", name="0006_who_reviews"
    )
    moment = done.values_list("applied", flat=True).first()
    if moment is None:  # squashed: no batch is as old
        return
    ahead = apps.get_model("verification_batches", "Batch").objects.filter(
        state__in=["in_review", "returned"], submitted_at__lt=moment
    )
    day = localtime(moment).date()
    for path, role in ROLES.items():
        held = apps.get_model("units", "Assignment").objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=day), role=role, account__is_active=True,
            valid_from__lte=day, stopped_at=None,
        )  # fmt: skip
        seats = list(held.order_by("unit__code").values_list("unit", flat=True).distinct())
        for batch in ahead.filter(path=path).select_related("unit"):
            right = batch.unit.supervisor_id if batch.unit.supervisor_id in seats else next(iter(seats), None)
            if right not in (None, batch.authority_id):
                batch.authority_id = right
                batch.save(update_fields=["authority"])


class Migration(migrations.Migration):
    dependencies = [
        ("units", "0006_certificate_numbers_are_unique"),
        ("verification_batches", "0006_who_reviews"),
    ]
    operations = [migrations.RunPython(settle_anew, migrations.RunPython.noop, elidable=True)]
