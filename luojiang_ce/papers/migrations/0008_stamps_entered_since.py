from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder

ENTERED = "0006_signatures_and_hand_stamps"  # with it keepers began to enter what they stamp


def since_then(apps, editor):
    """Seals that were used before have a day from which on their stamps are entered: the day of that upgrade."""
    recorded = MigrationRecorder(editor.connection).migration_qs.filter(app="papers", name=ENTERED)
    moment = recorded.values_list("applied", flat=True).first()
    if moment is None:
        return
    lines, seals = apps.get_model("papers", "SealUse").objects, apps.get_model("papers", "Seal").objects
    used = lines.filter(used_at__lt=moment, way="blank").values("seal")
    seals.filter(pk__in=used).update(stamps_entered_since=moment)


class Migration(migrations.Migration):

    dependencies = [("papers", "0007_signed_statement")]

    operations = [
        migrations.AddField(
            model_name="seal",
            name="stamps_entered_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="手工加盖登记自"),
        ),
        migrations.RunPython(since_then, migrations.RunPython.noop),
    ]
