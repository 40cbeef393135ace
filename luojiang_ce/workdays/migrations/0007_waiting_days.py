import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workdays", "0006_objection_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadlinesetting",
            name="waiting_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                default=1,
                help_text="通知没有规定，1 为建议值，由本局确认；过期不确认的让给下一个，最迟到时段开始。留空即保留到时段开始",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="候补到的空位保留（工作日）",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinesetting",
            constraint=models.CheckConstraint(
                condition=models.Q(("waiting_days", None), ("waiting_days__gte", 1), _connector="OR"),
                name="waiting_days_positive",
            ),
        ),
    ]
