"""What a migration does with what is there already."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.training.plans.factories import a_batch, a_plan, an_item
from training.plans.models import Plan, PlanBatch


@pytest.mark.django_db
def test_where_several_batches_gather_the_oldest_takes_over(district: District) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX planbatch_one_gathering")
    first, second, next_year = a_batch(), a_batch(), a_batch(year=2027)
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED)
    items = [an_item(plan), an_item(plan)]
    for item, batch in zip(items, (first, second), strict=True):
        type(item).objects.filter(pk=item.pk).update(batch=batch)
    import_module("training.plans.migrations.0002_one_gathering_batch").gather_into_the_oldest(apps, None)
    assert list(PlanBatch.objects.order_by("pk")) == [first, next_year]
    assert first.items.count() == 2


@pytest.mark.django_db
def test_a_batch_that_was_sent_knows_when(district: District) -> None:
    gathering, before_bodies, of_old = a_batch(), a_batch("consenting", 2027), a_batch("consenting", 2028)
    with clock.at(datetime(2026, 3, 5, 10, tzinfo=clock.SHANGHAI)):
        record(gathering, "send", actor=district.handler)
        sent = record(before_bodies, "send", actor=district.handler)
    import_module("training.plans.migrations.0006_consents_on_line").when_sent(apps, None)
    assert [PlanBatch.objects.get(pk=each.pk).sent_at for each in (gathering, before_bodies, of_old)] == [
        None,
        sent.at,
        None,
    ]
