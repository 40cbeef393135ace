"""A second return with new reasons: the approver's leave for it, the same in every table that the bureau answers."""

from __future__ import annotations

from luojiang_ce.workflow.guards import ALLOW_RETURN, not_yet_allowed
from luojiang_ce.workflow.table import Transition
from units.who import APPROVER


def leave_to_return(state: str) -> Transition:
    """The transition by which the approver lets the handler return a case, which lies in `state`, once more."""
    return Transition(
        ALLOW_RETURN,
        "同意再次退回",
        (state,),
        state,
        APPROVER,
        "同意再次退回",
        guards=(not_yet_allowed,),
        form="luojiang_ce.workflow.forms.ReasonForm",
    )
