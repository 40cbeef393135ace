"""What the conversion tables propose for a declaration; nobody is bound by it, and an empty table proposes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from units.drafted_case import Revision, keep_draft
from units.models import Person
from verification.choices import Form
from verification.declarations.models import Conversion, Declaration
from verification.ledger.models import LedgerEntry

# How many hours these are was settled before: by the bureau's approval, by another district.
SETTLED = (Form.SELF_STUDY, Form.TRANSFER)
CLOSED = "现在的状态是“{}”，不能再修改；执行过的请拟定修订"


def levels_of(form: str) -> list[str]:
    """The levels that the tables know of a form of learning, as its documents call them. One query."""
    rows = Conversion.objects.in_force().filter(form=form).exclude(level="").order_by("level")
    return list(rows.values_list("level", flat=True).distinct())


def proposal(declared: Declaration) -> str:
    """按…建议 6 学时: what the tables in force propose, or that they say two things; empty where they say nothing. One
    query."""
    if declared.form in SETTLED or not (declared.date_from and declared.date_to and declared.measure):
        return ""
    rows = Conversion.objects.on(declared.date_to).filter(form=declared.form, measure=declared.measure)
    fitting = closest(rows, declared)
    if not fitting:
        return ""
    if len(fitting) > 1:
        return f"有 {len(fitting)} 条学时折算标准同样适用，不能建议，请向区人社局核实：{'；'.join(map(str, fitting))}"
    (rule,) = fitting
    amount = f"{amount_by(rule, declared).normalize():f} {rule.get_measure_display()}"
    return f"按学时折算标准（{rule.document}）建议 {amount}：{rule}"


def closest(rows: Iterable[Conversion], declared: Declaration) -> Sequence[Conversion]:
    """Those that fit level and authorship, the most particular of them: what a rule leaves empty fits everybody."""
    fits = [
        rule for rule in rows if rule.level in ("", declared.level) and rule.authorship in ("", declared.authorship)
    ]
    most = max((_particular(rule) for rule in fits), default=0)
    return [rule for rule in fits if _particular(rule) == most]


def _particular(rule: Conversion) -> int:
    return bool(rule.level) + bool(rule.authorship)


def amount_by(rule: Conversion, declared: Declaration) -> Decimal:
    """Hours or credits: of each day of the declared year, the first and the last among them, or of the whole."""
    if rule.per == Conversion.Per.ITEM:
        return rule.amount
    first, last = max(declared.date_from, date(declared.year, 1, 1)), min(declared.date_to, date(declared.year, 12, 31))
    return rule.amount * ((last - first).days + 1)


def the_one(rows: Iterable[Conversion], declared: Declaration) -> Conversion | None:
    """The figure that speaks of it, of those of its day; None where none does, or two say different things."""
    fitting = closest(rows, declared)
    return fitting[0] if len(fitting) == 1 else None


# --- what would be otherwise ------------------------------------------------------------------------------------------


def tables_before_and_after(change: Conversion) -> tuple[list[Conversion], list[Conversion]]:
    """The tables in force, and as they would be with this figure; of one in force, without it. One query."""
    standing = list(Conversion.objects.in_force())
    if change.is_in_force:
        return standing, [rule for rule in standing if rule.pk != change.pk]
    shortened = [_shortened(rule, change) if rule.pk == change.replaces_id else rule for rule in standing]
    return standing, [*(rule for rule in shortened if rule), change]


def _shortened(rule: Conversion, change: Conversion) -> Conversion | None:
    last = last_day_before(rule, change)
    if last is None:
        return None
    shorter = copy(rule)
    shorter.valid_to = min(last, rule.valid_to or last)
    return shorter


def last_day_before(former: Conversion, change: Conversion) -> date | None:
    """The last day of a figure in whose place another comes; None where it is left without a day."""
    return change.valid_from - timedelta(days=1) if change.valid_from > former.valid_from else None


def converted(
    people: Iterable[Person], year: int, tables: Sequence[Sequence[Conversion]]
) -> list[dict[int, list[LedgerEntry]]]:
    """By each of these tables the entries (not saved) that the declarations on their way would make, each with what is
    proposed for it, or as declared where nothing is; by person id. One query."""
    rows = Declaration.objects.on_their_way().filter(person__in=list(people), year=year)
    waiting = [row for row in rows if row.measure and row.date_to]
    found: list[dict[int, list[LedgerEntry]]] = []
    for rules in tables:
        entries: dict[int, list[LedgerEntry]] = defaultdict(list)
        for declared in waiting:
            entries[declared.person_id].append(_entry(declared, rules))
        found.append(entries)
    return found


def _entry(declared: Declaration, rules: Sequence[Conversion]) -> LedgerEntry:
    rule = None if declared.form in SETTLED else the_one(_for(declared, rules), declared)
    amount = amount_by(rule, declared) if rule else declared.amount
    facts = {name: getattr(declared, name) for name in ("person_id", "year", "measure", "subject", "form", "title")}
    more = {"intensive": declared.intensive, "course": declared.course}
    return LedgerEntry(amount=amount, source_type=declared._meta.label_lower, source_id=declared.pk, **facts, **more)


def _for(declared: Declaration, rules: Sequence[Conversion]) -> list[Conversion]:
    """Those of its form, its measure and its last day."""
    day = declared.date_to
    return [
        rule
        for rule in rules
        if (rule.form, rule.measure) == (declared.form, declared.measure)
        and rule.valid_from <= day <= (rule.valid_to or day)
    ]


# --- writing them -----------------------------------------------------------------------------------------------------


def keep(*, rule: Conversion, actor: Actor, version: int | None = None, quiet: bool = False) -> Conversion:
    """Save a draft of a figure, new or changed, with an event: who changed what, when. Raises NotPossible, Conflict."""
    return keep_draft(draft=rule, actor=actor, closed=CLOSED, version=version, quiet=quiet)


def revise(*, rule: Conversion, actor: Actor) -> Conversion:
    """A draft that says what this figure says, to take its place; a second click finds the first one's. Raises
    NotPossible for one that is not in force."""
    with transaction.atomic():
        former = Conversion.objects.select_for_update().get(pk=rule.pk)
        if former.state != Conversion.State.IN_FORCE:
            raise NotPossible("只有执行中的标准可以修订")
        if begun := former.revisions.filter(state__in=[Conversion.State.DRAFT, Conversion.State.PROPOSED]).first():
            return begun
        return keep(rule=Conversion(replaces=former, **{name: getattr(former, name) for name in SAID}), actor=actor)


REVISION = Revision(about=("form", "level", "authorship", "measure"), begins="valid_from")
SAID = (*REVISION.about, "amount", "per", "document", REVISION.begins, "valid_to")
