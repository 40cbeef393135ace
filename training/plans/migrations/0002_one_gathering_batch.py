"""One batch of a year gathers at a time. Where there are several, the oldest takes over the items of the others."""

from django.conf import settings
from django.db import migrations, models

from luojiang_ce.migrating import check_rows_now


def gather_into_the_oldest(apps, schema_editor):
    batches = apps.get_model("training_plans", "PlanBatch").objects.filter(state="gathering").order_by("pk")
    items = apps.get_model("training_plans", "PlanItem")
    oldest = {}
    for batch in batches:
        first = oldest.setdefault(batch.year, batch)
        if batch != first:
            items.objects.filter(batch=batch).update(batch=first)
            batch.consents.all().delete()  # a batch that gathers has not been put before the bodies
            batch.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("training_plans", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RunPython(gather_into_the_oldest, migrations.RunPython.noop, elidable=True),
        check_rows_now(),
        migrations.AddConstraint(
            "planbatch",
            models.UniqueConstraint(
                condition=models.Q(state="gathering"), fields=("year",), name="planbatch_one_gathering"
            ),
        ),
    ]
