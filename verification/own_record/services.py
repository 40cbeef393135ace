"""Putting an objection, taking it back, and passing on what nobody answered; done as the system, for the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.home.many import one_by_one
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.public import masked_name
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import record
from units.filed_case import titled
from units.models import Employment, Person, Unit
from units.notify import clerks_of, handlers
from verification.ledger.models import LedgerEntry
from verification.requirements.display import said

from .case import PICTURE, answered_by
from .models import Objection, Slip

# Not figures of the notice. Who puts and takes back again and again is bound too: what was taken back stays, with its
# pictures, and is counted.
MOST_OPEN = 10  # of one person that wait for an answer
MOST_A_DAY = 10  # of one person
MOST_PICTURES = 5  # of one objection
MOST_PICTURES_A_DAY = 10  # of one person
State = Objection.State


@dataclass(frozen=True)
class Put:
    """An objection that was put; `again`: it had been put before, and waits."""

    objection: Objection
    again: bool


@transaction.atomic
def object_to(
    *,
    slip: Slip,
    year: int,
    entry: LedgerEntry | None = None,
    unposted: str = "",
    part: str = "",
    text: str,
    picture: Checked | None,
) -> Put:
    """Put an objection of the slip's person to the unit where that one works now, of who works nowhere to the bureau;
    an entry of None: to what the record shows under this title without one (`unposted`), to the record of the year as a
    whole, or, with a `part` (Objection.Part), the wish to have what is on file about the person corrected.

    Sent twice it is put once, with the pictures of both. Raises NotPossible with what stands in the way.
    """
    person = Person.objects.select_for_update().get(pk=slip.person_id)
    about = on_file(person, person.job)[part] if part else about_of(year, entry, unposted)
    facts = {"slip": slip, "year": year, "entry": entry, "part": part, "about": about, "text": mask_ids(text)}
    same = Objection.objects.filter(person=person, state__in=Objection.OPEN, **facts).first()
    put = same or _put(person, **facts)
    if picture:
        _add(picture, put)
    return Put(put, again=same is not None)


def _put(person: Person, **facts: Any) -> Objection:
    if wrong := why_not_to(facts["entry"]):
        raise NotPossible(about=wrong)
    put = Objection.objects.filter(person=person)
    if put.filter(created_at__gte=_today_began()).count() >= MOST_A_DAY:
        raise NotPossible(f"今天已提出 {MOST_A_DAY} 件异议（撤回的也算），请明天再提；急的请直接找单位专办员或区人社局")
    if put.filter(state__in=Objection.OPEN).count() >= MOST_OPEN:
        raise NotPossible(f"已有 {MOST_OPEN} 件异议在等答复，请等答复后再提出；不需要的可以撤回")
    return _made(person, **facts)


def _add(picture: Checked, to: Objection) -> None:
    if Attachment.objects.of(to).count() >= MOST_PICTURES:
        raise NotPossible(picture=f"这件异议已附 {MOST_PICTURES} 张图片，不能再附；其他情况请写在说明里，另提一件")
    own = [str(pk) for pk in Objection.objects.filter(person=to.person_id).values_list("pk", flat=True)]
    of_all = Attachment.objects.filter(case_type=Objection._meta.label_lower, case_id__in=own)
    if of_all.filter(uploaded_at__gte=_today_began()).count() >= MOST_PICTURES_A_DAY:
        raise NotPossible(picture=f"今天已附 {MOST_PICTURES_A_DAY} 张图片，请明天再附；说明可以先提出，不附图片")
    attach(case=to, material=PICTURE, upload=picture, actor=SYSTEM)


def _today_began() -> datetime:
    return clock.midnight_after(clock.today() - timedelta(days=1))


def why_not_to(entry: LedgerEntry | None) -> str:
    """What is wrong with objecting to this entry: it counts no more. Empty where nothing is."""
    counter = LedgerEntry.objects.filter(counter_of=entry).first() if entry else None
    if counter is None:
        return ""
    day = month_day(clock.local(counter.created_at).date())
    return f"这一条已于 {day} 冲销（{counter.reason}），不再计入。对冲销有异议的，请选“冲销”的那一条；说明已保留"


def about_of(year: int, entry: LedgerEntry | None, unposted: str = "") -> str:
    """What an objection is put against, in words that are still understood in five years."""
    if entry is None:
        return f"{unposted[:280]}（{year} 年度，没有入账）" if unposted else f"{year} 年度记录"
    what = "冲销：" if entry.is_counter else ""
    return f"{what}{entry.title}，{entry.get_subject_display()} {said(entry.amount)} {entry.get_measure_display()}"[
        :300
    ]


def on_file(person: Person, job: Employment | None) -> dict[str, str]:
    """What is on file about a person who has this employment now, in words, by Objection.Part: 工作单位、部门：现登记
    临江小学 语文组. It is read on a phone, over a shoulder: name and number are masked. Two queries."""
    title = person.title
    birth = (_month(person.birth), person.sex, person.get_id_kind_display(), person.id_end)
    told: dict[Objection.Part, Iterable[str]] = {
        Objection.Part.NAME: (masked_name(person.name),),
        Objection.Part.BIRTH: birth,
        Objection.Part.UNIT: (job.unit.name, job.department) if job else (),
        Objection.Part.TITLE: (str(title), _month(title.since)) if title else (),
        Objection.Part.CERTIFICATE: person.certificates.values_list("number", flat=True),
    }
    said = {part: " ".join(filter(None, values)) or "没有" for part, values in told.items()}
    return {part.value: f"{part.label}：现登记 {text}"[:300] for part, text in said.items()}


def _month(day: date | None) -> str:
    return f"{day.year} 年 {day.month} 月" if day else ""


def _made(person: Person, **facts: Any) -> Objection:
    unit, works_there = _unit_of(person)
    state = State.FILED if works_there else State.REFERRED
    now = clock.now()
    made = Objection.objects.create(
        person=person, unit=unit, state=state, first_submitted_at=now, submitted_at=now, **facts
    )
    record(
        made,
        "objected",
        actor=SYSTEM,
        note=made.text,
        data={"person": person.pk, "year": made.year, "slip": made.slip_id, "field": made.part},
    )
    people = clerks_of(unit.pk) if works_there else handlers()
    notify(people, titled(made, "提出"), key=f"objection-{made.pk}-put", case=made)
    return made


def _unit_of(person: Person) -> tuple[Unit, bool]:
    """Where the person works now, else worked last; and whether somebody of it can answer."""
    jobs = person.employments.select_related("unit").order_by("-pk")
    last = jobs.filter(ended_on=None).first() or jobs.first()
    if last is None:
        raise NotPossible("您没有登记过任职单位，请直接向区人社局促进就业和培训股提出")
    return last.unit, last.ended_on is None and clerks_of(last.unit_id).exists()


def withdraw(*, objection: Objection, slip: Slip) -> None:
    """The person does not want an answer any more. Raises NotPossible once it is answered, and with another slip than
    that by which it was put."""
    fire(objection, "withdraw", actor=SYSTEM, data={"slip": slip.pk})


def ask_bureau(*, objection: Objection, slip: Slip) -> None:
    """The person asks the bureau to answer, where the unit has no day to answer by. Raises NotPossible."""
    fire(objection, "ask_bureau", actor=SYSTEM, data={"slip": slip.pk})


def pass_on_overdue() -> int:
    """Give the bureau's handlers what no unit has answered in time; how many. It may run late or twice with the same
    end: a stopped worker passes on later, and what is answered meanwhile stays answered."""
    rules, now = current_rules(), clock.now()
    waiting = [(case, answered_by(case, rules)) for case in Objection.objects.filter(state=State.FILED).order_by("pk")]
    over = {case: ends.explanation for case, ends in waiting if ends and not is_in_time(ends, now)}
    return one_by_one(over, lambda case: fire(case, "pass_on", actor=SYSTEM, note=over[case])).done
