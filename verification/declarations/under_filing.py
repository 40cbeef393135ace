"""Self-study counts only under a filing that the bureau approved before it began (notice 一(四))."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from verification.declarations.models import Declaration
from verification.self_study.models import SelfStudy

CLAUSE = "（通知 一(四)）"
TAKEN = (Declaration.State.SUBMITTED, Declaration.State.RETURNED, Declaration.State.ACCEPTED)


def wrong_under(filing: SelfStudy | None, declared: Declaration) -> Iterator[tuple[str, str]]:
    """Why a declaration of self-study has no hours under this filing: the field, and the reason. `declared` knows the
    person, the days and the amount, as far as they were typed. One query.
    """
    if filing is None:
        yield "filing", f"自学须事先经区人社局核准备案{CLAUSE}：请选已核准的自学备案，没有备案的自学不计学时"
        return
    if filing.state != SelfStudy.State.APPROVED:
        yield "filing", f"自学备案 {filing.number} 现为“{filing.get_state_display()}”，不能按它申报学时{CLAUSE}"
    yield from _wrong_days(filing, declared)
    if declared.person_id is None:
        return
    left = hours_left(filing, declared)
    if left is None:
        yield "filing", f"自学备案 {filing.number} 的人员中没有{declared.person}{CLAUSE}"
    elif declared.amount and declared.amount > left:
        measure = filing.get_measure_display()
        said = f"备案每人 {filing.amount.normalize():f} {measure}，还可申报 {left.normalize():f} {measure}{CLAUSE}"
        yield "amount", said


def _wrong_days(filing: SelfStudy, declared: Declaration) -> Iterator[tuple[str, str]]:
    if declared.date_from and declared.date_from < filing.date_from:
        said = f"备案的学习时间是{filing.span}，此前的学习没有经过核准备案，不计学时{CLAUSE}"
        yield "date_from", said
    if declared.date_to and declared.date_to > filing.date_to:
        yield "date_to", f"备案的学习时间是{filing.span}，不能晚于备案的止日{CLAUSE}"


def hours_left(filing: SelfStudy, declared: Declaration) -> Decimal | None:
    """What of the filing's hours the person has not declared yet in what was filed and not refused; None for whom the
    filing does not name. One query."""
    others = Q(declarations__person=declared.person_id, declarations__state__in=TAKEN)
    used = Sum("declarations__amount", filter=others & ~Q(declarations=declared.pk))
    named: Any = SelfStudy.objects.filter(pk=filing.pk, people=declared.person_id).annotate(used=used).first()
    return max(filing.amount - (named.used or Decimal(0)), Decimal(0)) if named else None
