import django.db.models.deletion
import luojiang_ce.clock
from django.conf import settings
from django.db import migrations, models


def active_is_in_force(apps, schema_editor):
    """What was switched on is in force, what was switched off is a spare set."""
    for active, state in ((True, "in_force"), (False, "off")):
        apps.get_model("verification_requirements", "RuleSet").objects.filter(active=active).update(state=state)


def in_force_is_active(apps, schema_editor):
    apps.get_model("verification_requirements", "RuleSet").objects.filter(state="in_force").update(active=True)


class Migration(migrations.Migration):

    dependencies = [
        ('units', '0011_role_of_oversight'),
        ('verification_requirements', '0002_alternative_keeps_general_practice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='试算时的版本')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('people', models.PositiveIntegerField(verbose_name='试算人数')),
                ('filed', models.PositiveIntegerField(verbose_name='已报送而不变的人数')),
                ('made_at', models.DateTimeField(default=luojiang_ce.clock.now, verbose_name='试算时间')),
            ],
            options={
                'verbose_name': '规则试算',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='TrialLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(choices=[('met', '达标'), ('unmet', '未达标'), ('in_progress', '进行中'), ('undetermined', '未判定')], max_length=20, verbose_name='现行规则')),
                ('after', models.CharField(choices=[('met', '达标'), ('unmet', '未达标'), ('in_progress', '进行中'), ('undetermined', '未判定')], max_length=20, verbose_name='按此规则')),
            ],
            options={
                'verbose_name': '规则试算',
                'ordering': ('unit__code', 'person__pinyin', 'pk'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='rule',
            name='rule_has_one_source_of_its_figure',
        ),
        migrations.AddField(
            model_name='rule',
            name='edited_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='rule',
            name='edited_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rule',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='created_at',
            field=models.DateTimeField(default=luojiang_ce.clock.now, editable=False, verbose_name='建立时间'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='建立人'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='edited_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='edited_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='first_submitted_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='首次提交时间'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='replaces',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='verification_requirements.ruleset', verbose_name='修订自'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='series',
            field=models.JSONField(blank=True, default=list, help_text='一行一个，与人员信息里的“系列”写法一致；不限的留空', verbose_name='只适用于这些系列'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='state',
            field=models.CharField(choices=[('draft', '拟定中'), ('proposed', '待审批'), ('in_force', '执行中'), ('off', '备用，未启用')], default='draft', editable=False, max_length=20, verbose_name='状态'),
        ),
        migrations.RunPython(active_is_in_force, in_force_is_active, elidable=True),
        migrations.RemoveField(
            model_name='ruleset',
            name='active',
        ),
        migrations.AddField(
            model_name='ruleset',
            name='submitted_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='最近提交时间'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='rule',
            name='code',
            field=models.SlugField(editable=False, max_length=30, verbose_name='代码'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='position',
            field=models.PositiveSmallIntegerField(editable=False, verbose_name='次序'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='rule_set',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='verification_requirements.ruleset', verbose_name='规则'),
        ),
        migrations.AlterField(
            model_name='rule',
            name='source',
            field=models.CharField(help_text='文件和条款，如 通知 一(三)1', max_length=100, verbose_name='依据条款'),
        ),
        migrations.AlterField(
            model_name='ruleset',
            name='code',
            field=models.SlugField(editable=False, max_length=40, unique=True, verbose_name='代码'),
        ),
        migrations.AlterField(
            model_name='ruleset',
            name='document',
            field=models.CharField(help_text='文件名、文号和条款', max_length=300, verbose_name='依据'),
        ),
        migrations.AlterField(
            model_name='ruleset',
            name='last_year',
            field=models.PositiveSmallIntegerField(blank=True, help_text='没有写明的留空', null=True, verbose_name='至哪一年度止'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('required', None), models.Q(('required__gt', 0), ('setting', '')), _connector='OR'), name='rule_has_one_source_of_its_figure'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'proposed', 'in_force', 'off'])), name='rules_state'),
        ),
        migrations.AddField(
            model_name='trial',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='试算人'),
        ),
        migrations.AddField(
            model_name='trial',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='verification_requirements.ruleset', verbose_name='规则'),
        ),
        migrations.AddField(
            model_name='trialline',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='units.person', verbose_name='人员'),
        ),
        migrations.AddField(
            model_name='trialline',
            name='trial',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='verification_requirements.trial'),
        ),
        migrations.AddField(
            model_name='trialline',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='单位'),
        ),
        migrations.AddConstraint(
            model_name='trialline',
            constraint=models.UniqueConstraint(fields=('trial', 'person'), name='trial_line_once'),
        ),
    ]
