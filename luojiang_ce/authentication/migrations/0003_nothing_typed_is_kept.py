"""Of failed sign-ins axes kept the form: new passwords and codes of the second factor in clear."""

from typing import Any

from django.db import migrations


def forget(apps: Any, editor: Any) -> None:
    apps.get_model("axes", "AccessAttempt").objects.update(get_data="", post_data="")


class Migration(migrations.Migration):
    dependencies = [("authentication", "0001_passwords_sessions_and_brakes"), ("axes", "0010_accessattemptexpiration")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
