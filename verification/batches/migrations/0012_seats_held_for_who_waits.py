from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("verification_batches", "0011_years_the_approver_is_asked"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointment",
            name="appointment_state",
        ),
        migrations.AddField(
            model_name="appointment",
            name="kept_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="保留到"),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "待确认"),
                    ("booked", "已预约"),
                    ("cancelled", "已取消"),
                    ("missed", "未到"),
                    ("came", "已到"),
                ],
                default="booked",
                editable=False,
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["held", "booked", "cancelled", "missed", "came"])),
                name="appointment_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("state", "held"), _negated=True), ("kept_until__isnull", False), _connector="OR"),
                name="appointment_held_until",
            ),
        ),
    ]
