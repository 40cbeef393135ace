"""One trainee's line on screen and paper: half-days, amounts, result, and the reasons in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from luojiang_ce.workdays.text import month_day
from training.choices import HalfDay
from training.classes.models import Enrolment
from training.half_days import Why
from training.recognition.counting import Trainee
from training.recognition.hours import ZERO, Final
from training.recognition.models import AssessmentResult, Outcome


@dataclass(frozen=True)
class HalfDayLine:
    """A half-day and why it counts or not."""

    day: date
    half_day: str
    why: Why

    @property
    def label(self) -> str:
        """5月11日上午"""
        return f"{month_day(self.day)}{HalfDay(self.half_day).label}"

    @property
    def counted(self) -> bool:
        return self.why is Why.COUNTED


@dataclass(frozen=True)
class PersonLine:
    """What recognition finds, or found, for one trainee. `assessment` is empty where the class has none.

    `outdated`: the handler decided on other signs or results than those of now.
    """

    enrolment: Enrolment
    half_days: tuple[HalfDayLine, ...]
    finals: tuple[Final, ...]
    assessment: str
    undecided: bool
    why_not: str
    outdated: bool = False

    @property
    def expected(self) -> int:
        """应到半日数"""
        return len(self.half_days)

    @property
    def attended(self) -> int:
        """实到半日数"""
        return sum(each.counted for each in self.half_days)

    @property
    def lost(self) -> list[HalfDayLine]:
        """The half-days that do not count."""
        return [each for each in self.half_days if not each.counted]

    @property
    def decided(self) -> list[Final]:
        """Amounts that the handler decided on."""
        return [final for final in self.finals if final.reason]

    @property
    def earned(self) -> tuple[Final, ...]:
        """What is recognised here: nothing for who goes into no ledger, such as a stranger to the district (C6)."""
        return () if self.why_not else self.finals

    @property
    def by_year(self) -> dict[int, dict[str, Decimal]]:
        """Amounts by year and subject, years without any left out."""
        found: dict[int, dict[str, Decimal]] = defaultdict(dict)
        for final in self.earned:
            if final.amount:
                found[final.year][final.subject] = final.amount
        return dict(found)

    @property
    def totals(self) -> dict[str, Decimal]:
        """Amounts by subject, all years together."""
        found: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for final in self.earned:
            found[final.subject] += final.amount
        return dict(found)

    @property
    def remark(self) -> str:
        """What the sheet says beside the amounts: a decision's reason, or why nothing was recognised."""
        reasons = list(dict.fromkeys(final.reason for final in self.decided))
        return "；".join([*(f"核定：{reason}" for reason in reasons), *([self.why_not] if self.why_not else [])])


def line_of(trainee: Trainee, *, assessed: bool) -> PersonLine:
    """The line of a trainee as counted now."""
    words = {True: "合格", False: "不合格", None: "尚无结果" if assessed else ""}
    return PersonLine(
        enrolment=trainee.enrolment,
        half_days=tuple(HalfDayLine(each.date, each.half_day, each.why) for each in trainee.result.half_days),
        finals=trainee.finals,
        assessment=words[trainee.passed if assessed else None],
        undecided=trainee.undecided,
        why_not="" if trainee.undecided else trainee.why_not,
        outdated=trainee.outdated,
    )


def frozen_line(outcome: Outcome) -> PersonLine:
    """The line of a trainee as it was decided."""
    return PersonLine(
        enrolment=outcome.enrolment,
        half_days=tuple(
            HalfDayLine(date.fromisoformat(each["date"]), each["half_day"], Why(each["why"]))
            for each in outcome.half_days
        ),
        finals=tuple(
            Final(each["year"], each["subject"], Decimal(each["amount"]), Decimal(each["counted"]), each["reason"])
            for each in outcome.amounts
        ),
        assessment=dict(AssessmentResult.Outcome.choices).get(outcome.assessment, ""),
        undecided=False,
        why_not=outcome.why_not,
    )


def totals_of(lines: Sequence[PersonLine]) -> dict[str, Decimal]:
    """Amounts of all trainees by subject."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        for subject, amount in line.totals.items():
            found[subject] += amount
    return dict(found)
