from django.db import migrations

from luojiang_ce.workflow.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]
    operations = [append_only("papers_sealuse")]
