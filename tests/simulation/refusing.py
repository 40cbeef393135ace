"""How the product says no, and what it cannot do yet."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused

REFUSALS = (Refused, NotPossible, PermissionDenied)


class NotBuilt(Exception):
    """The scenario asks for what the product has no service for yet."""

    def __init__(self, what: str) -> None:
        super().__init__(f"not built yet: {what}")
