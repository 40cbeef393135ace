"""What an application changes against the published project (product.md C1), side by side. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from luojiang_ce.workdays.text import full


@dataclass(frozen=True, slots=True)
class Facts:
    """What plan and application have in common. Hours or credits in `amounts` by label, money in yuan."""

    people: int | None = None
    days: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    place: str = ""
    audience: str = ""
    form: str = ""
    measure: str = ""
    amounts: tuple[tuple[str, Decimal], ...] = ()
    charges: bool = False
    fee: Decimal | None = None
    budget: Decimal | None = None
    funding: str = ""
    lecturers: frozenset[str] = frozenset()
    organisers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the comparison: what was published, what is applied for, how far apart, and why.

    `asks`: must the filer explain it? Dates of a plan are only proposed (拟定), so those need no word.
    """

    key: str
    label: str
    planned: str
    applied: str
    gap: str
    note: str = ""
    asks: bool = True

    @property
    def unexplained(self) -> bool:
        return self.asks and not self.note


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines that differ, and the labels of those that are the same."""

    differences: tuple[Difference, ...]
    same: tuple[str, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.differences if d.unexplained)


LABELS = {
    "people": "计划人数",
    "days": "天数",
    "dates": "起止日期",
    "place": "地点",
    "audience": "培训对象",
    "form": "培训形式",
    "amounts": "学时（学分）",
    "fee": "收费",
    "budget": "经费预算",
    "funding": "经费来源",
    "lecturers": "师资",
    "organisers": "办班单位",
}
_NAMES = re.compile(r"[、，,;；/\s　]+")


def names_in(text: str) -> frozenset[str]:
    """The names in a list as people type it: 温如故、沈听澜."""
    return frozenset(filter(None, _NAMES.split(text)))


def compare(plan: Facts, application: Facts, notes: Mapping[str, str]) -> Comparison:
    """Plan against application; `notes` are the filer's words by key of `LABELS`. Where the plan says nothing of the
    days (of a later session) or the lecturers, there is nothing to be the same or to differ."""
    found = {difference.key: difference for difference in _all(plan, application, notes)}
    said = {"dates": plan.starts_on is not None, "lecturers": bool(plan.lecturers)}
    same = tuple(label for key, label in LABELS.items() if key not in found and said.get(key, True))
    return Comparison(tuple(found[key] for key in LABELS if key in found), same)


def _all(plan: Facts, applied: Facts, notes: Mapping[str, str]) -> Iterator[Difference]:
    def line(key: str, was: str, now: str, gap: str, *, asks: bool = True) -> Difference:
        return Difference(key, LABELS[key], was, now, gap, notes.get(key, ""), asks)

    if plan.people != applied.people:
        yield line(
            "people", _count(plan.people, "人"), _count(applied.people, "人"), _gap(plan, applied, "people", "人")
        )
    if plan.days != applied.days:
        yield line("days", _count(plan.days, "天"), _count(applied.days, "天"), _gap(plan, applied, "days", "天"))
    if plan.starts_on and (plan.starts_on, plan.ends_on) != (applied.starts_on, applied.ends_on):
        yield line("dates", _span(plan), _span(applied), "日期变更", asks=False)
    for key in ("place", "audience", "form", "funding"):
        was, now = getattr(plan, key), getattr(applied, key)
        if was != now:
            yield line(key, was or "未填", now or "未填", f"{LABELS[key].removeprefix('培训')}变更")
    if (plan.measure, _present(plan)) != (applied.measure, _present(applied)):
        yield line("amounts", _amounts(plan), _amounts(applied), _amounts_gap(plan, applied))
    if (plan.charges, plan.fee or None) != (applied.charges, applied.fee or None):
        yield line("fee", _fee(plan), _fee(applied), "收费变更")
    if (plan.budget or 0) != (applied.budget or 0):
        yield line(
            "budget", _count(plan.budget, "元"), _count(applied.budget, "元"), _gap(plan, applied, "budget", "元")
        )
    if plan.lecturers and plan.lecturers != applied.lecturers:
        yield line("lecturers", _list(plan.lecturers), _list(applied.lecturers), _names_gap(plan, applied, "lecturers"))
    if plan.organisers != applied.organisers:
        yield line(
            "organisers", _list(plan.organisers), _list(applied.organisers), _names_gap(plan, applied, "organisers")
        )


def _number(value: Decimal | int) -> str:
    """Without needless zeros, with thousands: 3, 2.5, 18,000."""
    return f"{Decimal(value).normalize():,f}"


def _count(value: Decimal | int | None, unit: str) -> str:
    return "未填" if value is None else f"{_number(value)} {unit}"


def _gap(plan: Facts, applied: Facts, key: str, unit: str) -> str:
    was, now = getattr(plan, key), getattr(applied, key)
    if was is None or now is None:
        return "未填"
    return f"{_signed(now - was)} {unit}"


def _signed(gap: Decimal | int) -> str:
    return f"{'+' if gap > 0 else '−'}{_number(abs(Decimal(gap)))}"


def _span(facts: Facts) -> str:
    if facts.starts_on is None or facts.ends_on is None:
        return "未填"
    return f"{full(facts.starts_on)} 至 {full(facts.ends_on)}"


def _present(facts: Facts) -> tuple[tuple[str, Decimal], ...]:
    return tuple((label, amount) for label, amount in facts.amounts if amount)


def _amounts(facts: Facts) -> str:
    said = "，".join(f"{label} {_number(amount)}" for label, amount in facts.amounts)
    return f"{said or '未填'}（{facts.measure}）" if facts.measure else said or "未填"


def _amounts_gap(plan: Facts, applied: Facts) -> str:
    if plan.measure != applied.measure:
        return "计量变更"
    was, now = dict(plan.amounts), dict(applied.amounts)
    labels = dict.fromkeys([*was, *now])
    gaps = {label: now.get(label, Decimal(0)) - was.get(label, Decimal(0)) for label in labels}
    return "，".join(f"{label} {_signed(gap)}" for label, gap in gaps.items() if gap)


def _fee(facts: Facts) -> str:
    return f"收费，{_count(facts.fee, '元/人')}" if facts.charges else "不收费"


def _list(names: frozenset[str]) -> str:
    return "、".join(sorted(names)) or "未填"


def _names_gap(plan: Facts, applied: Facts, key: str) -> str:
    was, now = getattr(plan, key), getattr(applied, key)
    parts = [f"增加{_list(now - was)}"] if now - was else []
    return "，".join([*parts, f"减少{_list(was - now)}"] if was - now else parts)
