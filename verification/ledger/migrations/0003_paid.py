from django.db import migrations, models

from luojiang_ce.workflow.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("verification_ledger", "0002_append_only")]
    operations = [
        migrations.AddField("ledgerentry", "paid", models.BooleanField(default=False, verbose_name="需缴费")),
        append_only("verification_ledger_ledgerentry"),
    ]
