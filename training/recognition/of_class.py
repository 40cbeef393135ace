"""What the page of a class says of its recognition."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from luojiang_ce.access import Actor
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workflow.case_kind import Passed
from training.classes.models import ClassApplication, TimetableRow

from .case import RECOGNITION
from .models import CorrectionLine, Exclusion, Recognition, RecognitionCorrection

# Of a row that says which half-days it is about: what it leaves empty stands for all of them.
SAME_HALF_DAY = (Q(date=None) | Q(date=OuterRef("date"))) & (Q(half_day="") | Q(half_day=OuterRef("half_day")))


def outcome(application: ClassApplication) -> Passed | None:
    """How its hours were decided. One query."""
    decided = Recognition.objects.exclude(state__in=RECOGNITION.open_states).filter(application=application).first()
    return Passed(RECOGNITION.states[decided.state].meaning, note=decided.get_state_display()) if decided else None


def link(application: ClassApplication, account: Actor) -> HeadLink | None:
    """Its recognition, to whoever may read that. One query."""
    found = Recognition.objects.visible_to(account).filter(application=application).first()
    return HeadLink(f"学时认定 {found.number or ''}".strip(), found.get_absolute_url(), "clock") if found else None


def recognised_lessons(rows: QuerySet[TimetableRow]) -> QuerySet[TimetableRow]:
    """Of these lessons those that were recognised: of a class that was, but for the half-days that were refused to
    everybody, by the decision or by a correction that stands. What one trainee did not get does not make a lesson
    untaught."""
    posted = Recognition.objects.filter(state__in=Recognition.POSTED).values("application")
    of_class = Q(correction__state=RecognitionCorrection.State.CORRECTED, enrolment=None, person=None)
    lines = CorrectionLine.objects.filter(of_class, correction__recognition__application=OuterRef("application"))
    whole = lines.filter(kind=CorrectionLine.Kind.WHOLE)
    of_half_day = lines.filter(SAME_HALF_DAY, kind__in=[CorrectionLine.Kind.EXCLUDED, CorrectionLine.Kind.COUNTED])
    last = of_half_day.order_by("-correction__decided_at", "-pk").values("kind")[:1]
    refused = Exclusion.objects.filter(SAME_HALF_DAY, enrolment=None, recognition__application=OuterRef("application"))
    counts = Q(corrected=CorrectionLine.Kind.COUNTED) | (Q(corrected=None) & ~Exists(refused))
    found = rows.filter(~Exists(whole), application__in=posted).annotate(corrected=Subquery(last))
    return found.filter(counts)


def trace(application: ClassApplication) -> str:
    """That its recognition is begun, so that it was held (product.md C7). One query."""
    found = Recognition.objects.filter(application=application).first()
    if found is None:
        return ""
    return f"已开始学时认定（{found.get_state_display()}），不能按未举办结案；确未举办的，请办班单位先删除认定草稿"
