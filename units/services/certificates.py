"""Numbers of certificates (发证): the bureau's pattern, the next ones, whose a number is; unique in the district."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count as counting
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Upper

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.models import NumberSeries
from luojiang_ce.papers.numbering import allocate
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import squeezed
from luojiang_ce.workflow.events import record, record_many
from units.identity.certificate_numbers import UNTIDY, BadPattern, read_pattern
from units.models import Certificate, CertificatePattern, Person, Unit

Kind = Certificate.Kind
Key = tuple[str, str]  # kind of certificate, and number in capitals
TAKEN = "这个证书编号已登记给另一人，请对照证书核对；确属此人的，请联系区人社局更正"
_AT_ONCE = 500


@dataclass(frozen=True)
class Booklet:
    """A certificate that a person gets or has: `number` empty, where the bureau's pattern is to give it.

    `is_new`: it is issued now (发证、换证), so that its days begin today; `exchanged`: the number of the booklet whose
    place it takes (换证).
    """

    person: Person
    kind: str
    number: str = ""
    is_new: bool = False
    exchanged: str = ""


def key_of(kind: str, number: str) -> Key:
    """What makes a certificate unique in the district."""
    return kind, squeezed(number).upper()


def kind_for(category: str) -> str:
    """The kind of booklet that a person of this category has."""
    return Kind.MEDICAL if category == Person.Category.MEDICAL else Kind.GENERAL


@dataclass(frozen=True)
class Holder:
    """Whose a certificate is (person id), and its last day, if one is on record."""

    person_id: int
    valid_to: date | None

    @property
    def has_expired(self) -> bool:
        """Is the last day over?"""
        return self.valid_to is not None and self.valid_to < clock.today()


def holders_of(keys: Iterable[Key]) -> dict[Key, Holder]:
    """Who has each of these certificates, of those in dispute who had it first; what nobody has is left out. One query
    for every 500."""
    wanted = list(set(keys))
    standing = Certificate.objects.annotate(capitals=Upper("number")).order_by("-disputed", "-pk")
    found: dict[Key, Holder] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        same = Q(capitals__in={number for _, number in some}, kind__in={kind for kind, _ in some})
        rows = standing.filter(same | Q(number__regex=UNTIDY))
        found |= {key_of(row.kind, row.number): Holder(row.person_id, row.valid_to) for row in rows}
    return {key: found[key] for key in wanted if key in found}


def owners_of(keys: Iterable[Key]) -> dict[Key, int]:
    """The person who has each of these certificates; what nobody has is left out. One query for every 500."""
    return {key: holder.person_id for key, holder in holders_of(keys).items()}


def is_taken(kind: str, number: str, person: Person | None = None) -> bool:
    """Has somebody else this certificate? `person`: who is about to get it, None for somebody new."""
    owner = owners_of([key_of(kind, number)]).get(key_of(kind, number))
    return owner is not None and (person is None or owner != person.pk)


def save_once(row: Certificate, *, field: str) -> None:
    """Save a certificate that nobody had a moment ago: of two who type one number at once, one gets NotPossible."""
    with _beaten_to_it(field):
        row.save()


@contextmanager
def _beaten_to_it(field: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as beaten:
        raise NotPossible(**{field: TAKEN}) from beaten


# --- which one is in use ----------------------------------------------------------------------------------------------


def booklet_of(held: Iterable[Certificate], kind: str) -> Certificate | None:
    """Of what a person holds the booklet of this kind that is in use: one that holds before one that has expired, the
    newest first."""
    own = [each for each in held if each.kind == kind]
    return max(own, key=lambda each: (not has_expired(each), each.valid_from or date.min, each.pk), default=None)


def has_expired(certificate: Certificate) -> bool:
    """Is its last day over? One without a last day holds on."""
    return Holder(certificate.person_id, certificate.valid_to).has_expired


# --- the pattern ------------------------------------------------------------------------------------------------------


def rule_on(kind: str, day: date) -> CertificatePattern | None:
    """What the bureau has said of certificates of this kind that holds on a day; None where it has said nothing."""
    return CertificatePattern.objects.filter(kind=kind, first_day__lte=day).first()


def pattern_of(kind: str) -> str:
    """How the bureau numbers certificates of this kind today; empty while nobody has set it (未设定)."""
    rule = rule_on(kind, clock.today())
    return rule.pattern if rule else ""


def next_sequence(rule: CertificatePattern) -> int:
    """The sequence number that the next certificate gets by this rule, this year or that of its beginning."""
    return _next_of(rule, max(rule.first_day, clock.today()))


def _next_of(rule: CertificatePattern, day: date) -> int:
    row = NumberSeries.objects.filter(series=rule.series, year=_year(rule, day)).first()
    return row.last + 1 if row else 1


def example_of(rule: CertificatePattern) -> str:
    """The number that it gives next, unless somebody has that already; empty for 未设定."""
    year = max(rule.first_day, clock.today()).year
    return rule.pattern.format(year=year, seq=next_sequence(rule))


@transaction.atomic
def set_pattern(
    *,
    kind: str,
    typed: str,
    following: int | None,
    actor: Actor,
    first_day: date | None = None,
    valid_years: int | None = None,
    document: str = "",
) -> CertificatePattern:
    """Set the pattern as it is typed (empty: not set any more) and how many years a booklet holds (None: 未设定, it
    does not expire), from a day on (today). `following`: the next sequence number; None: it counts on, another pattern
    from 1.

    Numbers that were given stay. Raises NotPossible where the pattern gives no numbers, or the day is over.
    """
    begins = first_day or clock.today()
    _must_be_sound(following, begins)
    pattern = _read(typed)
    following = following or _counted_on(kind, pattern, begins)
    facts: dict[str, object] = {"pattern": pattern, "valid_years": valid_years, "document": document}
    facts |= {"entered_at": clock.now(), "entered_by_id": actor.pk}
    rule, _ = CertificatePattern.objects.update_or_create(kind=kind, first_day=begins, defaults=facts)
    if rule.pattern:
        last = {"last": following - 1}
        NumberSeries.objects.update_or_create(series=rule.series, year=_year(rule, begins), defaults=last)
    data = {"kind": kind, "pattern": rule.pattern, "following": following}
    record(Unit.objects.bureau(), "certificate_pattern", actor=actor, note=_told(rule, following), data=data)
    return rule


def _read(typed: str) -> str:
    try:
        return read_pattern(typed) if typed.strip() else ""
    except BadPattern as bad:
        raise NotPossible(pattern=str(bad)) from bad


def _counted_on(kind: str, pattern: str, begins: date) -> int:
    """The sequence number after the last one of the rule that held until then; of another pattern the first."""
    former = rule_on(kind, begins)
    return _next_of(former, begins) if former and former.pattern == pattern else 1


def _must_be_sound(following: int | None, begins: date) -> None:
    if following is not None and following < 1:
        raise NotPossible(following="序号从 1 开始")
    if begins < clock.today():
        raise NotPossible(first_day="应不早于今天：已经给出的编号不改")


def _told(rule: CertificatePattern, following: int) -> str:
    holds = f"有效期 {rule.valid_years} 年" if rule.valid_years else "有效期未设定"
    title = Kind(rule.kind).label
    return f"{title}编号：自 {rule.first_day} 起 {rule.pattern or '未设定'}，下一个序号 {following}，{holds}"


# --- giving and keeping -----------------------------------------------------------------------------------------------


@transaction.atomic
def issue(*, booklets: Sequence[Booklet], actor: Actor) -> dict[int, str]:
    """Keep these certificates with their people, and give numbers to those without; number by person id.

    Who holds one of the kind is not given a second, unless it is exchanged: then the former one ends. A number of
    somebody else's is left with them. Raises NotPossible where numbers are to be given and no pattern is set. The
    number of queries does not grow with people.
    """
    people = [each.person.pk for each in booklets]
    holding = Certificate.objects.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today()), person__in=people)
    held = holding.order_by(F("valid_from").asc(nulls_first=True), "pk")
    kept = {(pk, kind): number for pk, kind, number in held.values_list("person_id", "kind", "number")}
    numbers = {each.person.pk: each.number or _kept(kept, each) for each in booklets}
    for kind in Kind.values:
        waiting = [each.person.pk for each in booklets if each.kind == kind and not numbers[each.person.pk]]
        numbers |= dict(zip(waiting, _next_numbers(kind, len(waiting)), strict=True))
    named = [replace(each, number=numbers[each.person.pk]) for each in booklets]
    _keep(named, actor)
    end_former(named, actor=actor)
    return numbers


def _kept(kept: dict[tuple[int, str], str], booklet: Booklet) -> str:
    return "" if booklet.exchanged else kept.get((booklet.person.pk, booklet.kind), "")


def end_former(booklets: Iterable[Booklet], *, actor: Actor) -> None:
    """What was exchanged holds until the day before (换证); what had ended by then stays as it is."""
    former = {(each.person.pk, *key_of(each.kind, each.exchanged)): each.person for each in booklets if each.exchanged}
    last = clock.today() - timedelta(days=1)
    holding = Certificate.objects.filter(Q(valid_to=None) | Q(valid_to__gt=last), person__in=list(former.values()))
    ended = [row for row in holding if (row.person_id, *key_of(row.kind, row.number)) in former]
    for row in ended:
        row.valid_to = max(last, row.valid_from or last)
    Certificate.objects.bulk_update(ended, ["valid_to"], batch_size=500)
    told = [(former[row.person_id, *key_of(row.kind, row.number)], _ref(row)) for row in ended]
    record_many(told, "certificate_exchanged", actor=actor)


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
    if key_of(booklet.kind, booklet.number) in held:
        return
    wrong = held.get(key_of(booklet.kind, instead_of))
    if wrong is None:
        with _beaten_to_it("number"):
            _save([booklet], actor)
        return
    wrong.number, wrong.disputed = squeezed(booklet.number), False
    save_once(wrong, field="number")
    record(booklet.person, "certificate_saved", actor=actor, data=_ref(wrong))


def _keep(booklets: Sequence[Booklet], actor: Actor) -> None:
    held = Certificate.objects.filter(person__in=[each.person.pk for each in booklets])
    known = {key_of(kind, number) for kind, number in held.values_list("kind", "number")}
    known |= owners_of(key_of(each.kind, each.number) for each in booklets).keys()
    _save([each for each in booklets if key_of(each.kind, each.number) not in known], actor)


def _save(new: Sequence[Booklet], actor: Actor) -> None:
    today, until = clock.today(), {kind: _last_day(kind) for kind in {each.kind for each in new if each.is_new}}
    rows = Certificate.objects.bulk_create(
        Certificate(
            person=each.person,
            kind=each.kind,
            number=squeezed(each.number),
            valid_from=today if each.is_new else None,
            valid_to=until[each.kind] if each.is_new else None,
        )
        for each in new
    )
    people = {each.person.pk: each.person for each in new}
    record_many([(people[row.person_id], _ref(row)) for row in rows], "certificate_saved", actor=actor)


def _ref(row: Certificate) -> dict[str, object]:
    return {"record": row._meta.model_name, "id": row.pk}


def _last_day(kind: str) -> date | None:
    """The last day of a booklet that is issued today; None where the bureau has not said how long one holds."""
    today = clock.today()
    rule = rule_on(kind, today)
    if rule is None or rule.valid_years is None:
        return None
    year = today.year + rule.valid_years
    same_day = date(year, 3, 1) if (today.month, today.day) == (2, 29) and year % 4 else today.replace(year=year)
    return same_day - timedelta(days=1)


def _next_numbers(kind: str, count: int) -> list[str]:
    """The next numbers; those that somebody has already are passed over. As many queries however many these are."""
    if not count:
        return []
    today = clock.today()
    rule = rule_on(kind, today)
    if rule is None or not rule.pattern:
        raise NotPossible(f"{Kind(kind).label}的编号规则未设定，请逐人填写编号")
    year = _year(rule, today)
    given = allocate(rule.series, year, count)  # locks the series first
    taken = _taken_by_pattern(rule, today.year)
    numbers = ((each, rule.pattern.format(year=today.year, seq=each)) for each in counting(given.start))
    free = list(islice((each for each in numbers if key_of(kind, each[1]) not in taken), count))
    if passed_over := free[-1][0] - given[-1]:
        allocate(rule.series, year, passed_over)
    return [number for _, number in free]


def _taken_by_pattern(rule: CertificatePattern, year: int) -> set[Key]:
    """The certificates that begin and end as this rule's of a year do. One query."""
    begins, ends = re.sub(r"\{seq:0\dd\}", "\n", rule.pattern).format(year=year).upper().split("\n")
    alike = Q(capitals__startswith=begins, capitals__endswith=ends) | Q(number__regex=UNTIDY)
    rows = Certificate.objects.annotate(capitals=Upper("number")).filter(alike, kind=rule.kind).order_by()
    return {key_of(rule.kind, number) for number in rows.values_list("number", flat=True)}


def _year(rule: CertificatePattern, day: date) -> int:
    """The year whose series gives the number: a pattern without one counts on for ever."""
    return day.year if "{year}" in rule.pattern else 0
