from django.db import migrations, models

NOTE = (
    "适用于二级及以下医疗卫生机构，三级机构不自动判定。学分25、学时90见文件；自学上限10据转载整理；一级机构任职周期全科10学分按通知保留；"
    "福建是否另有规定、自哪一年度起执行均待区人社局核定后再启用。"
)


def keep_general_practice(apps, schema_editor):
    """The alternative medical rules that shipped without it: 全科 for the first level (notice 一(三)2), levels named.

    A fresh system has no rows yet: they are loaded after the migrations (reference.py).
    """
    for rule_set in apps.get_model("verification_requirements", "RuleSet").objects.filter(code="medical-2024-20"):
        if not rule_set.levels:
            rule_set.levels, rule_set.note = ["first", "second"], NOTE
            rule_set.save()
        if not rule_set.rules.filter(code="general_practice").exists():
            rule_set.rules.create(
                position=rule_set.rules.count() + 1,
                code="general_practice",
                title="全科医学学分",
                source="通知 一(三)2",
                measure="credits",
                required="10",
                period="tenure",
                subjects=["general_practice"],
                levels=["first"],
            )


class Migration(migrations.Migration):
    dependencies = [("verification_requirements", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="ruleset",
            name="levels",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="卫生人员的规则只对写明的级别有效；其他人员的留空",
                verbose_name="适用的医疗机构级别",
            ),
        ),
        migrations.RunPython(keep_general_practice, migrations.RunPython.noop, elidable=True),
    ]
