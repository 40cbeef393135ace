"""People who left long ago lose name, number, files and the words about them; papers, sums and events stay.

After how many years is the bureau's setting (ANONYMISE_AFTER_YEARS); while nothing is set, nobody. Each person by
himself, so that the work can be broken off and gone on with. What an issued paper says, a closed year's package holds
or a return asked for is not touched: it is kept for its own time, and its digests are in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.access import case_models
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import purge
from luojiang_ce.workflow.case_kind import Workflow, always, kinds_with_a_table
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import anonymise_notes, history, record
from units.models import Certificate, Employment, Person

DONE = "person_anonymised"
GONE = "已匿名"  # in place of words
REASON = "保存期限已满，隐去个人信息"


@dataclass(frozen=True)
class Texts:
    """What goes with the name in rows of `model` that lead to a person `by` this lookup: column → what stands there
    instead."""

    model: type[Any]
    by: str
    instead: Mapping[str, Any]


_texts: list[Texts] = []


def register_texts(model: type[Any], *words: str, emptied: tuple[str, ...] = (), by: str = "person") -> None:
    """What somebody typed about a person goes with the name; `emptied`: columns by which the person could be found, or
    that say more than sums. Called in the app's `ready()`; the test of this module knows every column that stays."""
    empty = {name: model._meta.get_field(name).get_default() for name in emptied}
    _texts.append(Texts(model, by, dict.fromkeys(words, GONE) | empty))


def texts() -> Sequence[Texts]:
    """All that was registered."""
    return tuple(_texts)


def left_before() -> date | None:
    """Whoever's last employment ended before this day is anonymised; None while the bureau has set nothing."""
    years, today = settings.ANONYMISE_AFTER_YEARS, clock.today()
    return date(today.year - years, today.month, min(today.day, 28)) if years > 0 else None


def due() -> QuerySet[Any]:
    """Whom it may concern today: who left or died long enough ago, and about whom nothing is open that the state of a
    case alone tells; the rest is asked of each by `anonymise`."""
    day = left_before()
    if day is None:
        return Person.objects.none()
    at_work = Employment.objects.filter(ended_on=None).values("person")
    rows = Person.objects.filter(anonymised_at=None).exclude(pk__in=at_work)
    gone = rows.annotate(left_on=Max("employments__ended_on")).filter(left_on__lt=day)
    for condition in _open():
        gone = gone.exclude(condition)
    return gone.order_by("pk")


def _open() -> Iterator[Q]:
    """What is open about a person: a case of the person's own, or one of which a row is."""
    for rows, person, way, table in _ways():
        states = [name for name, info in table.states.items() if any(turn.when is always for turn in info.turns)]
        yield Q(pk__in=rows._base_manager.filter(**{f"{way}state__in": states}).values(person))


def _ways() -> Iterator[tuple[Any, str, str, Workflow]]:
    """Rows that lead to a person, by which lookup; the way from there to a case with states (none: the row itself)."""
    tables = {kind.model: table for kind, table in kinds_with_a_table()}
    for rows in apps.get_models():
        if rows in tables:
            yield from ((rows, path, "", tables[rows]) for path in _paths(rows))
        for path in _own_paths(rows):
            for field in rows._meta.concrete_fields:
                if field.related_model in tables:
                    yield rows, path, f"{field.name}__", tables[field.related_model]


def _own_paths(model: type[Any]) -> list[str]:
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return [] if model._meta.auto_created else [each.name for each in fields if each.related_model is Person]


def _paths(model: type[Any]) -> list[str]:
    """How a case leads to whom it is about: by its own field, or else by that of a row that it is about (a trainee's
    entry in a list, a declaration)."""
    related = [field for field in model._meta.concrete_fields if field.related_model]
    return _own_paths(model) or [f"{each.name}__{path}" for each in related for path in _own_paths(each.related_model)]


def _is_waited_for(person: Person) -> bool:
    """Is it somebody's turn with any of these cases, as it stands?"""
    for rows, field, way, table in _ways():
        for row in rows._base_manager.filter(**{field: person}):
            case = getattr(row, way.removesuffix("__")) if way else row
            if case is not None and any(turn.when(case) for turn in table.states[case.state].turns):
                return True
    return False


@transaction.atomic
def anonymise(pk: int) -> bool:
    """Take away who a person was, on record; False where that is not due: back meanwhile, something open, or done."""
    person = Person.objects.select_for_update().filter(pk=pk).first()
    if person is None or not due().filter(pk=pk).exists() or _is_waited_for(person):
        return False
    for case in (person, *_cases_about(person)):
        _forget_words_and_files(case)
    for each in _texts:
        rows = _only_about(person, each.model, each.by)
        for field, instead in each.instead.items():
            rows.exclude(**{field: each.model._meta.get_field(field).get_default()}).update(**{field: instead})
    _forget(person)
    record(person, DONE, actor=SYSTEM)
    return True


def _cases_about(person: Person) -> Iterator[Any]:
    for model in case_models().values():
        for path in _paths(model):
            yield from _only_about(person, model, path).order_by("pk")


def _only_about(person: Person, model: type[Any], path: str) -> QuerySet[Any]:
    """Rows that lead to this person; those of several people wait for the last of them."""
    others = Person.objects.filter(anonymised_at=None).exclude(pk=person.pk)
    rows: QuerySet[Any] = model._base_manager.filter(**{path: person})
    return rows.exclude(**{f"{path}__in": others}) if path in _shared(model) else rows


def _shared(model: type[Any]) -> set[str]:
    return {field.name for field in model._meta.many_to_many}


def _forget_words_and_files(case: Any) -> None:
    told = history(case).filter(note_row__isnull=False)
    if told.exists():
        anonymise_notes(case, list(told), actor=SYSTEM, reason=REASON)
    if files := list(Attachment.objects.filter(case_type=case._meta.label_lower, case_id=case.pk).order_by("pk")):
        purge(case, files)


def _forget(person: Person) -> None:
    person.seal_id(f"{GONE}{person.pk}")  # unique, and no number that anybody types
    person.name, person.pinyin, person.initials, person.masked_id = GONE, "", "", GONE
    person.id_last4_hash = ""  # the last four of what stands instead are a number, as is its own in a name
    person.sex, person.birth, person.note = "", None, ""
    person.anonymised_at = clock.now()
    person.save()
    for booklet in Certificate.objects.filter(person=person):
        Certificate.objects.filter(pk=booklet.pk).update(number=f"{GONE}{booklet.pk}", disputed=False)
