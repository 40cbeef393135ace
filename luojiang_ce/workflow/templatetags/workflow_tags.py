"""How a case's state looks in any table."""

from typing import Any

from django import template

from luojiang_ce.workflow import events
from luojiang_ce.workflow.case_kind import workflow_of
from luojiang_ce.workflow.undo import HOW_LONG

register = template.Library()
register.filter(events.without_account)


@register.filter
def state_meaning(case: Any) -> str:
    """The meaning class of the case's state (is-turn, is-done, …), from its workflow table."""
    return workflow_of(case).states[case.state].meaning


@register.simple_tag
def undone_within() -> str:
    """How much of what was deleted can be put back, and until when."""
    return HOW_LONG
