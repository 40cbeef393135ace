"""What the page of a class says of its recognition."""

from __future__ import annotations

from luojiang_ce.access import Actor
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workflow.case_kind import Passed
from training.classes.models import ClassApplication

from .case import RECOGNITION
from .models import Recognition


def outcome(application: ClassApplication) -> Passed | None:
    """How its hours were decided. One query."""
    decided = Recognition.objects.exclude(state__in=RECOGNITION.open_states).filter(application=application).first()
    return Passed(RECOGNITION.states[decided.state].meaning, note=decided.get_state_display()) if decided else None


def link(application: ClassApplication, account: Actor) -> HeadLink | None:
    """Its recognition, to whoever may read that. One query."""
    found = Recognition.objects.visible_to(account).filter(application=application).first()
    return HeadLink(f"学时认定 {found.number or ''}".strip(), found.get_absolute_url(), "clock") if found else None


def trace(application: ClassApplication) -> str:
    """That its recognition is begun, so that it was held (product.md C7). One query."""
    found = Recognition.objects.filter(application=application).first()
    if found is None:
        return ""
    return f"已开始学时认定（{found.get_state_display()}），不能按未举办结案；确未举办的，请办班单位先删除认定草稿"
