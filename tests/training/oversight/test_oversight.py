"""S11: 纪检 reads plans, consents, publications and decisions; nothing of a person is found on any page of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.luojiang_ce.access.test_canary import OWN, build_all, pages_of
from tests.luojiang_ce.access.test_matrix import signed_in
from tests.training.classes.factories import an_application
from tests.training.inspections.decisions.factories import a_draft, moved
from tests.training.inspections.draws.factories import a_draw, asked, drawn
from tests.training.inspections.factories import a_finding, a_visit, recorded
from tests.training.plans.factories import a_batch, a_plan, agreed_by_both, an_item, two_bodies
from tests.units.views.helpers import browser
from training.classes.models import ClassApplication
from training.classes.papers import request_opening_notice
from training.inspections.models import Inspection
from training.oversight.reading import SOMEBODY, without_names
from training.plans.models import Consent, ItemAnswer, PlanBatch
from units.models import Account

pytestmark = pytest.mark.django_db
MARK = "鸂鶒"  # two characters that stand nowhere else
# What names somebody, or tells how to reach or find one, whatever the model.
OF_PEOPLE = {
    "contact", "class_teacher", "filler", "leader", "lecturers", "person", "phone", "email", "employer", "id_end",
    "specialty", "post", "detail", "username", "signer", "reporter",
}  # fmt: skip
WITH_NAMES = {
    "units.account", "units.person", "training_classes.lecturer", "training_classes.enrolment", "units.release",
}  # fmt: skip


def marked_columns() -> list[tuple[Any, str]]:
    """Every column with a person's name or address."""
    found = []
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in OWN or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, (models.CharField, models.TextField)) or field.choices or field.unique:
                continue
            if field.name in OF_PEOPLE or (field.name == "name" and model._meta.label_lower in WITH_NAMES):
                found.append((model, field.name))
    return found


@pytest.fixture
def marked(district: District) -> int:
    """Cases of every kind and state; whatever names somebody bears the mark, and so does every reason typed."""
    build_all(replace(district, neighbour_unit=UnitFactory(name="洛江区石溪林业站", is_provider=True)))
    batch = PlanBatch.objects.filter(state="consenting").first() or a_batch(PlanBatch.State.CONSENTING)
    agreed_by_both(batch, district.handler)
    person = person_in(district.unit, "莫怀瑾")
    item = an_item(a_plan(district.unit, 2019, "checked", first_submitted_at=clock.now()), "batched", batch=batch)
    consent, why = Consent.objects.filter(batch=batch).first(), f"{person.name}{MARK}无资质"
    ItemAnswer.objects.create(consent=consent, item=item, answer="objected", reason=why)
    count = 0
    for model, name in marked_columns():
        rows = model._base_manager.exclude(**{name: ""}).exclude(pk=district.overseer.pk if model is Account else None)
        for row in rows.values("pk", name):
            if len(row[name] or "") + len(MARK) <= model._meta.get_field(name).max_length:
                count += model._base_manager.filter(pk=row["pk"]).update(**{name: f"{row[name]}{MARK}"})
    fire(item, "strike", actor=district.fresh(district.handler), note=why, data={"body": two_bodies()[0]})
    record(batch, "edited", actor=district.handler, note=f"莫怀瑾{MARK}")
    return count


@pytest.mark.thorough
def test_nothing_of_a_person_is_found_on_any_page(district: District, marked: int) -> None:
    assert marked > 100
    seen = dict(pages_of(signed_in(district, "overseer")))
    assert sum(address.startswith("/oversight/") for address in seen) > 10
    assert {address for address, text in seen.items() if MARK in text or "莫怀瑾" in text} == set()
    assert "果蔬冷链保鲜技术培训班" in "".join(seen.values())
    assert f"{SOMEBODY}无资质" in "".join(seen.values())


@pytest.mark.thorough
def test_the_mark_is_there_for_whom_it_may_be(district: District, marked: int) -> None:
    assert sum(MARK in text for _, text in pages_of(signed_in(district, "handler"))) > 20


def test_it_reads_and_does_nothing(district: District) -> None:
    batch = a_batch(PlanBatch.State.CONSENTING)
    item = an_item(a_plan(district.unit, state="checked", first_submitted_at=clock.now()), "batched", batch=batch)
    client = browser(district.overseer)
    for address in (batch.get_absolute_url(), item.get_absolute_url(), item.plan.get_absolute_url()):
        assert client.get(address).status_code == 404
    page = client.get(reverse("oversight:batch", args=[batch.pk])).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert item.title in main
    assert client.post(reverse("oversight:batch", args=[batch.pk])).status_code == 405


def test_decisions_are_told_by_office_with_their_reason(district: District) -> None:
    plan = a_plan(district.unit, state="submitted", first_submitted_at=clock.now())
    fire(plan, "refuse", actor=district.approver, note=f"{district.owner.name}报送的材料与上年相同")
    page = browser(district.overseer).get(reverse("oversight:plan", args=[plan.pk])).content.decode()
    assert "区人社局审批 不予受理" in page
    assert f"{SOMEBODY}报送的材料与上年相同" in page
    assert district.approver.name not in page


def test_names_are_masked_wherever_they_are_known_from(district: District) -> None:
    person_in(district.unit, "阮听雪")
    assert without_names(["阮听雪与阮听雪的班", "", "阮听"]) == [f"{SOMEBODY}与{SOMEBODY}的班", "", "阮听"]
    assert "350000" not in without_names(["证件 350000199001011234"])[0]


def test_decisions_on_classes_come_with_their_papers_and_why_a_scope_was_passed(district: District) -> None:
    case = an_application(district.unit, ClassApplication.State.APPROVED)
    ClassApplication.objects.filter(pk=case.pk).update(scope_passed=f"{district.owner.name}来函，应急需要")
    request_opening_notice(case, district.approver)
    sweep()
    paper = Paper.objects.of(case).get()
    page = browser(district.overseer).get(reverse("oversight:classes")).content.decode()
    assert f"超出核定资质，仍准予开班：{SOMEBODY}来函，应急需要" in page
    assert reverse("papers:check_code", args=[paper.code]) in page


def test_visits_are_told_without_who_was_there(district: District) -> None:
    announced = a_visit(district)
    case = recorded(district, a_finding(), case=a_visit(district, None, place="3 楼", event_name="顾清和讲座"))
    fire(case, "take_up", actor=district.handler)
    fire(case, "close_without", actor=district.approver, note="顾清和已当场改正")
    text = browser(district.overseer).get(reverse("oversight:inspections")).content.decode()
    assert "弄虚作假" in text
    assert f"不作处理：{SOMEBODY}已当场改正" in text
    for hidden in ("顾清和", district.inspector.name, announced.number):
        assert hidden not in text


def test_decisions_name_nobody_either(district: District) -> None:
    case = a_visit(district, None, place="3 楼", event_name="顾清和讲座")
    case = recorded(district, a_finding(), case=case)
    fire(case, "take_up", actor=district.handler)
    made = a_draft(district, None, visit=case, reason="顾清和未经核准开展")
    moved(district, made, "tell")
    text = browser(district.overseer).get(reverse("oversight:decisions")).content.decode()
    assert f"{SOMEBODY}讲座" in text
    assert "顾清和" not in text


def test_draws_are_told_without_what_was_drawn_and_who_is_sent(district: District) -> None:
    given_up = a_draw(district, classes=2)
    fire(given_up, "cancel", actor=district.handler, note=f"{district.owner.name}来电")
    case = drawn(a_draw(district, classes=0, count=2), district)
    fire(case, "assign", actor=district.handler)
    check = asked(district)
    client = browser(district.overseer)
    text = client.get(reverse("oversight:draws")).content.decode()
    for said in (given_up.number, f"{SOMEBODY}来电", case.number, "安排 2 次，已检查 0 次", "待提供原件 1 份"):
        assert said in text
    for hidden in (district.inspector.name, check.declaration.title, str(Inspection.objects.first().application)):
        assert hidden not in text
    assert client.get(case.get_absolute_url()).status_code == 404


def test_the_pages_ask_the_database_as_often_for_many(district: District) -> None:
    counted = []
    for number, year in ((3, 2030), (30, 2031)):
        batch = a_batch(PlanBatch.State.CONSENTING, year)
        agreed_by_both(batch, district.handler)
        for _ in range(number):
            plan = a_plan(UnitFactory(), year, "checked", first_submitted_at=clock.now())
            an_item(plan, "batched", batch=batch)
            agreed_by_both(a_batch(PlanBatch.State.CONSENTING, year), district.handler)
            an_application(district.unit, ClassApplication.State.APPROVED)
        counted += [queries(district, reverse(f"oversight:{address}")) for address in ("batches", "plans", "classes")]
        counted.append(queries(district, reverse("oversight:batch", args=[batch.pk])))
    assert counted[:4] == counted[4:]
    assert max(counted[:3]) <= 12
    assert counted[3] <= 20


def queries(district: District, address: str) -> int:
    client = browser(district.overseer)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
