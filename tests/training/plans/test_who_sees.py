"""Of a published batch a unit sees what the document publishes, and its own items; what the bodies wrote stays with
those who asked them."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.training.plans.factories import a_batch, a_plan, agreed_by_both, an_item
from tests.units.views.helpers import browser
from training.plans.models import PlanBatch

pytestmark = pytest.mark.django_db
WROTE = "禾山站一项与机构职能不符"


@pytest.fixture
def batch(district: District) -> PlanBatch:
    made = a_batch(PlanBatch.State.PUBLISHED, document_number="泉洛政人社〔2026〕15号", published_on=date(2026, 3, 16))
    agreed_by_both(made, district.handler)
    made.consents.update(note=WROTE)
    record(made, "consent", actor=district.handler, note=WROTE)
    for unit, whose, number in ((district.unit, "自己", 1), (district.neighbour_unit, "别人", 2)):
        plan = a_plan(unit, state="checked", first_submitted_at=clock.now())
        an_item(plan, "published", batch=made, title=f"{whose}的项目", number=f"LJ2026-00{number}")
        an_item(plan, "struck", batch=made, title=f"{whose}未同意的项目")
    return made


@pytest.mark.parametrize(
    ("name", "sees_all"),
    [("owner", False), ("handler", True), ("approver", True), ("consent", True), ("audit_admin", True)],
)
def test_the_page_and_the_scans(name: str, *, sees_all: bool, batch: PlanBatch, district: District) -> None:
    client = browser(getattr(district, name))
    page = client.get(batch.get_absolute_url()).content.decode()
    assert all(title in page for title in ("自己的项目", "自己未同意的项目", "别人的项目"))
    scans = [reverse("files:download", args=[file.uid]) for file in Attachment.objects.of(batch)]
    assert [text in page for text in ("别人未同意的项目", WROTE, *scans)] == [sees_all] * 4
    answers = [client.get(scan) for scan in scans]
    assert [b"".join(each)[:4] == b"\x89PNG" for each in answers if each.status_code == 200] == [True] * 2 * sees_all
    assert {each.status_code for each in answers} == {200 if sees_all else 404}


def test_a_project_of_another_unit_is_named_but_leads_nowhere(batch: PlanBatch, district: District) -> None:
    page = browser(district.owner).get(batch.get_absolute_url()).content.decode()
    links = {item.title: item.get_absolute_url() in page for item in batch.items.all()}
    assert links == {"自己的项目": True, "自己未同意的项目": True, "别人的项目": False, "别人未同意的项目": False}


def test_a_unit_without_an_item_in_it_sees_no_batch(batch: PlanBatch, district: District) -> None:
    batch.items.filter(unit=district.unit).delete()
    assert browser(district.owner).get(batch.get_absolute_url()).status_code == 404
