"""Who may forbid changes to a class's attendance: apps further up (recognition) register their reason here."""

from __future__ import annotations

from collections.abc import Callable

from training.classes.models import ClassApplication

Freezer = Callable[[ClassApplication], str | None]

_freezers: list[Freezer] = []


def register_freezer(freezer: Freezer) -> None:
    """`freezer` gives the reason why the signs of a class may not change now, or None; called in `ready()`."""
    _freezers.append(freezer)


def frozen_because(application: ClassApplication) -> list[str]:
    """Every reason, in Chinese, why the signs of this class may not change now."""
    return [reason for freezer in _freezers if (reason := freezer(application))]
