from django.db import migrations

MOVED = {
    "units.terms.tasks.record_lapses": "units.lapses.tasks.record_lapses",
    "units.terms.tasks.remind": "units.lapses.tasks.remind",
    "units.terms.tasks.deem_received": "units.lapses.tasks.deem_received",
}


def rename(apps, names):
    runs = apps.get_model("jobs", "TaskRun").objects
    for old, new in names.items():
        runs.filter(task=old).update(task=new)


def forwards(apps, schema_editor):
    """A task catches up from its last run on, which must be found under the task's present name."""
    rename(apps, MOVED)


def backwards(apps, schema_editor):
    rename(apps, {new: old for old, new in MOVED.items()})


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_times_from_the_clock")]
    operations = [migrations.RunPython(forwards, backwards)]
