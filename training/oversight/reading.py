"""What the pages of oversight are made of: rows and columns chosen one by one, so that none of them names a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, QuerySet

from luojiang_ce.access import OVERSEE, Actor
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import act_label, event_label, workflow_of
from luojiang_ce.workflow.models import Event
from training.classes.models import ClassApplication, Enrolment, Lecturer
from training.inspections.decisions.models import Decision
from training.inspections.draws.models import Draw, OriginalsCheck
from training.inspections.models import Inspection, OnSiteSheet
from training.plans.models import Consent, ConsentBody, ItemAnswer, Plan, PlanBatch, PlanItem
from units.models import Account, Person

SOMEBODY = "某某"
# Whose names may stand in what somebody typed, and where they are known from.
NAMED: tuple[tuple[type[models.Model], str], ...] = (
    *((model, "name") for model in (Account, Person, Lecturer, Enrolment)),
    *((Plan, field) for field in ("leader", "filler")),
    *((ClassApplication, field) for field in ("leader", "class_teacher", "contact")),
    (PlanItem, "contact"),
    (OnSiteSheet, "signer"),
    (Consent, "person"),
)
DECISIONS = ("refuse", "strike", "withdraw")  # of a single item, each with its reason
UNDECIDED = ("draft", "submitted", "returned")


def batches(account: Actor) -> QuerySet[PlanBatch]:
    """The batches that were put before the bodies; none for who does not oversee."""
    rows: QuerySet[PlanBatch] = PlanBatch.objects.exclude(state=PlanBatch.State.GATHERING)
    return (
        rows.annotate(projects=Count("items")).order_by("-year", "-pk")
        if account.holds(*OVERSEE.roles)
        else rows.none()
    )


def plans(account: Actor) -> QuerySet[Plan]:
    """The plans that were filed."""
    rows: QuerySet[Plan] = Plan.objects.filter(first_submitted_at__isnull=False).select_related("unit")
    return (
        rows.annotate(rows_filed=Count("items")).order_by("-year", "-pk")
        if account.holds(*OVERSEE.roles)
        else rows.none()
    )


def classes(account: Actor) -> QuerySet[ClassApplication]:
    """The classes that were decided on."""
    rows: QuerySet[ClassApplication] = ClassApplication.objects.exclude(state__in=UNDECIDED)
    return rows.select_related("unit", "project") if account.holds(*OVERSEE.roles) else rows.none()


def inspections(account: Actor) -> QuerySet[Inspection]:
    """The visits that were made; one that is still ahead is known to its inspectors alone."""
    rows: QuerySet[Inspection] = Inspection.objects.filter(recorded_at__isnull=False)
    rows = (
        rows.select_related("unit", "application__project").prefetch_related("findings").order_by("-planned_on", "-pk")
    )
    return rows if account.holds(*OVERSEE.roles) else rows.none()


@dataclass(frozen=True)
class Visit:
    """A visit with the kinds of what was found, and why nothing followed from it. What was typed of a place that nobody
    published, and the reason, are without names."""

    case: Inspection
    subject: str
    provider: str
    found: list[str]
    let_be: str


def visits(shown: Sequence[Inspection]) -> list[Visit]:
    """These visits without who was there. Two queries."""
    keys = [each.pk for each in shown]
    events = Event.objects.filter(case_type=Inspection._meta.label_lower, case_id__in=keys, name="close_without")
    why = {event.case_id: _reason(event) for event in events.select_related("note_row").order_by("pk")}
    texts = without_names([text for each in shown for text in (each.subject, each.provider, why.get(each.pk, ""))])
    rows = zip(shown, texts[::3], texts[1::3], texts[2::3], strict=True)
    return [Visit(each, subject, provider, _kinds(each), let_be) for each, subject, provider, let_be in rows]


def _kinds(case: Inspection) -> list[str]:
    return list(dict.fromkeys(str(each) for each in case.findings.all()))


def decisions(account: Actor) -> QuerySet[Decision]:
    """What became of their findings, from the day on which the provider was told."""
    rows: QuerySet[Decision] = Decision.objects.filter(told_at__isnull=False).order_by("-pk")
    rows = rows.select_related("unit", "inspection__unit", "inspection__application__project").prefetch_related(
        "findings"
    )
    return rows if account.holds(*OVERSEE.roles) else rows.none()


@dataclass(frozen=True)
class Treated:
    """A decision on an inspection, with what was typed of it without names, and its papers."""

    case: Decision
    subject: str
    provider: str
    findings: str
    consequences: str
    reason: str
    papers: list[Paper]


def treated(shown: Sequence[Decision]) -> list[Treated]:
    """These decisions with their papers. Names in what was typed are masked. At most two queries."""
    papers = _papers_of(Decision, shown)
    said = ((each.inspection.subject, each.inspection.provider, each.other, each.reason) for each in shown)
    typed = without_names([text for texts in said for text in texts])
    return [
        Treated(
            each,
            subject,
            provider,
            "、".join(dict.fromkeys(str(one) for one in each.findings.all())),
            "；".join([*_named(each), *([f"其他：{other}"] if other else [])]),
            reason,
            papers.get(each.pk, []),
        )
        for each, subject, provider, other, reason in zip(
            shown, typed[::4], typed[1::4], typed[2::4], typed[3::4], strict=True
        )
    ]


def _named(case: Decision) -> list[str]:
    return [each for each in case.consequences if not case.other or each != f"其他：{case.other}"]


def draws(account: Actor) -> QuerySet[Draw]:
    """The draws. Of the list, and of which were drawn, nothing: a visit that is still ahead is not announced."""
    rows: QuerySet[Draw] = Draw.objects.defer("listed", "result").order_by("-pk")
    return rows if account.holds(*OVERSEE.roles) else rows.none()


@dataclass(frozen=True)
class DrawTold:
    """A draw, how far what it drew was looked into (in words), and why its list was cancelled."""

    case: Draw
    became: str
    why: str


def drawn(shown: Sequence[Draw]) -> list[DrawTold]:
    """These draws without who was sent where. At most four queries."""
    keys, made = [each.pk for each in shown], {pk for each in shown if each.of_classes for pk in each.made.values()}
    visits = Inspection.objects.filter(pk__in=[pk for pk in made if isinstance(pk, int)], recorded_at__isnull=False)
    seen = set(visits.values_list("pk", flat=True))
    checks: dict[int, list[str]] = {}
    states = OriginalsCheck.objects.filter(draw__in=keys).order_by("state").values_list("draw", "state")
    for pk, state, number in states.annotate(number=Count("pk")):
        checks.setdefault(pk, []).append(f"{OriginalsCheck.State(state).label} {number} 份")
    events = Event.objects.filter(case_type=Draw._meta.label_lower, case_id__in=keys, name="cancel")
    reasons = {event.case_id: _reason(event) for event in events.select_related("note_row")}
    said = without_names([reasons.get(pk, "") for pk in keys])
    return [
        DrawTold(each, _visited(each, seen) if each.of_classes else "，".join(checks.get(each.pk, [])), why)
        for each, why in zip(shown, said, strict=True)
    ]


def _visited(case: Draw, seen: set[int]) -> str:
    if case.state != Draw.State.DONE:
        return ""
    sent = [pk for pk in case.made.values() if isinstance(pk, int)]
    left = len(case.made) - len(sent)
    return f"安排 {len(sent)} 次，已检查 {len(seen.intersection(sent))} 次{f'，未安排 {left} 个' if left else ''}"


@dataclass(frozen=True)
class Decided:
    """A class with the papers that were issued on it, oldest first, and why it was let pass beyond the approved scope
    (notice 三2)."""

    case: ClassApplication
    papers: list[Paper]
    passed: str


def decided(shown: Sequence[ClassApplication]) -> list[Decided]:
    """These classes with what was decided on them. Names in reasons are masked. At most two queries."""
    by_class = _papers_of(ClassApplication, shown)
    reasons = without_names([each.scope_passed for each in shown])
    return [Decided(each, by_class.get(each.pk, []), why) for each, why in zip(shown, reasons, strict=True)]


def _papers_of(model: type[models.Model], shown: Sequence[models.Model]) -> dict[int, list[Paper]]:
    """The papers that were issued on these cases, oldest first, by case."""
    issued = Paper.objects.exclude(issued_at=None).with_successors()  # one may be revoked before it was
    rows = issued.filter(case_type=model._meta.label_lower, case_id__in=[each.pk for each in shown])
    found: dict[int, list[Paper]] = {}
    for paper in rows.order_by("pk"):
        found.setdefault(paper.case_id, []).append(paper)
    return found


@dataclass(frozen=True)
class Item:
    """A planned class, as 附件1 has it without whom to ask and who teaches.

    `said`: what bodies object to, and what was decided of it alone.
    """

    title: str
    unit: str
    number: str
    state: str
    meaning: str
    category: str
    basis: str
    starts_on: Any
    ends_on: Any
    sessions: int
    people: int | None
    budget: Any
    charges: bool
    fee: Any
    fee_document: str
    said: list[str]


def items(rows: QuerySet[PlanItem]) -> list[Item]:
    """The items of a plan or a batch, with the reasons that were given. Names in reasons are masked."""
    found = list(rows.select_related("unit"))
    objections = ItemAnswer.objects.filter(item__in=found, answer=ItemAnswer.Answer.OBJECTED)
    told = [
        *(
            (each.item_id, f"{each.consent.body}不同意：", each.reason)
            for each in objections.select_related("consent__body")
        ),
        *((event.case_id, f"{act_label(event)}：", _reason(event)) for event in _decisions(found)),
    ]
    reasons = without_names([reason for *_, reason in told])
    by_item: dict[int, list[str]] = {}
    for (pk, lead, _), reason in zip(told, reasons, strict=True):
        by_item.setdefault(pk, []).append(f"{lead}{reason}")
    return [_item(row, by_item.get(row.pk, [])) for row in found]


def _decisions(rows: list[PlanItem]) -> QuerySet[Event]:
    """What was decided about single items by itself, in order."""
    events = Event.objects.filter(case_type=PlanItem._meta.label_lower, case_id__in=[row.pk for row in rows])
    return events.filter(name__in=DECISIONS).select_related("note_row").order_by("pk")


def _item(row: PlanItem, said: list[str]) -> Item:
    same = ("title", "basis", "starts_on", "ends_on", "sessions", "people", "budget", "charges", "fee", "fee_document")
    return Item(
        **{name: getattr(row, name) for name in same},
        unit=row.unit.short,
        number=row.number or "",
        state=row.get_state_display(),
        meaning=workflow_of(row).states[row.state].meaning,
        category=row.get_category_display(),
        said=said,
    )


@dataclass(frozen=True)
class Answer:
    """What a body said of a batch as a whole, and when; not by whom."""

    body: ConsentBody
    result: str
    way: str
    given_on: Any
    note: str


def answers(batch: PlanBatch) -> list[Answer]:
    """The bodies' answers to a batch, in their order."""
    given = list(batch.consents.select_related("body"))
    notes = without_names([each.note for each in given])
    return [
        Answer(each.body, each.get_result_display(), each.get_way_display(), each.given_on, note)
        for each, note in zip(given, notes, strict=True)
    ]


@dataclass(frozen=True)
class Act:
    """What was done to a case, when and by which office; a reason where the step asks for one."""

    at: datetime
    label: str
    office: str
    reason: str


def acts(case: Any) -> list[Act]:
    """The history of a case without its names, newest first."""
    table = {each.name: each for each in workflow_of(case).transitions}
    rows = Event.objects.filter(case_type=case._meta.label_lower, case_id=case.pk).order_by("-pk")
    events = list(rows.select_related("note_row"))
    typed = [_reason(event) if event.name in table else "" for event in events]
    return [
        Act(
            event.at,
            table[event.name].done if event.name in table else event_label(event.name),
            table[event.name].who.label if event.name in table else "",
            reason,
        )
        for event, reason in zip(events, without_names(typed), strict=True)
    ]


def _reason(event: Event) -> str:
    return event.note_row.text if hasattr(event, "note_row") else ""


def without_names(texts: Sequence[str]) -> list[str]:
    """Texts that somebody typed, without the names of anybody whom the system knows. One query."""
    whole = "\n".join(texts)
    names = sorted(_names_in(whole), key=len, reverse=True) if whole.strip() else []
    told = [mask_ids(text) for text in texts]
    for name in names:
        told = [text.replace(name, SOMEBODY) for text in told]
    return told


def _names_in(text: str) -> set[str]:
    """Those of all known names that stand in it. They are read and held against its pieces here: a database that is
    asked for each of 200,000 whether a long text contains it takes many seconds."""
    named = [model._base_manager.order_by().values_list(field) for model, field in NAMED]
    known = {name for (name,) in named[0].union(*named[1:]).iterator() if name}
    lengths = {len(name) for name in known}
    pieces = {text[at : at + length] for length in lengths for at in range(len(text) - length + 1)}
    return known & pieces
