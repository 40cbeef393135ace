from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('proof', '0002_a_name_for_the_tree_that_stays'),
    ]

    operations = [
        migrations.AlterField(
            model_name='signingkey',
            name='purpose',
            field=models.CharField(choices=[('statements', '文书上的签名和撤销清单'), ('tree', '收录证明的树根'), ('records', '继续教育电子记录'), ('archive', '年度归档包的清单')], max_length=12, verbose_name='用途'),
        ),
        migrations.AlterField(
            model_name='signingkey',
            name='origin',
            field=models.CharField(blank=True, max_length=200, verbose_name='署名'),
        ),
        migrations.RemoveConstraint(
            model_name='signingkey',
            name='tree_key_has_an_origin',
        ),
        migrations.AddConstraint(
            model_name='signingkey',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose__in', ['tree', 'records']), _negated=True), models.Q(('origin', ''), _negated=True), _connector='OR'), name='key_has_an_origin'),
        ),
    ]
