"""Roles and passwords are held against the events that gave them. For those that are older, one event says them."""

from django.db import migrations

from units.audited import hold_older


class Migration(migrations.Migration):
    dependencies = [("units", "0012_certificate_patterns"), ("workflow", "0004_handler_by_name")]
    run_before = [("workflow", "0005_events_are_counted")]  # older events are counted there, this one with them

    operations = [
        migrations.RunPython(lambda apps, editor: hold_older(apps), migrations.RunPython.noop, elidable=True)
    ]
