"""What is wrong with an application before it can be submitted (附件2, product.md C1–C4, P5). Pure: values in, out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from luojiang_ce.workdays.text import full

BASICS, TIMETABLE, TEACHING, REVIEW = "basics", "timetable", "teaching", "review"
STEPS = {BASICS: "基本情况", TIMETABLE: "课程表", TEACHING: "师资与材料", REVIEW: "核对并提交"}

REQUIRED = {
    "opens_on": "开班日期",
    "ends_on": "结束日期",
    "days": "天数",
    "place": "地点",
    "audience": "培训对象",
    "people": "计划人数",
    "purpose": "培训目的",
    "content": "主要内容",
    "funding": "经费来源",
    "leader": "项目负责人",
    "class_teacher": "班主任",
    "contact": "联系人",
    "phone": "电话",
}
_NOT_IN_NUMBERS = re.compile(r"[^0-9\s()（）+\-－—–转]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: the step of the form it belongs to, the id of the field there, the sentence."""

    step: str
    anchor: str
    text: str

    @property
    def where(self) -> str:
        return STEPS[self.step]


def basics(values: Mapping[str, Any], *, year: int, sessions: int) -> list[Finding]:
    """Everything wrong with the head of 附件2. `year` and `sessions` are those of the published project."""
    found = [(key, f"还没有填{title}") for key, title in REQUIRED.items() if values.get(key) in (None, "")]
    found += [*_dates(values, year), *_amounts(values), *money(values), *_credits(values)]
    if values["session"] > sessions:
        found.append(("session", f"公布的计划只有 {sessions} 期，这是第 {values['session']} 期"))
    if values.get("phone") and (wrong := phone_problem(values["phone"])):
        found.append(("phone", wrong))
    return [Finding(BASICS, f"id_{key}", text) for key, text in found]


def phone_problem(text: str) -> str | None:
    """What is wrong with a telephone number, None when it can be dialled: 11 digits, or area code and number."""
    if _NOT_IN_NUMBERS.search(text):
        return "电话里有不是号码的字，请只填一个号码，如 0595-0000-0126"
    digits = re.sub(r"[^0-9]", "", text.split("转")[0]).removeprefix("86")
    if digits.startswith("1") and len(digits) > 8:
        return None if len(digits) == 11 else f"手机号应为 11 位，现为 {len(digits)} 位"
    sound = len(digits) in (10, 11, 12) if digits.startswith("0") else len(digits) in (7, 8)
    return None if sound else "电话应为 11 位手机号，或带区号的固定电话，如 0595-0000-0126"


def _dates(values: Mapping[str, Any], year: int) -> Iterator[tuple[str, str]]:
    opens, ends = values.get("opens_on"), values.get("ends_on")
    if opens and opens.year != year:
        # C1: one application per session of a project of that year
        yield "opens_on", f"开班日期 {full(opens)} 不在项目的计划年度 {year} 年"
    if opens and ends and ends < opens:
        yield "ends_on", "结束日期早于开班日期"
    if opens and ends and values.get("days") and values["days"] > (ends - opens).days + 1:
        yield "days", f"天数 {values['days'].normalize():f} 多于起止日期之间的 {(ends - opens).days + 1} 天"


def _amounts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, title in (("people", "计划人数"), ("minimum", "最低人数"), ("days", "天数")):
        if values.get(key) is not None and values[key] <= 0:
            yield key, f"{title}须大于 0"
    if (values.get("minimum") or 0) > (values.get("people") or values.get("minimum") or 0):
        yield "minimum", f"最低人数 {values['minimum']} 人多于计划人数 {values['people']} 人"
    if (values.get("budget") or 0) < 0:
        yield "budget", "经费预算不能是负数"


def money(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """P5, notice 三2 (禁止违规收费): charging needs a standard and an approval number."""
    fee, document = values.get("fee"), values.get("fee_document")
    if not values.get("charges"):
        return [("fee", "填了收费标准，但没有勾选收费。不收费的请清空收费标准")] if fee else []
    found = [] if fee and fee > 0 else [("fee", "收费的班须填收费标准（元/人）")]
    if not document:
        found.append(("fee_document", "收费的班须填收费批准文号；没有批准的不得收费（通知 三2）"))
    return found


def _credits(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """C3: credits come approved from a basis document; no conversion is computed."""
    if values.get("measure") != "credits":
        return
    if not any(Decimal(str(amount)) > 0 for amount in values.get("credits", {}).values()):
        yield "credits_class_2", "学分制的班须至少填一类学分"
    if not values.get("credits_basis"):
        yield "credits_basis", "学分须填依据文件（文件名、文号）"
