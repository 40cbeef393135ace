"""Of who somebody is at the provider a keyed digest is kept: a subject may be a number of a person."""

from django.db import migrations

from luojiang_ce.workflow.events import digest


def as_digests(apps, editor):
    identities = apps.get_model("authentication", "Identity").objects
    for identity in identities.all():
        known = digest(f"identity|{identity.issuer}|{identity.subject}")
        identities.filter(pk=identity.pk).update(subject=known)


class Migration(migrations.Migration):
    dependencies = [("authentication", "0004_identities")]

    operations = [migrations.RunPython(as_digests, migrations.RunPython.noop)]
