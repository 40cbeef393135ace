"""Every text of one unit and its people is marked, and looked for in every page of everybody who has no business there.

Cases of every kind in every state are built for the district's unit and marked; then the same kinds for its neighbour.
Each outsider opens the pages without arguments, follows every link from there, and asks for the exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import EventNote
from tests.conftest import District
from tests.factories import UnitFactory, account_with, person_in
from tests.id_ends import text_of
from tests.luojiang_ce.access.matrix import ANONYMOUS
from tests.luojiang_ce.access.test_matrix import signed_in
from tests.luojiang_ce.access.urls import addresses
from tests.luojiang_ce.workflow.walk import collect
from tests.training.factories import class_of, enrol
from tests.transactions import of_the_test
from tests.verification.batches.samples import quick_record
from tests.verification.declarations.cases import declaration_of
from training.attendance.teacher.models import TeacherLink, TeacherTick
from training.classes.models import ClassApplication
from training.plans.models import PlanBatch, PlanItem
from units.models import Leave, Person, Unit
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]
MARK = "鸂鶒"  # two characters that stand nowhere else
OWN = ("units", "training", "verification", "luojiang_ce")
# What is nobody's in particular, though a case needed it: accounts, units and their approved scopes, what the bureau
# keeps for all.
EVERYBODYS = {
    "units.account", "units.officerrequest", "units.unit", "units.providerscope", "training_plans.consentbody",
    "papers.numberformat", "papers.seal", "verification_batches.slot", "interpretations.interpretation",
    "verification_requirements.ruleset", "verification_requirements.rule", "verification_requirements.figurechange",
    "verification_declarations.conversion", "proof.signingkey", "proof.leaf", "proof.node", "proof.treehead",
    "proof.witness", "proof.cosignature", "verification_record.trusteddistrict",
}  # fmt: skip
# What the three officers write to each other of accounts they read, all of them.
OFFICERS_NOTES = {"event__case_type": "units.officerrequest"}
# Whatever somebody wrote; codes, keys and addresses are written by nobody.
WRITTEN = re.compile("[\u4e00-\u9fff]")
OUTSIDERS = ("neighbour", "health_reviewer", "education_reviewer", "inspector", "system_admin", "security_admin")
# An approved class takes trainees of every unit of the district: its clerks read what is offered (C6).
OFFERED = "/classes/open/"
# Published projects and their approved sessions anybody may read, and of them these fields alone (training/classes).
PUBLISHED = "/published/"
PUBLIC = {
    PlanItem: ("title", "organiser", "co_organiser", "content", "audience", "place", "fee_document"),
    ClassApplication: ("title", "audience", "place", "fee_document"),
    PlanBatch: ("document_number",),
}
# The walk's papers are letters about a unit, seen wherever the unit is; those of cases are seen as their cases are.
ABOUT_UNITS = "papers.paper"
MOST_PAGES = 400


@pytest.fixture
def marked(district: District) -> int:
    """How many rows bear the mark; the neighbour has the same kinds of cases without it."""
    # The trainees from elsewhere work in a third unit, which has nobody who could look.
    third = UnitFactory(name="洛江区石溪林业站", is_provider=True)
    # Who is sent to inspect reads what he inspects; here others are.
    district = replace(district, inspector=account_with(Role.INSPECTOR, district.bureau))
    there = {model: set(model._base_manager.values_list("pk", flat=True)) for model in marked_models()}
    build_all(replace(district, neighbour_unit=third))
    rows = sum(mark(model, there[model]) for model in marked_models())
    neighbour = {"unit": district.neighbour_unit, "owner": district.neighbour, "colleague": district.neighbour}
    build_all(replace(district, neighbour_unit=third, **neighbour))
    return rows


def build_all(district: District) -> None:
    """A case of every kind in every state, as far as one unit may have so many; and somebody on sick leave."""
    for kind in (each for key, each in collect().items() if key != ABOUT_UNITS):
        for state in kind.model.State.values:
            try:
                with of_the_test():
                    case = kind.build(district, state)
                    record(case, "edited", actor=district.owner, note=f"{case} 备注")
            except (IntegrityError, NotImplementedError):
                continue
    a_link_of_a_class_teacher(district)
    person = person_in(district.unit, "莫知之", note="备注")
    today = clock.today()
    facts = {"starts_on": today, "ends_on": today.replace(year=today.year + 1), "first_submitted_at": clock.now()}
    Leave.objects.create(person=person, unit=district.unit, reason="sickness", detail="住院", state="approved", **facts)


def a_link_of_a_class_teacher(district: District) -> None:
    """Of a class that is on, with a tick that was refused."""
    course = class_of(district.unit, opens_on=clock.today())
    link = TeacherLink.objects.create(application=course, holder="顾清和", digest=course.pk, made_by=district.owner)
    trainee = enrol(course, person_in(district.unit, "王小明"))
    half_day = {"date": course.opens_on, "half_day": "morning", "kind": "in", "at": clock.now()}
    said = {"do": "undo", "reason": "点错了人", "doubt": "时间存疑", "outcome": "refused", "said": "请交专办员核对"}
    TeacherTick.objects.create(link=link, client_id=uuid4(), enrolment=trainee, **half_day, **said)


def marked_models() -> Iterator[Any]:
    for model in apps.get_models():
        if model.__module__.split(".")[0] in OWN and model._meta.label_lower not in EVERYBODYS and model._meta.managed:
            yield model


def mark(model: Any, there: set[Any]) -> int:
    """Every text of every row that was not there before; how many. Triggers of append-only tables are off for it."""
    texts = [
        each.attname
        for each in model._meta.concrete_fields
        if isinstance(each, (models.CharField, models.TextField)) and not each.choices and not each.primary_key
        if not each.unique
    ]
    written = model._base_manager.exclude(pk__in=there)
    if model is EventNote:
        written = written.exclude(**OFFICERS_NOTES)
    rows = list(written.values("pk", *texts)) if texts else []
    with connection.cursor() as cursor:
        where = "type = 'trigger' AND tbl_name = %s"
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE {where}", [model._meta.db_table])
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
    for row in rows:
        told = {name: f"{row[name]}{MARK}" for name in texts if WRITTEN.search(row[name] or "")}
        if told:
            model._base_manager.filter(pk=row["pk"]).update(**told)
    with connection.cursor() as cursor:
        for _, sql in triggers:
            cursor.execute(sql)
    return len(rows)


def public_texts() -> list[str]:
    """What stands in the public fields, as pages write it; the longest first."""
    rows = (row for model, names in PUBLIC.items() for row in model._base_manager.values_list(*names))
    return sorted({escape(text) for row in rows for text in row if MARK in text}, key=len, reverse=True)


@pytest.mark.parametrize("person", [*OUTSIDERS, ANONYMOUS])
def test_nobody_reads_what_is_another_units(person: str, district: District, marked: int) -> None:
    assert marked > 100
    seen = dict(pages_of(signed_in(district, person)))
    assert len(seen) > (3 if person == ANONYMOUS else 5)
    public = public_texts()
    for address in (each for each in seen if each.startswith(PUBLISHED)):
        for text in public:
            seen[address] = seen[address].replace(text, "")
    found = {address: excerpt(text) for address, text in seen.items() if MARK in text}
    if person == "neighbour":
        found = {address: said for address, said in found.items() if not address.startswith(OFFERED)}
    assert found == {}


@pytest.mark.parametrize("person", ["owner", "handler"])
def test_the_mark_is_there_for_whom_it_may_be(person: str, district: District, marked: int) -> None:
    found = [address for address, text in pages_of(signed_in(district, person)) if MARK in text]
    assert len(found) > 20


def pages_of(client: Client) -> Iterator[tuple[str, str]]:
    """Every page that the person comes to, by following links, and what it says."""
    waiting = [
        address for each in addresses() if (address := without_arguments(each.name)) and "sign-out" not in address
    ]
    known = set(waiting)
    while waiting:
        address = waiting.pop(0)
        response = client.get(address)
        if response.status_code == 200:
            text = text_of(response)
            yield address, text
            fresh = [link for link in links_in(text) if link not in known][: max(MOST_PAGES - len(known), 0)]
            known.update(fresh)
            waiting += fresh


def without_arguments(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


def links_in(text: str) -> list[str]:
    found = re.findall(r'href="(/[^"#]*)"', text)
    return [link.replace("&amp;", "&") for link in dict.fromkeys(found) if not link.startswith("/static/")]


def excerpt(text: str) -> str:
    place = text.index(MARK)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text[max(place - 400, 0) : place + 20]))[-150:]


class TestOnesPast:
    """Somebody moved: what the new unit files and learns is not shown to the old one."""

    def test_the_old_record_and_declaration_show_nothing_of_now(self, district: District) -> None:
        record_ = quick_record(district)
        person: Person = record_.person
        old = declaration_of(district.unit, person, state="accepted", first_submitted_at=clock.now())
        moved(person, district.neighbour_unit)
        declaration_of(
            district.neighbour_unit, person, title=f"新单位的课{MARK}", state="submitted", year=record_.year,
            first_submitted_at=clock.now(),
        )  # fmt: skip
        post_hours(person, record_.year, old)
        for address in (record_.get_absolute_url(), old.get_absolute_url()):
            for name, sees in (("owner", False), ("handler", True)):
                response = signed_in(district, name).get(address)
                assert response.status_code == 200
                shows = MARK in response.content.decode() or "达标情况</h2>" in response.content.decode()
                assert shows is sees, (address, name)


def moved(person: Person, unit: Unit) -> None:
    person.employments.update(ended_on=clock.today(), end_reason="moved")
    person.employments.create(unit=unit)


def post_hours(person: Person, year: int, source: Any) -> None:
    """An entry that the new unit brought in."""
    LedgerEntry.objects.create(
        person=person, year=year, measure="hours", subject="professional", amount="9", form="class",
        title=f"新单位的班{MARK}", source_type=source._meta.label_lower, source_id=source.pk,
    )  # fmt: skip
