"""An event goes only where what stays of it belongs to a part: SQLite's own shell looks at no foreign key."""

from django.db import migrations

from luojiang_ce.workflow.triggers import lets_go


class Migration(migrations.Migration):
    dependencies = [("workflow", "0006_addresses_and_parts_that_left")]

    operations = [lets_go("workflow_event", "workflow_leftevent", "event_id", parts="workflow_logpart")]
