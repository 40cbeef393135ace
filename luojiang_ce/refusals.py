"""What a service says when it cannot write now."""

from __future__ import annotations


class NotPossible(Exception):
    """The write is not possible now. `reasons` says everything that stands in the way and what to do, in Chinese."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("；".join(reasons))
        self.reasons = list(reasons)
