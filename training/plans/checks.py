"""What is wrong with a row of 附件1 before it can be submitted (product.md P5). Pure: values in, sentences out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from luojiang_ce.workdays.text import full

LONGEST = 366  # days: no class is longer than a year
_MARKS = re.compile(r"[\s“”\"'《》〈〉（）()\[\]【】·、，,。.:：\-—_]+")
_YEAR_BEFORE = re.compile(r"^(?:19|20)[0-9]{2}(?:年度?)?")

REQUIRED = {
    "organiser": "主办单位",
    "title": "培训班名称",
    "basis": "办班依据",
    "content": "培训内容",
    "category": "科目类别",
    "audience": "培训对象",
    "people": "每期人数",
    "starts_on": "拟定开始日期",
    "ends_on": "拟定结束日期",
    "days": "天数",
    "place": "地点",
    "funding": "经费来源",
    "contact": "联系人",
    "phone": "电话",
}


def problems(row: Mapping[str, Any], year: int) -> list[str]:
    """Everything that keeps one row from being submitted, in Chinese; empty when it is sound."""
    missing = [title for key, title in REQUIRED.items() if row.get(key) in (None, "")]
    said = [f"还没有填：{'、'.join(missing)}"] if missing else []
    return [*said, *_numbers(row), *_dates(row, year), *_fee(row)]


def title_key(title: str) -> str:
    """What two spellings of one class's name share: blanks, marks and the year before it tell nothing apart."""
    return _YEAR_BEFORE.sub("", _MARKS.sub("", title)).casefold()


def _numbers(row: Mapping[str, Any]) -> Iterable[str]:
    for key, title in (("people", "每期人数"), ("sessions", "期数"), ("days", "天数")):
        if row.get(key) is not None and row[key] <= 0:
            yield f"{title}须大于 0"
    for key, title in (("public_amount", "公共学时"), ("professional_amount", "专业学时"), ("budget", "经费预算")):
        if (row.get(key) or 0) < 0:
            yield f"{title}不能是负数"
    if not (row.get("public_amount") or 0) + (row.get("professional_amount") or 0):
        yield "拟授学时（学分）公共、专业至少填一项"


def _dates(row: Mapping[str, Any], year: int) -> Iterable[str]:
    first, last = row.get("starts_on"), row.get("ends_on")
    if first and first.year != year:
        yield f"拟定开始日期 {full(first)} 不在 {year} 年度"
    if first and last and last < first:
        yield f"拟定结束日期 {full(last)} 早于开始日期 {full(first)}"
    if first and last and (last - first).days >= LONGEST:
        yield f"起止共 {(last - first).days + 1} 天，长于一个计划年度，请核对年份"


def _fee(row: Mapping[str, Any]) -> Iterable[str]:
    """notice 三2: 禁止违规收费 — charging needs a standard and an approval number."""
    if not row.get("charges"):
        if row.get("fee"):
            yield "填了收费标准，但“是否收费”选了否"
        return
    if not row.get("fee"):
        yield "收费的班须填收费标准（元/人）"
    if not row.get("fee_document"):
        yield "收费的班须填收费批准文号"
