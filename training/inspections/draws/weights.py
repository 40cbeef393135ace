"""How likely a row is drawn (product.md I4): the bureau's figures, each with its reason. Pure; an unset figure adds
nothing, and with none set every row is equally likely."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Weights:
    """What is added to the weight 1; None is unset."""

    record: int | None = None  # the provider has remarks on its record
    size_from: int | None = None  # from how many people a class is large
    size: int | None = None
    first: int | None = None  # the provider holds its first class, or was never looked at


@dataclass(frozen=True)
class Risk:
    """What is known of a row. `people`: planned, where it is a class."""

    remarks: int = 0
    people: int | None = None
    first: bool = False
    first_said: str = "首次办班"


def weigh(weights: Weights, risk: Risk) -> tuple[int, tuple[str, ...]]:
    """The weight, and what it is made of beyond the 1 that every row has."""
    large = weights.size_from is not None and risk.people is not None and risk.people >= weights.size_from
    parts = (
        (weights.record, risk.remarks > 0, f"机构记录 {risk.remarks} 条"),
        (weights.size, large, f"计划 {risk.people} 人"),
        (weights.first, risk.first, risk.first_said),
    )
    added = [(figure, said) for figure, applies, said in parts if figure and applies]
    return 1 + sum(figure for figure, _ in added), tuple(f"{said}，加 {figure}" for figure, said in added)


def at_least(share: int | None, rows: int) -> int:
    """How many rows a share (per cent) asks for, rounded up; 0 where it is unset."""
    return ceil(rows * share / 100) if share else 0
