"""Events are counted by their writers, and the log has a beginning: of one that is there already, where it stands."""

import secrets

from django.conf import settings
from django.db import migrations, models

from luojiang_ce import clock
from luojiang_ce.workflow.heads import head_hmac
from luojiang_ce.workflow.triggers import append_only

_HEX = 32


def begin(apps, schema_editor):
    event, link, head = (apps.get_model("workflow", name) for name in ("Event", "ChainLink", "LogHead"))
    last = link.objects.order_by("-position").first()
    start = head(
        position=last.position if last else 0,
        hash=last.hash if last else secrets.token_hex(_HEX),
        published_at=clock.now(),
        older=event.objects.count(),
    )
    start.hmac = head_hmac(start)
    start.save()


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0004_handler_by_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LogHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField(unique=True, verbose_name="位置")),
                ("hash", models.CharField(max_length=64, verbose_name="链头")),
                ("published_at", models.DateTimeField(verbose_name="公布时间")),
                ("older", models.BigIntegerField(default=0)),
                ("hmac", models.CharField(max_length=64)),
            ],
            options={"verbose_name": "操作记录的链头", "ordering": ("position",)},
        ),
        migrations.CreateModel(
            name="LogWriter",
            fields=[
                ("lane", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("last", models.BigIntegerField()),
                ("hmac", models.CharField(max_length=64)),
            ],
            options={"ordering": ("lane",)},
        ),
        migrations.AddField("event", "writer", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("event", "number", models.BigIntegerField(null=True)),
        migrations.AddField("event", "written_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "event",
            models.UniqueConstraint(
                condition=models.Q(("writer__isnull", False)), fields=("writer", "number"), name="event_numbered_once"
            ),
        ),
        append_only("workflow_event", "workflow_loghead"),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
