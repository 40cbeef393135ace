"""What a decision takes of hours, as rulings that it has drafted: of the inspected class what is chosen, and of every
class of a project that is found unqualified everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from luojiang_ce.access import case_key
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey
from training.inspections.decisions.models import Decision
from training.recognition.models import Ruling, RulingLine

Kind = RulingLine.Kind
NOT_OPENED = (ClassApplication.State.DRAFT, *ClassApplication.OVER)


@dataclass(frozen=True)
class Scope:
    """Which half-days of whom; none named stands for all."""

    half_days: Sequence[SlotKey] = ()
    enrolments: Sequence[Enrolment] = ()

    def lines(self, ruling: Ruling, reason: str) -> list[RulingLine]:
        """A line for each half-day of each trainee, or of everybody."""
        return [
            RulingLine(
                ruling=ruling, kind=Kind.EXCLUDED, enrolment=whom, date=day, half_day=half_day, reason=reason[:300]
            )
            for whom in self.enrolments or (None,)
            for day, half_day in self.half_days or ((None, ""),)
        ]


WHOLE = Scope()


def keep_scope(decision: Decision, scope: Scope) -> None:
    """Draft the rulings anew, as the decision says now. Amounts that were settled on other half-days go."""
    Ruling.objects.of(decision).filter(decided_at=None).delete()
    course = decision.inspection.application
    if course and decision.unrecognised and not decision.unqualified:
        _draft(decision, course, scope)
    keep_projects(decision)


def keep_projects(decision: Decision) -> None:
    """notice 一(五)4, 培训项目认定不合格: a ruling on each class of the project, those applied for since too."""
    course = decision.inspection.application
    if course is None or not decision.unqualified:
        return
    ruled = Ruling.objects.of(decision).values("application")
    rows = ClassApplication.objects.filter(project=course.project_id).exclude(state__in=NOT_OPENED)
    for each in rows.exclude(pk__in=ruled).order_by("pk"):
        _draft(decision, each, WHOLE)


def _draft(decision: Decision, course: ClassApplication, scope: Scope) -> None:
    case_type, pk = case_key(decision)
    ruling = Ruling.objects.create(application=course, case_type=case_type, case_id=pk)
    RulingLine.objects.bulk_create(scope.lines(ruling, decision.reason), batch_size=500)
