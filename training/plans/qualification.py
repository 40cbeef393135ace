"""Does a provider's approved scope hold a kind of subject on a day? (notice 三2: 不得从事超出核定培训资质的项目)

Scopes are the bureau's own words, so texts are never compared: the kinds of subject that a scope has on record decide,
and where it has none a person does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from luojiang_ce.workdays.text import full
from training.choices import Category
from units.models import ProviderScope, Unit

WITHIN, UNRECORDED, OUTSIDE, UNDECIDED = "within", "unrecorded", "outside", "undecided"
LABELS = {WITHIN: "在核定范围内", UNRECORDED: "未登记范围", OUTSIDE: "不在范围", UNDECIDED: "需人工判断"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a class stands to the scopes of its provider: one of LABELS, and why, in a sentence."""

    kind: str
    why: str = ""

    def __str__(self) -> str:
        return f"{LABELS[self.kind]}：{self.why}（通知 三2）" if self.why else LABELS[self.kind]

    @property
    def stops(self) -> bool:
        """Does it keep a class from being approved, unless the approver lets it pass?"""
        return self.kind in (UNRECORDED, OUTSIDE)


def standings_of(unit: Unit) -> Callable[[str, date], Standing]:
    """How classes of a provider stand, by kind of subject and day. One query; the bureau itself needs none."""
    if unit.is_bureau:
        return lambda category, day: Standing(WITHIN)
    scopes = list(unit.scopes.all())
    return lambda category, day: standing(scopes, category, day)


def standing(scopes: Sequence[ProviderScope], category: str, day: date) -> Standing:
    """The same of these scopes; `category` is one of training.choices.Category, or empty while none is chosen."""
    if not scopes:
        return Standing(UNRECORDED, "申办单位还没有登记核定培训资质")
    valid = [scope for scope in scopes if scope.covers(day)]
    if not valid:
        return Standing(OUTSIDE, f"{full(day)}没有有效的核定培训资质")
    if any(category in scope.categories for scope in valid):
        return Standing(WITHIN)
    named = "；".join(str(scope) for scope in valid)
    if any(not scope.categories for scope in valid):
        return Standing(UNDECIDED, f"核定的范围是“{named}”，没有登记科目类别，请看本班是否在内")
    held = "、".join(dict.fromkeys(scope.in_categories for scope in valid))
    label = dict(Category.choices).get(category, "未选")
    return Standing(OUTSIDE, f"核定的范围是“{named}”，科目类别为{held}，本班的科目类别是{label}")
