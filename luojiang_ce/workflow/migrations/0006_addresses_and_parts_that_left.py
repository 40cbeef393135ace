"""Events say from where and about whom; older readings may leave, and what stays of them has a table."""

from django.db import migrations, models

from luojiang_ce.workflow.triggers import append_only, lets_go


class Migration(migrations.Migration):
    dependencies = [("workflow", "0005_events_are_counted")]

    operations = [
        migrations.AddField("event", "address", models.CharField(blank=True, default="", max_length=45)),
        migrations.AddField("event", "concerns", models.BigIntegerField(null=True)),
        migrations.AddIndex("event", models.Index(fields=["name", "-id"], name="event_name")),
        migrations.AddIndex("event", models.Index(fields=["address", "-id"], name="event_address")),
        migrations.AddIndex("event", models.Index(fields=["concerns", "-id"], name="event_concerns")),
        migrations.AddIndex("event", models.Index(fields=["at"], name="event_at")),
        migrations.CreateModel(
            name="LogPart",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("file", models.CharField(max_length=100, verbose_name="文件")),
                ("sha256", models.CharField(max_length=64)),
                ("first", models.BigIntegerField(verbose_name="第一环")),
                ("last", models.BigIntegerField(verbose_name="最后一环")),
                ("count", models.PositiveIntegerField(verbose_name="条数")),
                ("events", models.CharField(max_length=64)),
                ("left_at", models.DateTimeField(verbose_name="转出时间")),
                ("hmac", models.CharField(max_length=64)),
            ],
            options={"verbose_name": "转出的操作记录", "ordering": ("number",)},
        ),
        migrations.CreateModel(
            name="LeftEvent",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("uid", models.UUIDField(unique=True)),
                ("writer", models.PositiveSmallIntegerField(null=True)),
                ("number", models.BigIntegerField(null=True)),
                ("written_at", models.DateTimeField(null=True)),
                ("hmac", models.CharField(max_length=64)),
                (
                    "part",
                    models.ForeignKey(on_delete=models.deletion.PROTECT, related_name="left", to="workflow.logpart"),
                ),
            ],
            options={"verbose_name": "转出的一条操作记录", "ordering": ("position",)},
        ),
        migrations.AddIndex("leftevent", models.Index(fields=["writer", "number"], name="left_number")),
        append_only("workflow_event", "workflow_logpart", "workflow_leftevent"),
        lets_go("workflow_event", "workflow_leftevent", "event_id"),
    ]
