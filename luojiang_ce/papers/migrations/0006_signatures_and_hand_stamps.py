import django.db.models.deletion
import luojiang_ce.clock
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q

from luojiang_ce.migrating import check_rows_now
from luojiang_ce.workflow.triggers import append_only, release

REGISTER, MORE = "papers_sealuse", ("papers_sealapplied", "papers_papersignature")


def say_how(apps, editor):
    """Of each line how its seal reached the paper: as its remark has it, or the picture that the paper bears."""
    lines, papers = apps.get_model("papers", "SealUse").objects, apps.get_model("papers", "Paper").objects
    lines.filter(remark="留白，待手工加盖").update(way="blank")
    own = Q(seal=OuterRef("seal"), picture__isnull=False)
    other = Q(second_seal=OuterRef("seal"), second_picture__isnull=False)
    pictured = papers.filter(own | other, pk=OuterRef("paper"))
    lines.filter(Exists(pictured), way="drawn").update(way="picture")


class Migration(migrations.Migration):

    dependencies = [
        ('papers', '0005_papers_of_two_seals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaperSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=40, verbose_name='签名域')),
                ('signer', models.CharField(max_length=60, verbose_name='签名证书')),
                ('subject', models.CharField(max_length=300, verbose_name='证书持有者')),
                ('issuer', models.CharField(max_length=300, verbose_name='证书签发者')),
                ('serial', models.CharField(max_length=60, verbose_name='证书序列号')),
                ('certificate_sha256', models.CharField(db_index=True, max_length=64, verbose_name='证书指纹')),
                ('valid_to', models.DateTimeField(verbose_name='证书到期')),
                ('digest', models.CharField(max_length=20, verbose_name='摘要算法')),
                ('algorithm', models.CharField(max_length=40, verbose_name='签名算法')),
                ('level', models.CharField(max_length=20, verbose_name='签名级别')),
                ('signed_at', models.DateTimeField(verbose_name='签名时间')),
                ('timestamped_at', models.DateTimeField(null=True, verbose_name='时间戳时间')),
                ('timestamped_by', models.CharField(blank=True, max_length=300, verbose_name='时间戳机构')),
            ],
            options={
                'verbose_name': '数字签名',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='SealApplied',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('copies', models.PositiveSmallIntegerField(verbose_name='加盖份数')),
                ('applied_at', models.DateTimeField(verbose_name='加盖时间')),
                ('keeper_name', models.CharField(max_length=50, verbose_name='加盖人')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='说明')),
                ('entered_at', models.DateTimeField(default=luojiang_ce.clock.now, verbose_name='登记时间')),
            ],
            options={
                'verbose_name': '手工加盖',
                'ordering': ('pk',),
            },
        ),
        migrations.AddField(
            model_name='paper',
            name='second_approver',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='seal',
            name='signer',
            field=models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='签名证书'),
        ),
        migrations.AddField(
            model_name='seal',
            name='approved_at',
            field=models.DateTimeField(default=luojiang_ce.clock.now, null=True, verbose_name='批准时间'),
        ),
        migrations.AddField(
            model_name='seal',
            name='approved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='seal',
            name='registered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sealuse',
            name='way',
            field=models.CharField(choices=[('blank', '留白，手工加盖'), ('drawn', '套印图样'), ('picture', '套印上传的图样'), ('signed', '数字签名')], db_default='drawn', default='drawn', max_length=10, verbose_name='用印方式'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='paper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='papers.paper'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='seal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='papers.seal'),
        ),
        migrations.AddField(
            model_name='sealapplied',
            name='keeper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sealapplied',
            name='use',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='applied', to='papers.sealuse'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.UniqueConstraint(fields=('paper', 'field'), name='signature_once'),
        ),
        migrations.AddConstraint(
            model_name='sealapplied',
            constraint=models.UniqueConstraint(condition=models.Q(('note', '')), fields=('use',), name='applied_once'),
        ),
        # The lines are written to once, before anything can rely on the new column.
        migrations.RunPython(lambda apps, editor: release(editor, (REGISTER,)), migrations.RunPython.noop),
        migrations.RunPython(say_how, migrations.RunPython.noop),
        check_rows_now(),
        migrations.AddIndex(
            model_name='sealuse',
            index=models.Index(condition=models.Q(('way', 'blank')), fields=['seal'], name='seal_use_by_hand'),
        ),
        append_only(REGISTER, *MORE),
    ]
