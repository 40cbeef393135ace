"""What a scenario lets happen to people, their year and the unit's time limits: one function per act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.models import Seal
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import confirm, submit
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workflow.engine import fire
from tests.simulation.setup import KEEPERS, PAPER, REVIEWERS, World, job_of
from tests.verification.direct.lists import workbook
from training.classes.models import CatalogueCourse
from units.calendar_entry import changes
from units.calendar_entry.forms import ClosureForm
from units.demo import a_paper, account, clerk_of
from units.extensions import services as extensions
from units.models import Employment, Leave, Unit
from units.services import draft_leave, end_employment, transfer
from verification.batches import services
from verification.batches.facts import outdated
from verification.batches.models import AnnualRecord, Batch, Material, Path
from verification.batches.two_seals import awaited, seals_of
from verification.choices import Authorship, Form, Subject
from verification.counter.deciding import decide as decide_rows
from verification.declarations.materials import materials
from verification.declarations.models import Declaration
from verification.declarations.services import save_declaration
from verification.direct.forms import TrainingForm
from verification.direct.importing import PASS_IMPORT
from verification.direct.models import DirectTraining
from verification.direct.services import save_training
from verification.self_study.models import SelfStudy
from verification.self_study.services import save_self_study

WHY = "情景所设"
ABSENCE = {"sick": Leave.Reason.SICKNESS, "training": Leave.Reason.TRAINING}
NOTE = {"verify_unjudged": WHY}
DECISION = {"verified": "verify", "failed": "fail", "supplement": "supplement"}


# --- people -----------------------------------------------------------------------------------------------------------


def declare(
    world: World,
    *,
    people: Sequence[str],
    year: int,
    form: str,
    subject: str,
    amount: str,
    course: str = "",
    intensive: bool = False,
) -> None:
    """Declared with its evidence, and accepted."""
    said = {"year": year, "form": form, "subject": subject, "amount": Decimal(str(amount)), "intensive": intensive}
    for key in people:
        job = job_of(world, key)
        clerk = clerk_of(job.unit)
        draft = Declaration(person=job.person, title=f"情景学习{clock.today():%m%d}", **said, **_facts_of(form, year))
        _as_public_course(draft, course)
        if form == Form.SELF_STUDY:
            _under_a_filing(draft, job)
        case = save_declaration(declaration=draft, unit=job.unit, actor=clerk)
        for material in materials(case):
            if material.required(case):
                attach(case=case, material=material.code, upload=a_paper(material.title), actor=clerk)
        fire(case, "submit", actor=clerk)
        fire(case, "accept", actor=account("handler"))


def _facts_of(form: str, year: int) -> dict[str, Any]:
    """What this form of learning is asked besides; it was over by today."""
    last = max(date(year, 1, 1), min(date(year, 12, 31), clock.today()))
    facts: dict[str, Any] = {"organiser": "情景主办单位", "basis": PAPER, "date_from": last, "date_to": last}
    if form == Form.PAPER:
        facts |= {"confirmed_on": last, "serial": "ISSN 0000-0019", "authorship": Authorship.FIRST}
    if form in (Form.SKILLS, Form.ELSEWHERE):
        facts |= {"approver": "情景核准机关", "approval": PAPER, "check_code": "情景-0001"}
    return facts


def _as_public_course(draft: Declaration, course: str) -> None:
    """A public subject is a course of the catalogue, organised by the bureau (notice 一(二)); a teacher's required
    course has its name."""
    draft.course = course
    if draft.subject == Subject.PUBLIC:
        bureau = Unit.objects.bureau()
        assert bureau is not None
        draft.catalogue = CatalogueCourse.objects.filter(name=course).first()
        draft.organiser_unit, draft.organiser = bureau, bureau.name


def _under_a_filing(draft: Declaration, job: Employment) -> None:
    """The study was filed and approved before it began (notice 一(四)): on that morning, where it begins today. Of a
    year that is over nothing can be filed any more, and the product says so."""
    clerk, day = clerk_of(job.unit), draft.date_to
    plan = {"title": draft.title, "content": "情景自学", "date_from": day, "date_to": day, "guide": "情景指导人"}
    study = SelfStudy(**plan, assessment="闭卷考试", subject=draft.subject, amount=draft.amount, basis=PAPER)
    study = save_self_study(study=study, people=[job.person], unit=job.unit, actor=clerk)
    fire(study, "submit", actor=clerk)
    fire(study, "approve", actor=account("approver"))
    draft.filing = SelfStudy.objects.get(pk=study.pk)


def leave(world: World, *, person: str, kind: str, to: str, **span: str) -> None:
    """Applied for with evidence, approved."""
    job = job_of(world, person)
    clerk = clerk_of(job.unit)
    first, last = _day(span["from"]), _day(to)
    case = draft_leave(person=job.person, reason=ABSENCE[kind], starts_on=first, ends_on=last, actor=clerk)
    attach(case=case, material="evidence", upload=a_paper("离岗证明"), actor=clerk)
    fire(case, "submit", actor=clerk)
    fire(case, "approve", actor=account("approver"))


def move(world: World, *, person: str, to: str) -> None:
    """By the bureau; the former employment ends the day before."""
    facts = {"to": world.units[to], "on": clock.today(), "reason": WHY}
    transfer(person=world.people[person], actor=account("handler"), **facts)


def quit_unit(world: World, *, person: str, to: None = None) -> None:
    """That day is the last; it leads nowhere in the district."""
    job = job_of(world, person)
    facts = {"reason": Employment.End.LEFT, "last_day": clock.today()}
    end_employment(person=job.person, actor=clerk_of(job.unit), **facts)


# --- the yearly verification ------------------------------------------------------------------------------------------


def file(world: World, *, unit: str, year: int, people: Sequence[str], path: str, makes_up: bool = False) -> None:
    """A batch of just these people."""
    clerk = clerk_of(world.units[unit])
    batch = services.open_batch(unit=world.units[unit], year=year, path=path, actor=clerk)
    wanted = [world.people[key].pk for key in people]
    if services.add_people(batch=batch, people=wanted, actor=clerk) < len(wanted):
        raise NotPossible("有人不属于本单位这一年度的这一类，或已在别的批次里")
    _fill_in(Batch.objects.get(pk=batch.pk), makes_up, clerk)
    batch = Batch.objects.get(pk=batch.pk)
    fire(batch, "send" if Path(path).needs_review else "submit", actor=clerk)


def _fill_in(batch: Batch, makes_up: bool, clerk: Any) -> None:
    rows = list(batch.records.all())
    for row in rows:
        row.makes_up, row.verifies = makes_up, not makes_up
        row.unmet_reason = WHY if row.needs_reason else ""
    batch = services.save_rows(batch=batch, version=batch.version, rows=rows, actor=clerk)
    head = {"filler": clerk.name, "phone": "0595-0000-0126", "note": ""}
    services.save_head(batch=batch, version=batch.version, values=head, actor=clerk)


def review(world: World, *, people: Sequence[str], year: int, by: str) -> None:
    """Their batches passed on to the bureau, in mid-cycle to the authority's own seal."""
    reviewer = account(REVIEWERS[by])
    for batch, rows in _batches(world, people, year):
        _recount(batch, rows, reviewer)
        passes = {Path.MEDICAL: "health_pass", Path.CYCLE: "education_pass", Path.TEACHER: "validate"}
        fire(batch, passes.get(Path(batch.path), "health_pass"), actor=reviewer)


def counter(world: World, *, people: Sequence[str], year: int, result: str) -> None:
    """Decided without an appointment; the batch is finished when nobody in it is open."""
    handler = account("handler")
    for batch, rows in _batches(world, people, year):
        _recount(batch, rows, handler)
        reason = "" if result == "verified" else WHY
        for name, some in _by_decision(rows, DECISION[result]):
            keys = [row.pk for row in some]
            decide_rows(batch=batch, records=keys, name=name, actor=handler, reason=reason or NOTE.get(name, ""))
        if not batch.records.filter(state__in=AnnualRecord.UNDECIDED).exists():
            services.check_materials(batch=batch, seen=Material.values, actor=handler)
            fire(Batch.objects.get(pk=batch.pk), "finish", actor=handler)


def _by_decision(rows: Sequence[AnnualRecord], name: str) -> Iterator[tuple[str, list[AnnualRecord]]]:
    """Who passes without a verdict, because the rules leave the figure open, passes with a note."""
    fresh = list(AnnualRecord.objects.filter(pk__in=[row.pk for row in rows]))
    noted = [row for row in fresh if name == "verify" and row.verdict.get("outcome") == "undetermined"]
    for act, some in ((name, [row for row in fresh if row not in noted]), ("verify_unjudged", noted)):
        if some:
            yield act, some


def _recount(batch: Batch, rows: Sequence[AnnualRecord], actor: Any) -> None:
    """What entered the ledger since it was filed is looked at first."""
    if changed := outdated(rows):
        services.refreeze(batch=batch, actor=actor, records=sorted(changed))


def stamp(world: World, *, people: Sequence[str], year: int, by: str) -> None:
    """Whole batches with their roster; while others of it are open, the pages of those who are verified."""
    keeper = account(KEEPERS[by])
    for batch, _ in _batches(world, people, year):
        seal = Seal.objects.filter(pk__in=seals_of(batch, keeper).in_use_on(clock.today())).first()
        act = "stamp_pages"
        if batch.state == Batch.State.DECIDED:
            act = "stamp" if len(awaited(batch)) == 1 else "stamp_first"
        fire(batch, act, actor=keeper, data={"seal": seal, "by_hand": ANY})


def _batches(world: World, people: Sequence[str], year: int) -> Iterator[tuple[Batch, list[AnnualRecord]]]:
    """The batches in which these people's years stand, with their records."""
    wanted = [world.people[key].pk for key in people]
    rows = list(AnnualRecord.objects.filter(person__in=wanted, year=year, batch__isnull=False).select_related("person"))
    if len(rows) < len(wanted):
        raise NotPossible("有人没有申报这一年度的验证")
    for pk in dict.fromkeys(row.batch_id for row in rows):
        yield Batch.objects.select_related("unit", "authority").get(pk=pk), [row for row in rows if row.batch_id == pk]


def direct(
    world: World,
    *,
    people: Sequence[str],
    year: int,
    subject: str,
    amount: str,
    course: str = "",
    intensive: bool = False,
) -> None:
    """notice 二(二): a public course of the catalogue where one is named, else a course for newly employed staff."""
    yesterday = clock.today() - timedelta(days=1)  # it is stamped from the day after its last
    handler, day = account("handler"), max(date(year, 1, 1), min(date(year, 12, 31), yesterday))
    found = CatalogueCourse.objects.filter(name=course).first() if subject == Subject.PUBLIC else None
    if course and subject == Subject.PUBLIC and found is None:
        raise NotPossible(f"公共科目目录里没有“{course}”")
    facts: dict[str, Any] = {
        "kind": DirectTraining.Kind.PUBLIC if found else DirectTraining.Kind.INDUCTION,
        "title": f"情景调训{len(world.directs)}", "document": PAPER, "date_from": day, "date_to": day,
        "year": year, "subject": subject, "catalogue": found, "course": course, "amount": Decimal(str(amount)),
        "intensive": intensive,
    }  # fmt: skip
    form = TrainingForm({**facts, "catalogue": found.pk if found else ""})
    if not form.is_valid():
        raise NotPossible(*(str(each) for texts in form.errors.values() for each in texts))
    case = save_training(training=form.instance, actor=handler)
    _list_by_workbook(world, case, people)
    fire(case, "prepare", actor=handler)
    fire(case, "stamp", actor=account("keeper"), data={"by_hand": ANY})
    world.directs.append(case)


def _list_by_workbook(world: World, case: DirectTraining, people: Sequence[str]) -> None:
    """The pass list, as the handler uploads it; one line that is wrong refuses the act."""
    rows = [[world.people[key].name, world.people[key].id_number] for key in people]
    batch = submit(PASS_IMPORT, scope=case, file=workbook(rows), name="合格名单.xlsx", size=0, actor=account("handler"))
    if batch.counts.get("wrong") or batch.counts.get("new") != len(people):
        raise NotPossible("合格名单里有读不了的行")
    confirm(PASS_IMPORT, batch, actor=account("handler"))


# --- time -------------------------------------------------------------------------------------------------------------


def extend(world: World, *, what: str, until: str, unit: str = "", nature: str = "", **of: Any) -> None:
    """Given by the bureau: to a unit for what it owes, or to a kind of unit for a year."""
    handler = account("handler")
    facts: dict[str, Any] = {"asked_due": _day(until), "reason": WHY, "document": PAPER, "actor": handler}
    if unit or "class" in of:
        subject = str(of["year"] if "class" not in of else _class_id(world, of["class"]))
        owner = world.units[unit] if unit else world.classes[of["class"]].unit
        case = extensions.offer_one(duty=_owed(owner, what, subject), **facts)
    else:
        case = extensions.offer_many(whom=extensions.ForMany(deadline_kind(what), of["year"], nature), **facts)
    fire(case, "propose", actor=handler)
    fire(case, "grant", actor=account("approver"), data={"due": _day(until), "document": PAPER})


def _class_id(world: World, key: str) -> int:
    if key not in world.classes:
        raise NotPossible(f"{key} 没有申报成功")
    return world.classes[key].pk


def _owed(unit: Unit, what: str, subject: str) -> Any:
    for duty in extensions.duties_of(frozenset({unit.pk})):
        if (duty.clock.kind.code, duty.subject) == (what, subject):
            return duty
    raise NotPossible(f"{unit}现在没有这一项期限")


def closure(world: World, *, days: Sequence[str]) -> None:
    """A closure of the whole district, looked at and confirmed; days that follow each other are one."""
    handler = account("handler")
    for first, last in _spans(sorted(map(_day, days))):
        form = ClosureForm({"first": first, "last": last, "scope": "district", "reason": WHY, "source": PAPER})
        if not form.is_valid():
            raise NotPossible(*(str(each) for texts in form.errors.values() for each in texts))
        seen = changes.fingerprint(changes.preview(lambda form=form: form.write(handler)))
        changes.confirm(
            lambda form=form: form.write(handler), event=form.event, seen=seen, actor=handler, note=form.why
        )


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    first = last = days[0]
    for day in days[1:]:
        if day - last > timedelta(days=1):
            yield first, last
            first = day
        last = day
    yield first, last


_day = date.fromisoformat
