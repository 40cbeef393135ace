"""What is wrong with a sanction, by field: what was typed, and what the person's employments say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from luojiang_ce.workdays.text import full
from units.models import Employment, Unit
from units.sanctions.models import Sanction, label_of

# What only the unit in which the person works now can do (解聘其专业技术职务, 报销 are acts of an employer).
OF_THE_EMPLOYER = ("no_refund", "dismissal")

Faults = dict[str, str]


def faults_of(typed: Mapping[str, Any], today: date) -> Faults:
    """What is wrong with what was typed; a field that is missing is its form's affair. Pure."""
    found: Faults = {}
    if typed.get("breach") == Sanction.Breach.OTHER and not typed.get("breach_detail", "").strip():
        found["breach_detail"] = "选“其他违规情况”的，请写明是什么情况"
    if not any(typed.get(name) for name in (*Sanction.MEASURES, "other_measure")):
        found["criticism"] = "还没有选处理：请至少勾选一项，或在“其他处理”里写明"
    return found | _days(typed.get("happened_on"), typed.get("decided_on"), typed.get("ends_on"), today)


def _days(happened: date | None, decided: date | None, ends: date | None, today: date) -> Faults:
    found: Faults = {}
    if happened and happened > today:
        found["happened_on"] = "发生日期在今天以后，请核对"
    if decided and decided > today:
        found["decided_on"] = "决定日期在今天以后；作出决定以后再登记"
    elif happened and decided and decided < happened:
        found["decided_on"] = f"决定日期早于发生日期 {full(happened)}，请核对"
    if decided and ends and ends < decided:
        found["ends_on"] = f"最后一日早于决定日期 {full(decided)}，请核对"
    return found


def jobs_of(person_id: int, unit: Unit) -> QuerySet[Employment]:
    """The person's employments in the unit, those in what was merged with it included; the latest first."""
    ours = Q(unit__in=[pk for pk in (unit.pk, unit.merged_into_id) if pk]) | Q(unit__merged_into=unit)
    return Employment.objects.filter(ours, person=person_id)


def faults_of_time(sanction: Sanction) -> Faults:
    """What a unit may not decide: what happened when the person did not work there, and of somebody who has moved
    what only an employer does. Two queries."""
    jobs = jobs_of(sanction.person_id, sanction.unit)
    found: Faults = {}
    if not jobs.on(sanction.happened_on).exists():  # type: ignore[attr-defined]
        found["happened_on"] = f"此人 {full(sanction.happened_on)} 不在本单位任职，本单位只能登记其在职期间发生的情况"
    last = jobs.first()
    if last is None or last.ended_on:
        for name in OF_THE_EMPLOYER:
            if getattr(sanction, name):
                found[name] = _not_ours(label_of(name), last)
    return found


def _not_ours(measure: str, last: Employment | None) -> str:
    until = f"（在本单位的最后一天是 {full(last.ended_on)}）" if last and last.ended_on else ""
    return f"此人已不在本单位任职{until}，{measure}须由现任职单位决定；本单位只能登记通报批评或其他处理，请去掉这一项"
