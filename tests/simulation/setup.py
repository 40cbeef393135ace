"""The district of a scenario: units, accounts, seals, people, the bureau's figures. Every name is invented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

from django.core.management import call_command

from luojiang_ce.access import OFFICERS, Role
from luojiang_ce.papers.seeds import load_seals
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM
from tests.factories import id_number
from training.choices import Category
from training.classes.models import CatalogueCourse, ClassApplication, CourseEntitlement
from training.classes.services.catalogue import keep
from training.inspections.decisions.models import Decision
from training.plans.models import PlanItem
from units.demo import account
from units.models import Certificate, Employment, Person, StudyPeriod, Unit
from units.services import (
    Newcomer,
    add_scope,
    assign_role,
    create_account,
    create_unit,
    enrol,
    save_certificate,
    save_period,
)
from units.services.bootstrap import FirstOfficer, set_up
from units.services.certificates import kind_for, set_pattern
from verification.batches.seasons import set_season
from verification.direct.models import DirectTraining
from verification.requirements.models import Setting
from verification.requirements.services import set_figure

BUREAU, HEALTH, EDU = "BUREAU", "HEALTH", "EDU"
SINCE = date(2010, 1, 1)  # before every scenario
PAPER = "情景文件（虚构）"
# Who works at the bureau and the authorities. The names of the accounts are those of the demo, so that what is typed
# and drawn there for an inspection can be taken as it is. No person holds two of them: four eyes everywhere.
STAFF: tuple[tuple[str, str, Role, str], ...] = (
    ("handler", "林知秋", Role.BUREAU_HANDLER, BUREAU),
    ("approver", "沈听澜", Role.BUREAU_APPROVER, BUREAU),
    ("keeper", "顾清和", Role.SEAL_KEEPER, BUREAU),
    ("inspector", "陆怀远", Role.INSPECTOR, BUREAU),
    ("inspector2", "祁晏舟", Role.INSPECTOR, BUREAU),
    ("health", "傅以宁", Role.HEALTH_REVIEWER, HEALTH),
    ("health-keeper", "裴南枝", Role.SEAL_KEEPER, HEALTH),
    ("education", "夏知远", Role.EDUCATION_REVIEWER, EDU),
    ("education-keeper", "江晚照", Role.SEAL_KEEPER, EDU),
)
# They file as units do: the health authority for its units (notice 二(一)), each for its own people.
CLERKS = tuple((f"clerk-{unit.lower()}", f"专办员{unit}", Role.UNIT_CLERK, unit) for unit in (BUREAU, HEALTH, EDU))
KEEPERS = {BUREAU: "keeper", HEALTH: "health-keeper", EDU: "education-keeper"}
REVIEWERS = {HEALTH: "health", EDU: "education"}
AUTHORITIES = {HEALTH: "洛江区卫生健康局", EDU: "洛江区教育局"}
SURNAMES, GIVEN = "温岳韩白卫欧陶苏方许程薛范石龚贺", "若砚长沐知清远宁安和景云书言溪禾"


@dataclass
class World:
    """What a scenario calls by its own keys."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    items: dict[str, tuple[PlanItem, Mapping[str, Any]]] = field(default_factory=dict)
    classes: dict[str, ClassApplication] = field(default_factory=dict)
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
    directs: list[DirectTraining] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def build(scenario: Mapping[str, Any]) -> World:
    """The empty migrated database becomes the scenario's district, as of the clock."""
    world = World()
    _bureau(world)
    supervising = {row.get("supervisor") for row in scenario["units"]}
    for row in _supervisors_first(scenario["units"]):
        _unit(world, row, supervises=row["code"] in supervising)
    first, last = (int(day[:4]) for day in (min(each["on"] for each in scenario["events"]), scenario["until"]))
    settings = scenario.get("settings") or {}
    _figures(settings, range(first - 5, last + 6))
    _seasons(settings.get("season_end") or {})
    _catalogue(world, scenario.get("catalogue") or ())
    for serial, row in enumerate(scenario["people"], 1):
        world.people[row["key"]] = _person(world, serial, row)
    return world


def _supervisors_first(rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """A unit may be named before the one that supervises it."""
    waiting, known = list(rows), {BUREAU, *AUTHORITIES}
    while ready := [row for row in waiting if (row.get("supervisor") or BUREAU) in known]:
        yield from ready
        known |= {row["code"] for row in ready}
        waiting = [row for row in waiting if row["code"] not in known]
    if waiting:
        raise ValueError(f"units that nobody supervises: {[row['code'] for row in waiting]}")


# --- units and accounts -----------------------------------------------------------------------------------------------


def _bureau(world: World) -> None:
    """The bureau with its officers, both authorities, everybody's account, the seals."""
    officers = {
        Role.SYSTEM_ADMIN: FirstOfficer("system", "程致和"),
        Role.SECURITY_ADMIN: FirstOfficer("safe", "许令仪"),
    }
    set_up(officers=officers, bureau_code=BUREAU)
    world.units[BUREAU] = Unit.objects.get(code=BUREAU)
    for code, name in AUTHORITIES.items():
        facts: dict[str, Any] = {"name": name, "nature": Unit.Nature.DISTRICT, "is_authority": True}
        world.units[code] = create_unit(actor=SYSTEM, code=code, **facts)
    for username, name, role, unit in (*STAFF, *CLERKS):
        _account(username, name, role, world.units[unit])
    call_command("load_reference", stdout=_Nowhere())
    load_seals(world.units, demo=False, entries=[_seal(code, name) for code, name in AUTHORITIES.items()])
    for kind, begins in ((Certificate.Kind.GENERAL, "洛继教"), (Certificate.Kind.MEDICAL, "洛医继")):
        set_pattern(kind=kind, typed=f"{begins}{{年}}{{序号:5}}", following=1, actor=account("system"))


def _seal(owner: str, name: str) -> dict[str, str]:
    words = {"name": f"{name}验证专用章", "arc_text": name, "line_text": "验证专用章"}
    return {"owner": owner, "purpose": "verification", "first_day": SINCE.isoformat(), **words}


class _Nowhere:
    """Where a command's lines go: the program prints its result alone."""

    def write(self, text: str) -> int:
        return len(text)


def _account(username: str, name: str, role: Role, unit: Unit) -> None:
    opened = create_account(username=username, name=name, actor=account("system"))
    second = account("system") if role in OFFICERS else None
    given = {"role": role, "unit": unit, "valid_from": SINCE, "second": second}
    assign_role(account=opened.account, actor=account("safe"), **given)


def _unit(world: World, row: Mapping[str, Any], *, supervises: bool) -> None:
    facts: dict[str, Any] = {
        "name": f"洛江区情景单位{row['code']}",
        "nature": row["nature"],
        "supervisor": world.units.get(row.get("supervisor") or ""),
        "medical_level": row.get("medical_level") or "",
        "is_provider": row.get("provider", False),
        "is_authority": supervises,
        "phone": "0595-0000-0126",
    }
    unit = world.units[row["code"]] = create_unit(actor=SYSTEM, code=row["code"], **facts)
    _account(f"clerk-{row['code'].lower()}", f"专办员{row['code']}", Role.UNIT_CLERK, unit)
    if unit.is_provider:
        whole: dict[str, Any] = {"subject": "各类专业技术人员培训", "valid_from": SINCE, "document": PAPER}
        add_scope(unit=unit, actor=account("handler"), categories=Category.values, **whole)
        row_of = CourseEntitlement(unit=unit, course=None, document=PAPER, valid_from=SINCE)
        keep(row=row_of, actor=account("handler"))


# --- what the bureau has entered --------------------------------------------------------------------------------------


def _figures(settings: Mapping[str, Any], years: range) -> None:
    """The same figure for every year that the scenario can touch."""
    for key, year in product(Setting.values, years):
        if amount := settings.get(key):
            set_figure(year=year, key=key, amount=Decimal(str(amount)), document=PAPER, actor=account("approver"))


def _seasons(days: Mapping[str, str]) -> None:
    for year, day in days.items():
        set_season(year=int(year), last_day=date.fromisoformat(day), document=PAPER, actor=account("approver"))


def _catalogue(world: World, names: Any) -> None:
    for name in names:
        keep(row=CatalogueCourse(name=name, first_year=SINCE.year, document=PAPER), actor=account("handler"))


# --- people -----------------------------------------------------------------------------------------------------------


def _person(world: World, serial: int, row: Mapping[str, Any]) -> Person:
    unit = world.units[row["unit"]]
    clerk = account(f"clerk-{unit.code.lower()}")
    newcomer = Newcomer(_name(serial), Person.IdKind.RESIDENT, id_number(serial), row["category"])
    person = enrol(unit=unit, newcomer=newcomer, started_on=SINCE, actor=clerk)
    if row.get("booklet"):
        save_certificate(person=person, actor=clerk, kind=kind_for(row["category"]), number=row["booklet"])
    for kind in StudyPeriod.Kind.values:
        if span := row.get(kind):
            save_period(person=person, actor=clerk, kind=kind, first_year=span[0], last_year=span[1])
    return Person.objects.get(pk=person.pk)


def _name(serial: int) -> str:
    """Three characters; no two people share a name, and none lies within another."""
    first, rest = divmod(serial, len(GIVEN) ** 2)
    second, third = divmod(rest, len(GIVEN))
    return SURNAMES[first % len(SURNAMES)] + GIVEN[second] + GIVEN[third]


def job_of(world: World, key: str) -> Employment:
    """Where somebody works now. Raises NotPossible for who works nowhere."""
    found = Employment.objects.filter(person=world.people[key], ended_on=None).select_related("person", "unit").first()
    if found is None:
        raise NotPossible(f"{world.people[key]}目前没有任职单位")
    return found
