"""A batch keeps to which authority it was sent; one that lies where nobody reviews goes to where somebody does."""

import django.db.models.deletion
from django.db import migrations, models

ROLES = {"medical": "health_reviewer", "teacher": "education_reviewer", "cycle": "education_reviewer"}


def settle_who_reviews(apps, schema_editor):
    batches = apps.get_model("verification_batches", "Batch").objects.exclude(path="general")
    held = apps.get_model("units", "Assignment").objects.filter(valid_to=None, account__is_active=True)
    for path, role in ROLES.items():
        seats = list(held.filter(role=role).order_by("unit__code").values_list("unit", flat=True).distinct())
        sent = batches.filter(path=path, first_submitted_at__isnull=False)
        for batch in sent.select_related("unit"):
            supervisor = batch.unit.supervisor_id
            stays = supervisor in seats or not seats or batch.state in ("decided", "stamped")
            batch.authority_id = supervisor if stays else seats[0]
            batch.save(update_fields=["authority"])


class Migration(migrations.Migration):
    dependencies = [("units", "0005_versions"), ("verification_batches", "0005_slots_are_versioned")]
    operations = [
        migrations.AddField(
            "batch",
            "authority",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="units.unit",
                verbose_name="初审机关",
            ),
        ),
        migrations.RunPython(settle_who_reviews, migrations.RunPython.noop, elidable=True),
    ]
