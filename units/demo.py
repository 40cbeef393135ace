"""The demo district: invented units, accounts and people. ID numbers have right check digits and nobody's area code."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q
from stdnum.iso7064 import mod_11_2
from weasyprint import HTML

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.files.services import attach
from luojiang_ce.home.registry import DemoAccount
from luojiang_ce.papers.seeds import load_seals
from luojiang_ce.papers.signing.demo_ca import make_demo_signers
from luojiang_ce.workdays.calendar import ONE_DAY
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import digest, record
from units.identity.names import readings
from units.models import (
    Account,
    Certificate,
    Employment,
    Leave,
    OfficerRequest,
    Person,
    ProviderScope,
    ReleaseRequest,
    StudyPeriod,
    Title,
    Unit,
)
from units.notify import clerks_of
from units.officer_case import expire, fetch_password
from units.seals import load_bureau_seals
from units.services.accounts import create_account
from units.services.certificates import set_pattern
from units.services.leaves import draft_leave
from units.services.officer_requests import Act, do_or_ask
from units.services.releases import ask_for
from units.services.roles import assign_role

AREA = "999999"  # was never given out
CATEGORY = {Unit.Nature.SCHOOL: "teacher", Unit.Nature.MEDICAL: "medical"}
SINCE = date(2017, 3, 3)  # the day of the notice
_serial = count(1)


@cache
def district() -> dict[str, Any]:
    """What the demo district is made of: units, clinics without a clerk, accounts, the stuff of names and titles."""
    made: dict[str, Any] = json.loads((settings.BASE_DIR / "fixtures/demo/district.json").read_text())
    return made


def demo_accounts() -> Iterator[DemoAccount]:
    """What the sign-in page offers with one click."""
    for row in district()["accounts"]:
        yield DemoAccount(row["username"], f"{row['name']}　{Role(row['role']).label}", row.get("note", ""))


def account(username: str) -> Account:
    """An account of the demo by its sign-in name."""
    found: Account = Account.objects.get(username=username)
    return found


def clerk_of(unit: Unit) -> Account:
    """The unit's clerk in the demo; a unit without one gets one that nobody can sign in with."""
    clerk = clerks_of(unit.pk).first()
    return clerk or _assigned(f"clerk-{unit.code.lower()}", f"{unit.short}专办员", Role.UNIT_CLERK, unit)


def moment(day: date, hour: int = 10) -> datetime:
    """An office hour of a day, or now where that would lie in the future."""
    return min(datetime.combine(day, time(hour), clock.SHANGHAI), clock.now())


def workdays_from_today(count: int) -> date:
    """The day so many working days after today (before it, where negative): long holidays move no demo deadline."""
    calendar, day = current_calendar(), clock.today()
    for _ in range(abs(count)):
        day += ONE_DAY if count > 0 else -ONE_DAY
        while not calendar.is_working(day):
            day += ONE_DAY if count > 0 else -ONE_DAY
    return day


def a_paper(title: str) -> SimpleUploadedFile:
    """A one-page PDF to attach wherever the notice wants a document; no two are the same file."""
    return SimpleUploadedFile(f"{title}.pdf", _pdf(title) + b"%% %d\n" % next(_serial), "application/pdf")


@cache
def _pdf(title: str) -> bytes:
    """Rendered once for each title: the demo attaches hundreds."""
    html = f"<html lang='zh'><body><h1>{title}</h1><p>演示材料，内容为虚构。</p></body></html>"
    return HTML(string=html).write_pdf() or b""


@transaction.atomic
def build() -> str:
    """Units, accounts and people; nothing where the district is there already."""
    if Unit.objects.filter(code="QLNJ").exists():
        return "演示单位已有，未改动"
    units = _units()
    for row in district()["accounts"]:  # without passwords: they can only be entered by the demo's one click
        _assigned(row["username"], row["name"], Role(row["role"]), units[row["unit"]])
    _certificate_numbers()
    made, dice = district(), random.Random(27_2017)  # noqa: S311  invented people, not secrets
    count = _people(made["units"], units, dice)
    count += _people(made["clinics"], units, dice, first=count)
    return f"{len(units)} 个单位，{len(district()['accounts'])} 个账号，{count} 人"


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for row in [*district()["units"], *district()["clinics"]]:
        facts = {key: value for key, value in row.items() if key not in ("people", "supervisor")}
        supervisor, phone = units.get(row.get("supervisor", "")), f"0595-0000-{len(units):04d}"
        units[row["code"]] = Unit.objects.create(supervisor=supervisor, phone=phone, **facts)
    for row in district()["scopes"]:
        facts = {key: value for key, value in row.items() if key != "unit"}
        document = "核定培训资质演示文件（虚构）"
        ProviderScope.objects.create(unit=units[row["unit"]], valid_from=SINCE, document=document, **facts)
    return units


def _assigned(username: str, name: str, role: Role, unit: Unit) -> Account:
    account = Account.objects.create_account(username, name, None, must_change_password=False)
    record(account, "account_created", actor=SYSTEM, data={"password": digest(account.password)})
    assign_role(account=account, role=role, unit=unit, valid_from=SINCE, actor=SYSTEM)
    return account


def _people(rows: Iterable[dict[str, Any]], units: dict[str, Unit], dice: random.Random, first: int = 0) -> int:
    """Staff of these units, with serial numbers from `first` on; returns how many."""
    people: list[Person] = []
    jobs: list[Employment] = []
    for row in rows:
        unit = units[row["code"]]
        for _ in range(row.get("people", 0)):
            person = _person(first + len(people), CATEGORY.get(Unit.Nature(unit.nature), "general"), dice)
            people.append(person)
            since = date(2010, 1, 1) + timedelta(days=dice.randrange(4500))
            jobs.append(Employment(person=person, unit=unit, started_on=since, department="业务科"))
    Person.objects.bulk_create(people)
    Employment.objects.bulk_create(jobs)
    Title.objects.bulk_create(_title(person, dice) for person in people)
    Certificate.objects.bulk_create(  # nine in ten hold a booklet; the others are to get one (发证)
        Certificate(
            person=person,
            kind="medical" if person.category == "medical" else "general",
            number=f"洛继教{2015 + serial % 9}{serial:05d}",
        )
        for serial, person in enumerate(people, first)
        if serial % 10
    )
    StudyPeriod.objects.bulk_create(_periods(people))
    return len(people)


def _certificate_numbers() -> None:
    """The demo bureau's own; a real one has none until it is set."""
    for kind, begins in ((Certificate.Kind.GENERAL, "洛继教"), (Certificate.Kind.MEDICAL, "洛医继")):
        with clock.at(moment(SINCE)):  # what the demo stamped in its past has numbers, too
            set_pattern(kind=kind, typed=f"{begins}{{年}}{{序号:5}}", following=1, actor=account("system"))


def _person(serial: int, category: str, dice: random.Random) -> Person:
    stuff = district()
    if serial % 40 == 7:
        name = stuff["unusual_names"][serial // 40 % len(stuff["unusual_names"])]
    else:
        name = dice.choice(stuff["surnames"]) + "".join(dice.sample(stuff["given"], dice.choice((1, 2, 2))))
    birth = date(1968, 1, 1) + timedelta(days=dice.randrange(11_000))
    male = bool(dice.randrange(2))
    pinyin, initials = readings(name)
    person = Person(name=name, pinyin=pinyin, initials=initials, category=category, birth=birth)
    person.sex = "男" if male else "女"
    body = f"{AREA}{birth:%Y%m%d}{serial % 500 * 2 + male:03d}"
    person.seal_id(body + mod_11_2.calc_check_digit(body))
    return person


def _title(person: Person, dice: random.Random) -> Title:
    series, name, level = dice.choice(district()["titles"][person.category])
    since = date(2012, 1, 1) + timedelta(days=dice.randrange(4500))
    return Title(person=person, series=series, name=name, level=level, since=since.replace(day=1))


def season(today: date) -> int:
    """The year whose verification is being filed: this one once its hours can be there, else the last."""
    return today.year if today >= date(today.year, 11, 15) else today.year - 1


def _periods(people: list[Person]) -> Iterator[StudyPeriod]:
    """Cycles and tenures, some of which end in the season's year whatever the day of the demo."""
    year = season(clock.today())
    for serial, person in enumerate(people):
        if person.category == "teacher":
            yield StudyPeriod(
                person=person, kind="cycle", first_year=year - 4 + serial % 2, last_year=year + serial % 2
            )
        elif person.category == "medical":
            yield StudyPeriod(
                person=person, kind="tenure", first_year=year - serial % 3, last_year=year - serial % 3 + 2
            )


def build_seals() -> str:
    """The bureau's seals, and those of the authorities: a teacher's year is stamped by the education bureau."""
    entries = district()["seals"]
    owners = {unit.code: unit for unit in Unit.objects.filter(code__in=[entry["owner"] for entry in entries])}
    organs = Unit.objects.filter(Q(is_bureau=True) | Q(pk__in=[unit.pk for unit in owners.values()]))
    signers = {f"demo-{unit.code.lower()}": unit.name for unit in organs}
    return "；".join([load_bureau_seals(), load_seals(owners, demo=True, entries=entries), make_demo_signers(signers)])


# How far each absence got, with its reason; told by the transitions it went through.
LEAVES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("training", "", ()),
    ("sickness", "", ("submit",)),
    ("training", "", ("submit", "return")),
    ("sickness", "", ("submit", "approve")),
    ("other", "随配偶在外地照料病人", ("submit", "refuse")),
    ("training", "", ("cancel",)),
    ("sickness", "", ("submit", "approve", "revoke")),
)
NOTES = {"refuse": "不属于长期外出培训、病假等特殊情况", "revoke": "单位来函：本人已提前返岗"}
RETURNED = {"items": [{"where": "证明材料", "wrong": "通知未写明起止日期", "mend": "附主办单位的培训通知"}]}


def build_leaves() -> str:
    """Long absences of one unit in every state; nothing where there are some already."""
    if Leave.objects.exists():
        return "演示长期外出或病假已有，未改动"
    people = Person.objects.employed_in(Unit.objects.get(code="QLNJ")).order_by("pk")[28:]
    for person, (reason, detail, steps) in zip(people, LEAVES, strict=False):
        _leave(person, reason, detail, steps)
    return f"{Leave.objects.count()} 件"


def _leave(person: Person, reason: str, detail: str, steps: tuple[str, ...]) -> None:
    """Filed two months ago for half a year, or a few days ago where the bureau has not answered yet."""
    clerk, bureau = account("clerk"), {"return": account("handler")}
    filed = clock.today() - timedelta(days=60 if "approve" in steps else 3)
    with clock.at(moment(filed)):
        span = {"starts_on": filed, "ends_on": filed + timedelta(days=180)}
        leave = draft_leave(person=person, reason=reason, detail=detail, actor=clerk, **span)
        if steps:
            attach(case=leave, material="evidence", upload=a_paper("离岗证明"), actor=clerk)
        for step in steps:
            actor = clerk if step in ("submit", "cancel") else bureau.get(step, account("approver"))
            data = RETURNED if step == "return" else {}
            fire(leave, step, actor=actor, note=NOTES.get(step, ""), data=data)


def build_releases() -> str:
    """Persons of one unit whom another asks for, in every state; nothing where there are some already."""
    if ReleaseRequest.objects.exists():
        return "演示调入申请已有，未改动"
    asking = Unit.objects.filter(assignments__account=account("clerk"), assignments__role=Role.UNIT_CLERK).first()
    assert asking is not None
    others = Unit.objects.filter(is_bureau=False, status=Unit.Status.ACTIVE).exclude(pk=asking.pk)
    people = Person.objects.filter(employments__unit__in=others, employments__ended_on=None).order_by("-pk")
    steps = ("", "withdraw", "refuse", "release")
    with clock.at(moment(clock.today() - timedelta(days=2))):
        for person, step in zip(people, steps, strict=False):
            _release_request(person, asking, step)
    return f"{ReleaseRequest.objects.count()} 件"


def _release_request(person: Person, unit: Unit, step: str) -> None:
    clerk = account("clerk")
    made = ask_for(
        unit=unit,
        name=person.name,
        kind=person.id_kind,
        number=person.id_number,
        started_on=clock.today(),
        department="办公室",
        actor=clerk,
    )
    if step:
        note = "本学期课务尚未交接，期末再议" if step == "refuse" else ""
        fire(made, step, actor=clerk if step == "withdraw" else account("handler"), note=note)


def build_officer_requests() -> str:
    """What concerns officers, in every state; nothing where there is some already."""
    if OfficerRequest.objects.exists():
        return "演示管理员事项已有，未改动"
    system, security, audit = (account(name) for name in ("system", "security", "audit"))
    with clock.at(moment(clock.today() - timedelta(days=6))):
        _contact(security, "0595-0000-0151", system)
        second = create_account(username="audit2", name="阮知远", actor=system).account
        given = {"role": Role.AUDIT_ADMIN, "unit": Unit.objects.bureau(), "valid_from": clock.today()}
        fire(do_or_ask(Act.ASSIGN, account=second, actor=security, **given), "confirm", actor=system)
    expire()
    reset = do_or_ask(Act.RESET, account=account("audit2"), actor=security)
    fire(reset, "confirm", actor=audit)
    fetch_password(reset, actor=security)
    refused = do_or_ask(Act.RESET, account=system, actor=security)
    fire(refused, "refuse", actor=audit, note="已与本人核实，密码没有忘记")
    fire(do_or_ask(Act.RESET, account=audit, actor=security), "withdraw", actor=security)
    _contact(audit, "0595-0000-0152", system)
    return f"{OfficerRequest.objects.count()} 件"


def _contact(officer: Account, phone: str, system: Account) -> None:
    do_or_ask(Act.CONTACT, account=officer, actor=system, name=officer.name, phone=phone, email=officer.email)
