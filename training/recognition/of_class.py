"""What the page of a class says of its recognition."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from luojiang_ce.access import Actor
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.once import once_per_row
from luojiang_ce.workflow.case_kind import Passed
from training.classes.models import ClassApplication, TimetableRow
from units.access import FILER

from .case import RECOGNITION
from .models import CorrectionLine, Exclusion, Recognition, RecognitionCorrection, Ruling, RulingLine

# Of a row that says which half-days it is about: what it leaves empty stands for all of them.
SAME_HALF_DAY = (Q(date=None) | Q(date=OuterRef("date"))) & (Q(half_day="") | Q(half_day=OuterRef("half_day")))


@once_per_row
def _of(application: ClassApplication) -> Recognition | None:
    return Recognition.objects.filter(application=application).first()


def outcome(application: ClassApplication) -> Passed | None:
    """How its hours were decided. One query for all that a page asks here."""
    found = _of(application)
    if found is None or found.state in RECOGNITION.open_states:
        return None
    return Passed(RECOGNITION.states[found.state].meaning, note=found.get_state_display())


def link(application: ClassApplication, account: Actor) -> HeadLink | None:
    """Its recognition, to whoever may read that. One query more where there is one and it is another unit's."""
    found = _of(application)
    if found is None:
        return None
    if not FILER.test(account, found) and not Recognition.objects.visible_to(account).filter(pk=found.pk).exists():
        return None
    return HeadLink(f"学时认定 {found.number or ''}".strip(), found.get_absolute_url(), "clock")


def recognised_lessons(rows: QuerySet[TimetableRow]) -> QuerySet[TimetableRow]:
    """Of these lessons those that were recognised: of a class that was, but for the half-days that were refused to
    everybody, by the decision, by a correction that stands or by a ruling in force. What one trainee did not get does
    not make a lesson untaught."""
    posted = Recognition.objects.filter(state__in=Recognition.POSTED).values("application")
    of_class = Q(correction__state=RecognitionCorrection.State.CORRECTED, enrolment=None, person=None)
    lines = CorrectionLine.objects.filter(of_class, correction__recognition__application=OuterRef("application"))
    whole = lines.filter(kind=CorrectionLine.Kind.WHOLE)
    of_half_day = lines.filter(SAME_HALF_DAY, kind__in=[CorrectionLine.Kind.EXCLUDED, CorrectionLine.Kind.COUNTED])
    last = of_half_day.order_by("-correction__decided_at", "-pk").values("kind")[:1]
    refused = Exclusion.objects.filter(SAME_HALF_DAY, enrolment=None, recognition__application=OuterRef("application"))
    counts = Q(corrected=CorrectionLine.Kind.COUNTED) | (Q(corrected=None) & ~Exists(refused))
    in_force = Q(ruling__in=Ruling.objects.in_force(), enrolment=None, ruling__application=OuterRef("application"))
    ruled = RulingLine.objects.filter(SAME_HALF_DAY, in_force, kind=RulingLine.Kind.EXCLUDED)
    found = rows.filter(~Exists(whole), ~Exists(ruled), application__in=posted).annotate(corrected=Subquery(last))
    return found.filter(counts)


def trace(application: ClassApplication) -> str:
    """That its recognition is begun, so that it was held (product.md C7). One query."""
    found = _of(application)
    if found is None:
        return ""
    return f"已开始学时认定（{found.get_state_display()}），不能按未举办结案；确未举办的，请办班单位先删除认定草稿"
