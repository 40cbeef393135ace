"""Nobody is led to a page that does not exist for them: every link of the pages of plans, projects and classes."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import case_models
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import collect
from tests.units.views.helpers import browser
from training.plans.models import Plan
from units.models import Account

pytestmark = pytest.mark.django_db
KINDS = (
    *("training_plans.plan", "training_plans.planitem", "training_plans.planbatch", "training_plans.projectchange"),
    *("training_classes.classapplication", "training_changes.classchange", "training_recognition.recognition"),
)
STATES = [(key, state) for key in KINDS for state in case_models()[key].State.values]


def readers(district: District) -> dict[str, Account]:
    """Everybody of the district."""
    held = {each.name: getattr(district, each.name) for each in fields(district)}
    return {name: account for name, account in held.items() if isinstance(account, Account)}


def led_to(html: str) -> set[str]:
    """The pages of ours that the main part links to."""
    main = html[html.index("<main") :]
    return {each.partition("#")[0] for each in re.findall(r'<a [^>]*href="(/[^"]+)"', main)}


@pytest.mark.parametrize(("key", "state"), STATES, ids=[f"{key}-{state}" for key, state in STATES])
def test_no_link_leads_to_a_page_that_is_not_there(district: District, key: str, state: str) -> None:
    district.unit.supervisor = district.health
    district.unit.save()
    case: Any = collect()[key].build(district, state)
    if key != "training_plans.plan":  # what was published had been filed
        Plan.objects.update(state=Plan.State.CHECKED, first_submitted_at=clock.now())
    broken = []
    for name, account in readers(district).items():
        client = browser(account)
        page = client.get(case.get_absolute_url())
        if page.status_code != 200:
            continue
        statuses = {link: client.get(link.replace("&amp;", "&")).status_code for link in led_to(page.content.decode())}
        broken += [f"{name}: {link} {status}" for link, status in statuses.items() if status in (403, 404)]
    assert not broken
