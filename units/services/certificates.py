"""Numbers of certificates (发证): the bureau's pattern, the next ones, whose a number is; unique in the district."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Upper

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.models import NumberFormat, NumberSeries
from luojiang_ce.papers.numbering import allocate
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record, record_many
from units.identity.certificate_numbers import UNTIDY, BadPattern, read_pattern, tidy
from units.models import Certificate, Person, Unit

Kind = Certificate.Kind
Key = tuple[str, str]  # kind of certificate, and number in capitals
TAKEN = "这个证书编号已登记给另一人，请对照证书核对；确属此人的，请联系区人社局更正"
_AT_ONCE = 500


@dataclass(frozen=True)
class Booklet:
    """A certificate that a person gets or has: `number` empty, where the bureau's pattern is to give it."""

    person: Person
    kind: str
    number: str = ""


def key_of(kind: str, number: str) -> Key:
    """What makes a certificate unique in the district."""
    return kind, tidy(number).upper()


def kind_for(category: str) -> str:
    """The kind of booklet that a person of this category has."""
    return Kind.MEDICAL if category == Person.Category.MEDICAL else Kind.GENERAL


def owners_of(keys: Iterable[Key]) -> dict[Key, int]:
    """The person who has each of these certificates; what nobody has is left out. One query for every 500."""
    wanted = list(set(keys))
    standing = Certificate.objects.filter(disputed=False).annotate(capitals=Upper("number")).order_by()
    found: dict[Key, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        same = Q(capitals__in={number for _, number in some}, kind__in={kind for kind, _ in some})
        rows = standing.filter(same | Q(number__regex=UNTIDY)).values_list("kind", "number", "person_id")
        found |= {key_of(kind, number): pk for kind, number, pk in rows}
    return {key: found[key] for key in wanted if key in found}


def is_taken(kind: str, number: str, person: Person | None = None) -> bool:
    """Has somebody else this certificate? `person`: who is about to get it, None for somebody new."""
    owner = owners_of([key_of(kind, number)]).get(key_of(kind, number))
    return owner is not None and (person is None or owner != person.pk)


def save_once(row: Certificate, *, field: str) -> None:
    """Save a certificate that nobody had a moment ago: of two who type one number at once, one gets NotPossible."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as beaten:
        raise NotPossible(**{field: TAKEN}) from beaten


# --- the pattern ------------------------------------------------------------------------------------------------------


def pattern_of(kind: str) -> str:
    """How the bureau numbers certificates of this kind; empty while nobody has set it (未设定)."""
    return NumberFormat.objects.filter(series=_series(kind)).values_list("pattern", flat=True).first() or ""


def next_sequence(kind: str) -> int:
    """The sequence number that the next certificate of this year gets."""
    row = NumberSeries.objects.filter(series=_series(kind), year=_year(pattern_of(kind))).first()
    return row.last + 1 if row else 1


@transaction.atomic
def set_pattern(*, kind: str, typed: str, following: int, actor: Actor) -> str:
    """Set the pattern as it is typed (empty: not set any more) and the sequence number that follows.

    Raises NotPossible where the pattern gives no numbers.
    """
    try:
        pattern = read_pattern(typed) if typed.strip() else ""
    except BadPattern as bad:
        raise NotPossible(pattern=str(bad)) from bad
    if following < 1:
        raise NotPossible(following="序号从 1 开始")
    title = f"{Kind(kind).label}编号"
    NumberFormat.objects.update_or_create(series=_series(kind), defaults={"pattern": pattern, "title": title})
    if pattern:
        last = {"last": following - 1}
        NumberSeries.objects.update_or_create(series=_series(kind), year=_year(pattern), defaults=last)
    data = {"kind": kind, "pattern": pattern, "following": following}
    note = f"{title}：{pattern or '未设定'}，下一个序号 {following}"
    record(Unit.objects.bureau(), "certificate_pattern", actor=actor, note=note, data=data)
    return pattern


# --- giving and keeping -----------------------------------------------------------------------------------------------


@transaction.atomic
def issue(*, booklets: Sequence[Booklet], actor: Actor) -> dict[int, str]:
    """Keep these certificates with their people, and give numbers to those without; number by person id.

    Who has one of the kind already is not given a second. A number of somebody else's is left with them. Raises
    NotPossible where numbers are to be given and no pattern is set. The number of queries does not grow with people.
    """
    people = [each.person.pk for each in booklets]
    held = Certificate.objects.filter(person__in=people).order_by("valid_from", "pk")
    kept = {(pk, kind): number for pk, kind, number in held.values_list("person_id", "kind", "number")}
    numbers = {each.person.pk: each.number or kept.get((each.person.pk, each.kind), "") for each in booklets}
    for kind in Kind.values:
        waiting = [each.person.pk for each in booklets if each.kind == kind and not numbers[each.person.pk]]
        numbers |= dict(zip(waiting, _next_numbers(kind, len(waiting)), strict=True))
    _keep([Booklet(each.person, each.kind, numbers[each.person.pk]) for each in booklets], actor)
    return numbers


@transaction.atomic
def keep(*, booklet: Booklet, instead_of: str, actor: Actor) -> None:
    """Keep a certificate with its person, in place of a number that was typed wrongly (empty: of none).

    Raises NotPossible without a number, and with that of somebody else.
    """
    if not booklet.number:
        raise NotPossible(number="请填写证书编号")
    if is_taken(booklet.kind, booklet.number, booklet.person):
        raise NotPossible(number=TAKEN)
    rows = Certificate.objects.filter(person=booklet.person, kind=booklet.kind)
    held = {key_of(row.kind, row.number): row for row in rows}
    wrong = held.get(key_of(booklet.kind, instead_of))
    if wrong is None or key_of(booklet.kind, booklet.number) in held:
        _keep([booklet], actor)
        return
    wrong.number, wrong.disputed = tidy(booklet.number), False
    save_once(wrong, field="number")
    data = {"record": wrong._meta.model_name, "id": wrong.pk}
    record(booklet.person, "certificate_saved", actor=actor, data=data)


def _keep(booklets: Sequence[Booklet], actor: Actor) -> None:
    held = Certificate.objects.filter(person__in=[each.person.pk for each in booklets])
    known = {key_of(kind, number) for kind, number in held.values_list("kind", "number")}
    known |= owners_of(key_of(each.kind, each.number) for each in booklets).keys()
    new = [each for each in booklets if key_of(each.kind, each.number) not in known]
    rows = Certificate.objects.bulk_create(
        Certificate(person=each.person, kind=each.kind, number=tidy(each.number), valid_from=clock.today())
        for each in new
    )
    people = {each.person.pk: each.person for each in new}
    saved = [(people[row.person_id], {"record": row._meta.model_name, "id": row.pk}) for row in rows]
    record_many(saved, "certificate_saved", actor=actor)


def _next_numbers(kind: str, count: int) -> list[str]:
    """The next numbers; those that somebody has already are passed over."""
    pattern = pattern_of(kind) if count else ""
    if count and not pattern:
        raise NotPossible(f"{Kind(kind).label}的编号规则未设定，请逐人填写编号")
    found: list[str] = []
    while len(found) < count:
        year = _year(pattern)
        more = allocate(_series(kind), year, count - len(found))
        made = [pattern.format(year=year, seq=sequence) for sequence in more]
        taken = owners_of(key_of(kind, number) for number in made)
        found += [number for number in made if key_of(kind, number) not in taken]
    return found


def _series(kind: str) -> str:
    return f"certificate_{kind}"


def _year(pattern: str) -> int:
    """The year whose series gives the number: a pattern without one counts on for ever."""
    return clock.today().year if "{year}" in pattern else 0
