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
    ]
