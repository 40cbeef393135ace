from django.db import migrations, models

ANY = "*"  # what was asked for before left whatever was missing


def told_of_all(apps, editor):
    """Papers of before say that room was left, and not for what."""
    apps.get_model("papers", "Paper").objects.filter(any_by_hand=True).update(by_hand=ANY)


def told_of_some(apps, editor):
    """The way back: room is left for whatever is missing."""
    apps.get_model("papers", "Paper").objects.exclude(by_hand="").update(any_by_hand=True)


class Migration(migrations.Migration):

    dependencies = [("papers", "0008_stamps_entered_since")]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="title_lines",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="标题分行"),
        ),
        migrations.RenameField(model_name="paper", old_name="by_hand", new_name="any_by_hand"),
        migrations.AddField(
            model_name="paper",
            name="by_hand",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="印不出、留空手写的字"),
        ),
        migrations.RunPython(told_of_all, told_of_some),
        migrations.RemoveField(model_name="paper", name="any_by_hand"),
    ]
