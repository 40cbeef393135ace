"""What the conversion tables propose for a declaration; nobody is bound by it, and an empty table proposes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.workflow.changes import in_words, stored_values
from luojiang_ce.workflow.events import record
from verification.choices import Form
from verification.declarations.models import Conversion, Declaration

# How many hours these are was settled before: by the bureau's approval, by another district.
SETTLED = (Form.SELF_STUDY, Form.TRANSFER)


def levels_of(form: str) -> list[str]:
    """The levels that the tables know of a form of learning, as its documents call them. One query."""
    rows = Conversion.objects.filter(form=form).exclude(level="").order_by("level")
    return list(rows.values_list("level", flat=True).distinct())


def proposal(declared: Declaration) -> str:
    """按…建议 6 学时: what the tables in force propose; empty where they say nothing, or two things. One query."""
    if declared.form in SETTLED or not (declared.date_from and declared.date_to and declared.measure):
        return ""
    rows = Conversion.objects.on(declared.date_to).filter(form=declared.form, measure=declared.measure)
    fitting = closest(list(rows), declared)
    if len(fitting) != 1:
        return ""
    rule = fitting[0]
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


def keep(*, rule: Conversion, actor: Actor, version: int | None = None) -> Conversion:
    """Save a figure, with an event: who changed what, when. Raises Conflict."""
    with transaction.atomic():
        name, before = "edited" if rule.pk else "created", stored_values(rule)
        rule.save_over(version, actor)
        record(rule, name, actor=actor, note=in_words(rule, before))
    return rule
