"""What a scenario lets happen to plans, classes and their hours: one function per act.

Each takes the world and the fields of its event. What a form asks for besides (texts, files, reasons, small choices)
is filled in here; what the scenario says is taken as it is said. An act that is refused raises as the product does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import ceil
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.services import attach
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from tests.simulation.setup import PAPER, World, job_of
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs
from training.attendance.timetable import slots_of_class
from training.choices import Category, Funding
from training.classes.facts import comparison, rows_of
from training.classes.models import CatalogueCourse, ClassApplication, Enrolment, Lecturer
from training.classes.services import trainees
from training.classes.services.applications import create_application, replace_timetable, save_basics, save_notes
from training.classes.services.lecturers import save_lecturer
from training.inspections.decisions.models import Decision
from training.inspections.decisions.reach import reach_of
from training.inspections.decisions.scope import Scope
from training.inspections.decisions.services import Said, begin, settle
from training.inspections.demo import pair, record
from training.inspections.models import Inspection
from training.inspections.recording import Found
from training.inspections.services import assign
from training.plans import consents, services
from training.plans.models import Consent, ConsentBody, Plan, PlanItem
from training.recognition.materials import PHOTOS, checklist_of
from training.recognition.models import Recognition
from training.recognition.services import decide_rest, open_recognition
from units.demo import a_paper, account, clerk_of
from units.models import Person
from verification.choices import Measure, Subject

SESSIONS, PLACES = 50, 300  # of a project, so that only what the scenario is about is refused
BEGINS = {"morning": time(8), "afternoon": time(14), "evening": time(19)}
LESSON = 45  # minutes
WHY = "情景所设"
Fields = Mapping[str, Any]


# --- plans ------------------------------------------------------------------------------------------------------------


def plan(world: World, *, unit: str, year: int, items: Sequence[Fields]) -> None:
    """Filed by the unit's clerk."""
    clerk = clerk_of(world.units[unit])
    case = services.open_plan(unit=world.units[unit], year=year, actor=clerk)
    rows = {row["key"]: services.save_item(item=_item(case, row), actor=clerk) for row in items}
    attach(case=case, material="scheme", upload=a_paper("年度培训方案"), actor=clerk)
    fire(case, "submit", actor=clerk)
    world.items |= {row["key"]: (rows[row["key"]], row) for row in items}


def _item(case: Plan, row: Fields) -> PlanItem:
    hours = {key: Decimal(str(amount)) for key, amount in row.get("hours", {}).items()}
    public, professional = hours.get("public", Decimal(0)), hours.get("professional", Decimal(0))
    credit = sum((Decimal(str(amount)) for amount in row.get("credits", {}).values()), Decimal(0))
    return PlanItem(
        plan=case, unit=case.unit, organiser=case.unit.name, title=f"情景培训班{row['key']}", basis=PAPER,
        content="情景课程", category=Category.PROFESSIONAL if professional or credit else Category.PUBLIC,
        audience="全区专业技术人员", sessions=SESSIONS, people=PLACES, starts_on=date(case.year, 6, 1),
        ends_on=date(case.year, 12, 31), days=Decimal(row["days"]), place="情景教学楼", public_amount=public,
        professional_amount=professional + credit, measure=Measure.CREDITS if credit else Measure.HOURS,
        funding=Funding.BUDGET, budget=Decimal(0), contact=case.filler, phone="0595-0000-0126",
    )  # fmt: skip


def publish(world: World, *, items: Sequence[str], number: str) -> None:
    """Checked, gathered, both bodies agree on paper, published."""
    handler, rows = account("handler"), [PlanItem.objects.get(pk=_known(world.items, key)[0].pk) for key in items]
    for case in Plan.objects.filter(items__in=rows, state=Plan.State.SUBMITTED).distinct():
        fire(case, "check", actor=handler)
    batch = services.open_batch(year=rows[0].plan.year, actor=handler)
    services.gather(batch=batch, items=rows, actor=handler)
    fire(batch, "send", actor=handler)
    for body in ConsentBody.objects.all():
        said = {
            "result": Consent.Result.AGREED,
            "given_on": clock.today(),
            "document": PAPER,
            "person": "宁致远",
            "note": "",
        }
        consents.record_consent(batch=batch, body=body, facts=said, scans=[checked(a_paper("会签意见"))], actor=handler)
    fire(batch, "publish", actor=account("approver"), data={"document_number": number, "published_on": clock.today()})


# --- classes ----------------------------------------------------------------------------------------------------------


def open_class(world: World, *, item: str, half_days: Sequence[Fields], **named: str) -> None:
    """The application is filed; `class` is the key by which it is called from now on."""
    project, planned = _known(world.items, item)
    clerk = clerk_of(project.unit)
    case = create_application(project=PlanItem.objects.get(pk=project.pk), actor=clerk)
    head = _head(case, planned, sorted({date.fromisoformat(each["date"]) for each in half_days}))
    case = save_basics(application=case, values=head, organisers=None, version=case.version, actor=clerk)
    rows = list(_timetable(half_days, _lecturer(case), named["class"]))
    case = replace_timetable(application=case, rows=rows, version=case.version, actor=clerk)
    if case.measure == Measure.CREDITS:
        attach(case=case, material="credits_basis", upload=a_paper("学分项目文件"), actor=clerk)
    case = ClassApplication.objects.get(pk=case.pk)
    notes = {difference.key: WHY for difference in comparison(case, rows_of(case)).differences}
    case = save_notes(application=case, notes=notes, version=case.version, actor=clerk)
    fire(case, "submit", actor=clerk)
    world.classes[named["class"]] = case


def _head(case: ClassApplication, planned: Fields, days: Sequence[date]) -> dict[str, Any]:
    head: dict[str, Any] = {
        "opens_on": days[0], "ends_on": days[-1], "days": Decimal(len(days)), "purpose": "更新专业知识",
        "intensive": planned.get("intensive", False), "leader": "岳临川", "class_teacher": "白若谷",
        "contact": "韩砚青", "phone": "0595-0000-0126",
    }  # fmt: skip
    if case.measure == Measure.CREDITS:
        amounts = {kind: str(amount) for kind, amount in planned["credits"].items()}
        head |= {"credits": amounts, "credits_basis": PAPER}
    return head


def _lecturer(case: ClassApplication) -> Lecturer:
    """One for each class, so that two at the same hour do not disturb each other."""
    clerk, facts = clerk_of(case.unit), {"employer": "市属院校", "title": "教授", "specialty": "情景课程", "sex": "男"}
    made = save_lecturer(lecturer=Lecturer(unit=case.unit, name=f"讲师{case.pk}", **facts), actor=clerk)
    attach(case=made, material="resume", upload=a_paper("讲师简历"), actor=clerk)
    return made


def _timetable(half_days: Sequence[Fields], lecturer: Lecturer, room: str) -> Iterator[dict[str, Any]]:
    """A row for each; several of one half-day follow each other."""
    begins: dict[tuple[str, str], time] = {}
    for each in half_days:
        key, hours = (each["date"], each["half_day"]), Decimal(str(each["hours"]))
        starts = begins.get(key, BEGINS[each["half_day"]])
        ends = begins[key] = _after(starts, hours)
        named, public = each.get("course") or "", each["subject"] == Subject.PUBLIC
        course = CatalogueCourse.objects.filter(name=named).first() if public else None
        yield {
            "date": date.fromisoformat(each["date"]), "half_day": each["half_day"], "starts_at": starts,
            "ends_at": ends, "course": named or "情景课程", "subject": each["subject"], "hours": hours,
            "lecturer": lecturer, "catalogue_course": course, "required_course": named,
            "room": room, "teaching_form": "讲授",
        }  # fmt: skip


def _after(starts: time, hours: Decimal) -> time:
    minutes = ceil(LESSON * hours)
    return (datetime.combine(date.min, starts) + timedelta(minutes=minutes)).time()


def approve(world: World, **named: str) -> None:
    """Checked by the handler, allowed by the approver."""
    case = _class(world, named)
    fire(case, "check", actor=account("handler"))
    fire(case, "approve", actor=account("approver"), data={"scope_passed": ""})


def cancel(world: World, **named: str) -> None:
    """By its provider, before it begins."""
    case = _class(world, named)
    fire(case, "cancel", actor=clerk_of(case.unit), note=WHY)


def never_held(world: World, **named: str) -> None:
    """Closed by the bureau, without its provider."""
    case = _class(world, named)
    fire(case, "propose_not_held", actor=account("handler"), note=WHY)
    fire(case, "close_not_held", actor=account("approver"))


def enrol(world: World, *, people: Sequence[str], agreed: bool, **named: str) -> None:
    """The provider's roster; the units agree, or leave it open."""
    case = _class(world, named)
    jobs = [job_of(world, key) for key in people]
    roster = [trainees.trainee_of(job.person, job.unit_id, job.unit.name) for job in jobs]
    trainees.enrol_roster(application=case, trainees=roster, actor=clerk_of(case.unit), late_reason=WHY)
    for unit in {job.unit for job in jobs} if agreed else ():
        waiting = case.enrolments.filter(unit=unit, agreement=Enrolment.Agreement.WAITING)
        trainees.agree(enrolment_ids=list(waiting.values_list("pk", flat=True)), actor=clerk_of(unit))


def sign(
    world: World, *, date: str, half_day: str, both: Sequence[str] = (), only_in: Sequence[str] = (), **named: str
) -> None:
    """One half-day as the class teacher's list has it: in a little early, out a little late."""
    case, key = _class(world, named), (_day(date), half_day)
    slot = next((each for each in slots_of_class(case) if each.key == key), None)
    if slot is None:
        raise NotPossible(f"{date} {half_day} 不在课程表里")
    ins, outs = slot.starts_at.replace(minute=0), slot.ends_at.replace(minute=59)
    wanted = [Wanted(_enrolment(case, world.people[each]), *key, ins, outs) for each in both]
    wanted += [Wanted(_enrolment(case, world.people[each]), *key, ins, None) for each in only_in]
    record_signs(application=case, wanted=wanted, source=Sign.Source.LIST, actor=clerk_of(case.unit))


_day = date.fromisoformat


def _enrolment(case: ClassApplication, person: Person) -> int:
    found = case.enrolments.present().filter(person=person).values_list("pk", flat=True).first()
    if found is None:
        raise NotPossible(f"{person}不在培训班名单里")
    return found


# --- recognition ------------------------------------------------------------------------------------------------------


def file_recognition(world: World, **named: str) -> None:
    """The package, whole."""
    case = _class(world, named)
    clerk = clerk_of(case.unit)
    made = open_recognition(application=case, actor=clerk)
    for row in [row for row in checklist_of(Recognition.objects.get(pk=made.pk)) if row.missing]:
        upload = _photo() if row.material.code == PHOTOS else a_paper(row.material.title)
        attach(case=made, material=row.material.code, upload=upload, actor=clerk)
    fire(made, "submit", actor=clerk)


def _photo() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (64, 48), "#c9d3da").save(out, "JPEG")
    return SimpleUploadedFile("现场照片.jpg", out.getvalue(), "image/jpeg")


def recognise(world: World, **named: str) -> None:
    """Checked by the handler, recognised by the approver; who was not there throughout gets no credits."""
    case = Recognition.objects.filter(application=_class(world, named)).first()
    if case is None:
        raise NotPossible("没有申报学时认定")
    decide_rest(recognition=case, reason=WHY, actor=account("handler"))
    fire(case, "check", actor=account("handler"))
    fire(case, "recognise", actor=account("approver"))


# --- inspections ------------------------------------------------------------------------------------------------------


def decide(
    world: World, *, half_days: Sequence[Fields] | None = None, people: Sequence[str] | None = None, **named: str
) -> None:
    """A visit with a finding, the provider says nothing to it, hours are not recognised."""
    case, handler = _class(world, named), account("handler")
    visit = assign(application=case, inspectors=pair(), planned_on=clock.today(), place=case.place, actor=handler)
    record(visit, (Found("false", "签到不实"),))
    visit = Inspection.objects.get(pk=visit.pk)
    fire(visit, "take_up", actor=handler)
    keys = [(_day(each["date"]), each["half_day"]) for each in half_days or ()]
    enrolments = [Enrolment.objects.get(pk=_enrolment(case, world.people[each])) for each in people or ()]
    said = Said(list(visit.findings.all()), WHY, unrecognised=True, scope=Scope(keys, enrolments))
    made = begin(inspection=visit, said=said, actor=handler)
    _settle(made)
    for name, who in (("tell", handler), ("waive", clerk_of(case.unit)), ("propose", handler)):
        fire(Decision.objects.get(pk=made.pk), name, actor=who, note=WHY)
    fire(Decision.objects.get(pk=made.pk), "decide", actor=account("approver"))
    world.decisions.setdefault(named["class"], []).append(made)


def _settle(made: Decision) -> None:
    """Whose amount the half-days leave open (credits are given for full attendance) gets nothing there."""
    found = reach_of(made)
    if found.to_decide:
        left = {
            (each.year, each.subject): Decimal(0) for one in found.classes for each in one.reach.after.amounts_possible
        }
        settle(decision=made, enrolments=[], amounts=left, reason=WHY, actor=account("handler"))


def withdraw(world: World, **named: str) -> None:
    """The last decision on the class that stands."""
    made = world.decisions.get(named["class"])
    if not made:
        raise NotPossible("没有可以撤回的处理决定")
    fire(Decision.objects.get(pk=made[-1].pk), "propose_withdrawal", actor=account("handler"), note=WHY)
    fire(Decision.objects.get(pk=made[-1].pk), "withdraw", actor=account("approver"), note=WHY)
    made.pop()


def _class(world: World, named: Mapping[str, str]) -> ClassApplication:
    return ClassApplication.objects.get(pk=_known(world.classes, named["class"]).pk)


def _known(known: Mapping[str, Any], key: str) -> Any:
    """What an earlier act has made; where that was refused, so is what builds on it."""
    if key not in known:
        raise NotPossible(f"{key} 没有申报成功")
    return known[key]
