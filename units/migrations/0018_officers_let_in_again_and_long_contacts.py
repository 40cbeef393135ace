from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0017_officers_link_identities")]

    operations = [
        migrations.AlterField(
            model_name="officerrequest",
            name="act",
            field=models.CharField(
                choices=[
                    ("assign", "任命角色"),
                    ("end", "结束角色"),
                    ("hand_over", "交接角色"),
                    ("contact", "修改资料"),
                    ("reset", "重设密码"),
                    ("factor", "重设二次验证"),
                    ("identity", "绑定统一身份"),
                    ("enable", "启用账号"),
                ],
                max_length=20,
                verbose_name="事项",
            ),
        ),
        migrations.AlterField(
            model_name="officerrequest", name="said", field=models.TextField(verbose_name="内容")
        ),
    ]
