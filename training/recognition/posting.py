"""Writing what was recognised: the outcome of each trainee, frozen, and the entries of the ledger, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date

from luojiang_ce.access.roles import Actor
from training.choices import Category, Form
from training.classes.models import ClassApplication
from training.half_days import Lesson
from training.plans.models import PlanItem
from training.recognition.counting import Tally, Trainee
from training.recognition.decisions import portions
from training.recognition.models import Outcome, Recognition
from verification.choices import Form as LedgerForm
from verification.ledger.services import NewEntry, post

STRANGER = "不是本区登记的专业技术人员，在本区不入账"
NOTHING = "没有可以认定的学时（学分）"


def freeze_outcomes(recognition: Recognition, tally: Tally) -> None:
    """Keep what was found for each trainee; one statement, however many trainees."""
    Outcome.objects.bulk_create((_outcome(recognition, trainee) for trainee in tally.trainees), batch_size=200)


def post_to_ledger(recognition: Recognition, tally: Tally, actor: Actor) -> None:
    """Post each trainee's hours or credits to the ledger; repeating it changes nothing."""
    application = recognition.application
    lessons = application.lessons()
    earning = [trainee for trainee in tally.trainees if why_not_posted(trainee) == ""]
    entries = [entry for trainee in earning for entry in _entries(application, trainee, lessons)]
    post(entries=entries, source=recognition, actor=actor)


def why_not_posted(trainee: Trainee) -> str:
    """Why nothing of this trainee goes into the ledger; empty when something does.

    A trainee whose unit has not agreed earns the hours all the same: the consent is material 3 of the yearly
    verification, where it is asked for (notice 二(一)3).
    """
    if not any(final.amount for final in trainee.finals):
        return "考核不合格，不计学时" if trainee.passed is False else NOTHING
    return STRANGER if trainee.enrolment.person_id is None else ""


def _outcome(recognition: Recognition, trainee: Trainee) -> Outcome:
    why_not = why_not_posted(trainee)
    return Outcome(
        recognition=recognition,
        enrolment=trainee.enrolment,
        half_days=[
            {"date": each.date.isoformat(), "half_day": str(each.half_day), "why": str(each.why)}
            for each in trainee.result.half_days
        ],
        amounts=[
            {**asdict(final), "amount": str(final.amount), "counted": str(final.counted)} for final in trainee.finals
        ],
        assessment={None: "", True: "passed", False: "failed"}[trainee.passed],
        posted=not why_not,
        why_not=why_not,
    )


def _entries(application: ClassApplication, trainee: Trainee, lessons: Sequence[Lesson]) -> Iterator[NewEntry]:
    person_id = trainee.enrolment.person_id
    assert person_id is not None  # strangers are told apart by `why_not_posted`
    counted = {(each.date, each.half_day) for each in trainee.result.half_days if each.counted}
    reasons = {(final.year, final.subject): final.reason for final in trainee.finals}
    for portion in portions(trainee.finals, lessons, counted):
        yield NewEntry(
            person_id=person_id,
            year=portion.year,
            measure=application.measure,
            subject=portion.subject,
            form=ledger_form(application),
            amount=portion.amount,
            title=str(application),
            organiser=application.unit.name,
            date_from=_within(application.opens_on, portion.year),
            date_to=_within(application.ends_on, portion.year),
            intensive=application.intensive,
            course=portion.course,
            paid=application.charges,
            reason=reasons[portion.year, portion.subject],
        )


def ledger_form(application: ClassApplication) -> str:
    """notice 一(四): the form of learning as the ledger names it."""
    own = {Form.REMOTE: LedgerForm.REMOTE, Form.PLACEMENT: LedgerForm.PLACEMENT}.get(Form(application.form))
    project: PlanItem = application.project
    return own or (LedgerForm.SEMINAR if project.category == Category.SEMINAR else LedgerForm.CLASS)


def _within(day: date | None, year: int) -> date | None:
    """A class over New Year has entries in both years, each with its own part of the days (R3)."""
    return day and min(max(day, date(year, 1, 1)), date(year, 12, 31))
