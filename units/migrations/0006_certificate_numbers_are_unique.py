"""Numbers of certificates are unique in the district: those typed for two people before are marked, not touched.
A role can end at once."""

from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace, Upper

from luojiang_ce.migrating import check_rows_now


def mark_disputed(apps, schema_editor):
    """All but the first of those that share kind and number; blanks, which were kept then, do not tell them apart."""
    certificates = apps.get_model("units", "Certificate").objects
    bare = Replace(Upper("number"), Value(" "), Value(""))
    seen, disputed = set(), []
    rows = certificates.annotate(bare=bare).order_by("pk").values_list("pk", "kind", "bare")
    for pk, *key in rows.iterator(chunk_size=2000):
        if tuple(key) in seen:
            disputed.append(pk)
        seen.add(tuple(key))
    for start in range(0, len(disputed), 500):
        certificates.filter(pk__in=disputed[start : start + 500]).update(disputed=True)


class Migration(migrations.Migration):
    dependencies = [("units", "0005_versions")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="stopped_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="立即停止"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="disputed",
            field=models.BooleanField(default=False, editable=False, verbose_name="与他人重号"),
        ),
        migrations.RunPython(mark_disputed, migrations.RunPython.noop, elidable=True),
        check_rows_now(),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                Upper("number"), F("kind"), condition=Q(disputed=False), name="certificate_number_once"
            ),
        ),
    ]
