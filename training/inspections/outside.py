"""What the inspected unit does not read of a visit and of what follows from it: how the bureau came to it."""

from __future__ import annotations

from dataclasses import replace

from luojiang_ce.workflow.pages import CasePage

# Plans of the visit with its focus, drafts, and what handlers and approvers wrote to each other.
INNER = frozenset(
    (
        *("assigned", "class_attached", "created", "edited", "settled", "redraft"),
        *("propose", "send_back", "propose_withdrawal", "uphold"),
    )
)


def as_read_outside(page: CasePage) -> CasePage:
    """The page without what the bureau says to itself."""
    return replace(page, history=[event for event in page.history if event.name not in INNER])
