from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("verification_own_record", "0002_which_slip_put_it_and_its_misses")]

    operations = [
        migrations.AddField(
            "objection",
            "part",
            models.CharField(
                blank=True,
                choices=[
                    ("name", "姓名"),
                    ("birth", "出生年月、性别、证件"),
                    ("unit", "工作单位、部门"),
                    ("title", "专业技术职务、任职时间"),
                    ("certificate", "证书编号"),
                ],
                default="",
                max_length=12,
                verbose_name="个人信息",
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "objection",
            models.CheckConstraint(
                condition=models.Q(("part", ""), ("entry", None), _connector="OR"), name="objection_of_one_thing"
            ),
        ),
    ]
