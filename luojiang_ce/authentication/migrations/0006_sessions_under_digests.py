"""Sessions and the sign-ins that name them are stored under a digest of their key (store.py). Who is signed in stays
signed in: the rows are told anew, not thrown away. There is no way back, as there is none from a digest."""

from hashlib import sha256

from django.db import migrations, models


def tell_by_digests(apps, schema_editor):
    for model in (apps.get_model("sessions", "Session"), apps.get_model("authentication", "SignIn")):
        for key in list(model.objects.values_list("session_key", flat=True)):
            model.objects.filter(session_key=key).update(session_key=sha256(key.encode()).hexdigest()[:40])


class Migration(migrations.Migration):
    dependencies = [
        ("authentication", "0005_subjects_as_digests"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(tell_by_digests, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="signin",
            name="end",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signed_out", "退出登录"),
                    ("elsewhere", "本人在别处结束"),
                    ("password", "修改了密码"),
                    ("reset", "密码被重设"),
                    ("shut_out", "账号被停用"),
                    ("lifetime", "超过最长登录时间"),
                    ("factor", "二次验证有变动"),
                ],
                editable=False,
                max_length=20,
                verbose_name="怎样结束",
            ),
        ),
    ]
