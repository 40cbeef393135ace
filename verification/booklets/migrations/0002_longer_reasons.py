from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verification_booklets", "0001_written_pages")]

    operations = [
        migrations.AlterField(
            model_name="writtenpage",
            name="ended_why",
            field=models.CharField(blank=True, max_length=500, verbose_name="终止原因"),
        ),
    ]
