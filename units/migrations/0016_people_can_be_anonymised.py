from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0014_second_officers_and_given_passwords")]

    operations = [
        migrations.AddField(
            "person", "anonymised_at", models.DateTimeField(editable=False, null=True, verbose_name="匿名化时间")
        )
    ]
