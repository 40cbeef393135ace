"""The verdict as it is shown and kept: the same rows on screen and on paper, and a frozen form for yearly records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from verification.choices import Form, Measure
from verification.requirements.assess import Assessment, Counting, Outcome, Period, Requirement

# Of a tenure or cycle that is not on record: the words of the remark, which paper says otherwise. Frozen verdicts have
# them: they are never reworded, others may only be added.
_MISSING = "没有登记包含本年度的"
_UNDECIDED, _UNMET = "，不能判定，请先在人员信息中补登。", "；本年度的要求未达到，补登也不能达标。"
_NOTHING_BEHIND = re.compile(r"(?<=\d)\.0+(?!\d)")
_FIGURES = ("required", "reached", "counted", "conclusion")  # of a row; its notes have some as well
NO_PERIOD = "不能判定"  # the conclusion of a requirement whose tenure or cycle is not known of the person
OUTCOME_LABELS = {
    Outcome.MET: "达标",
    Outcome.UNMET: "未达标",
    Outcome.IN_PROGRESS: "进行中",
    Outcome.UNDETERMINED: "未判定",
}
OUTCOME_MEANINGS = {
    Outcome.MET: "is-done",
    Outcome.UNMET: "is-soon",
    Outcome.IN_PROGRESS: "is-wait",
    Outcome.UNDETERMINED: "is-idle",
}


def counted_in(counting: str, measure: str) -> str:
    """What the figure of a rule is counted in: 学时, 学分, 门, 次."""
    return {Counting.COURSES: "门", Counting.INTENSIVE_OR_REMOTE: "次"}.get(Counting(counting)) or Measure(
        measure
    ).label


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One row of the verdict table; `css`: met, unmet or unset; `unset`: the figure asked for is not set."""

    title: str
    notes: tuple[str, ...]
    required: str
    reached: str
    counted: str
    conclusion: str
    css: str
    unset: bool
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole verdict for parts/verdict.html."""

    outcome: str
    label: str
    meaning: str
    rule_title: str
    document: str
    remark: str
    rows: tuple[VerdictRow, ...]


def verdict_of(found: Assessment) -> Verdict:
    """What the page and the paper show of a verdict."""
    return Verdict(
        outcome=found.outcome.value,
        label=OUTCOME_LABELS[found.outcome],
        meaning=OUTCOME_MEANINGS[found.outcome],
        rule_title=found.rule_set.title if found.rule_set else "",
        document=found.rule_set.document if found.rule_set else "",
        remark=_remark(found),
        rows=tuple(map(_row, found.requirements)),
    )


def freeze(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain JSON, to be kept with a yearly record (V3)."""
    kept = {name: getattr(verdict, name) for name in Verdict.__slots__ if name != "rows"}
    rows = [{name: getattr(row, name) for name in VerdictRow.__slots__} for row in verdict.rows]
    return {**kept, "rows": [{**row, "notes": list(row["notes"])} for row in rows]}


def thaw(kept: dict[str, Any]) -> Verdict:
    """The verdict that was frozen: it is shown as it was, whatever the rules are now."""
    rows = tuple(VerdictRow(**{**row, "notes": tuple(row["notes"])}) for row in kept["rows"])
    return Verdict(**{**kept, "rows": rows})


def _remark(found: Assessment) -> str:
    """Why there is no verdict, or only one on what is known."""
    if found.rule_set is None:
        return (
            "没有适用于此人本年度的达标规则（三级或级别不明的医疗机构、2017年以前的年度，通知未作规定），不自动判定。"
        )
    periods = {each.rule.period for each in found.requirements if each.span is None}
    names = [name for period, name in ((Period.TENURE, "任职周期"), (Period.CYCLE, "五年周期")) if period in periods]
    if not names:
        return ""
    missing = f"{_MISSING}{'、'.join(names)}"
    return f"{missing}{_UNMET}" if found.outcome is Outcome.UNMET else f"{missing}{_UNDECIDED}"


def for_paper(verdict: Verdict) -> Verdict:
    """A verdict, frozen or not, as paper says it."""
    return thaw(on_paper(freeze(verdict)))


def on_paper(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A frozen verdict as paper says it: bare figures, and of what is not on record that it is not, without what the
    clerk should do. What was made for paper stays as it is."""
    rows = [
        row | {name: bare(row[name]) for name in _FIGURES} | {"notes": [bare(note) for note in row["notes"]]}
        for row in kept["rows"]
    ]
    remark = kept["remark"].replace(_UNDECIDED, "，不作判定。").replace(_UNMET, "；本年度的要求未达到。")
    return {**kept, "remark": remark.replace(_MISSING, "未登记该年度的"), "rows": rows}


def bare(text: str) -> str:
    """24 and 差 8.5, not 24.0: figures in a text as paper has them."""
    return _NOTHING_BEHIND.sub("", text)


def _row(each: Requirement) -> VerdictRow:
    conclusion, css = _conclusion(each)
    return VerdictRow(
        title=each.rule.title,
        notes=tuple(_notes(each)),
        required="未设定" if each.required is None else f"{each.required:f}",
        reached=_figure(each, each.reached),
        counted=_figure(each, each.counted),
        conclusion=conclusion,
        css=css,
        unset=each.required is None,
        source=each.rule.source,
    )


def _conclusion(each: Requirement) -> tuple[str, str]:
    if each.required is None:
        return "仅提示", "unset"
    if each.span is None:
        return NO_PERIOD, "unset"
    if each.met is None:
        return "未到期", "unset"
    return ("达标", "met") if each.met else (f"差 {_figure(each, each.missing)}", "unmet")


def _notes(each: Requirement) -> Iterator[str]:
    if each.span and each.rule.period is not Period.YEAR:
        yield f"{each.span[0]}–{each.span[1]} 年，期满判定"
    for over in each.surpluses:
        cut = _figure(each, over.reached - over.cap)
        yield f"{Form(over.form).label}最多计 {over.cap:f}，超出 {cut} 不计"


def _figure(each: Requirement, amount: Decimal) -> str:
    """Hours and credits as they are said, counts as whole numbers."""
    return said(amount) if each.rule.counting is Counting.AMOUNT else f"{amount:f}"


def said(amount: Decimal) -> str:
    """Hours or credits with one decimal at least."""
    return f"{amount:.1f}" if amount == amount.quantize(Decimal("0.1")) else f"{amount:f}"
