"""Bodies answer on-line and are asked from a day to a day; a batch knows when it was sent to them."""

from datetime import timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from luojiang_ce import clock
from luojiang_ce.migrating import check_rows_now


def when_sent(apps, schema_editor):
    """From the log; a batch that is gathered has not been sent, or was taken back."""
    sent = apps.get_model("workflow", "Event").objects.filter(case_type="training_plans.planbatch", name="send")
    for batch in apps.get_model("training_plans", "PlanBatch").objects.exclude(state="gathering"):
        last = sent.filter(case_id=batch.pk).order_by("-pk").first()
        if last:
            batch.sent_at = last.at
            batch.save(update_fields=["sent_at"])


def last_days(apps, schema_editor):
    """Of a body that was out of use no day is known: it ends before whatever lies before the bodies now."""
    batches = apps.get_model("training_plans", "PlanBatch").objects.filter(state="consenting").exclude(sent_at=None)
    open_since = [clock.local(at).date() for at in batches.values_list("sent_at", flat=True)]
    last = min([clock.today(), *open_since]) - timedelta(days=1)
    apps.get_model("training_plans", "ConsentBody").objects.filter(active=False).update(ends_on=last)


class Migration(migrations.Migration):

    dependencies = [
        ('training_plans', '0005_project_changes'),
        ('units', '0009_when_an_account_was_shut_out'),
        ('workflow', '0004_handler_by_name'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ItemAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('objected', '不同意'), ('aside', '回避')], max_length=10, verbose_name='意见')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='理由')),
            ],
            options={
                'verbose_name': '单项意见',
                'ordering': ('item__plan', 'item__position'),
            },
        ),
        migrations.AlterModelOptions(
            name='consentbody',
            options={'ordering': ('position', 'pk'), 'verbose_name': '会签单位'},
        ),
        migrations.AddField(
            model_name='consent',
            name='way',
            field=models.CharField(choices=[('paper', '书面'), ('online', '网上')], default='paper', editable=False, max_length=10, verbose_name='方式'),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='edited_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='edited_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='ends_on',
            field=models.DateField(blank=True, null=True, verbose_name='止'),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='starts_on',
            field=models.DateField(blank=True, null=True, verbose_name='起'),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consent_bodies', to='units.unit', verbose_name='网上会签的单位'),
        ),
        migrations.AddField(
            model_name='consentbody',
            name='version',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='planbatch',
            name='sent_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='送会签时间'),
        ),
        migrations.RunPython(when_sent, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(last_days, migrations.RunPython.noop, elidable=True),
        check_rows_now(),
        migrations.RemoveField(
            model_name='consentbody',
            name='active',
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('way__in', ['paper', 'online'])), name='consent_way'),
        ),
        migrations.AddConstraint(
            model_name='consentbody',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='consentbody_days_in_order'),
        ),
        migrations.AddField(
            model_name='itemanswer',
            name='consent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='training_plans.consent'),
        ),
        migrations.AddField(
            model_name='itemanswer',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='training_plans.planitem'),
        ),
        migrations.AddConstraint(
            model_name='itemanswer',
            constraint=models.UniqueConstraint(fields=('consent', 'item'), name='itemanswer_once'),
        ),
        migrations.AddConstraint(
            model_name='itemanswer',
            constraint=models.CheckConstraint(condition=models.Q(('answer__in', ['objected', 'aside'])), name='itemanswer_answer'),
        ),
        migrations.AddConstraint(
            model_name='itemanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'objected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='itemanswer_has_reason'),
        ),
    ]
