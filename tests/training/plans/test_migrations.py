"""What a migration does with what is there already."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

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
