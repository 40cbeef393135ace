"""What the bureau enters: a year's arrangement of rest days, a closure, the figures of the deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.forms import BaseForm, BaseModelForm
from luojiang_ce.typed import NOT_A_DATE
from luojiang_ce.workdays.arrangement import Arrangement, read_arrangement
from luojiang_ce.workdays.calendar import DayKind
from luojiang_ce.workdays.models import CalendarDay, CalendarYear, DeadlineSetting
from luojiang_ce.workdays.text import full_with_weekday

LONGEST_CLOSURE = 31  # days; a longer one is a slip of the pen
ONE_DAY = timedelta(days=1)
CUTOFFS = [(1440, "24:00（当日全天）"), (1080, "18:00"), (1050, "17:30"), (1020, "17:00")]


class YearForm(BaseForm):
    """The State Council's notice of a year, pasted as it is; every disagreement in it is an error with its place."""

    event = "year_confirmed"
    widths = {"year": 3, "document": 8, "text": 12}
    year = forms.TypedChoiceField(label="年份", coerce=int)
    document = forms.CharField(
        label="文件（名称、文号）", max_length=200, error_messages={"required": "请填写国务院办公厅通知的名称或文号"}
    )
    text = forms.CharField(
        label="通知原文",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="从“一、元旦：”粘贴到“七、国庆节：”为止；星期和天数会逐一核对",
        error_messages={"required": "请粘贴通知原文"},
    )
    arrangement: Arrangement

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(each, f"{each}年") for each in range(clock.today().year + 1, clock.today().year - 2, -1)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "year" in data and "text" in data:
            self.arrangement = read_arrangement(data["text"], data["year"])
            problems = list(self.arrangement.problems)
            if self.arrangement.missing and self.arrangement.days:
                problems.append(f"没有读到：{'、'.join(self.arrangement.missing)}。请粘贴全部七个节日的安排。")
            for problem in problems:
                self.add_error("text", problem)
        return data

    @property
    def why(self) -> str:
        return f"{self.cleaned_data['year']}年放假安排（{self.cleaned_data['document']}）"

    @property
    def lines(self) -> list[str]:
        """The days as they were read, for the preview."""
        words = {DayKind.HOLIDAY: "放假", DayKind.MAKEUP: "上班"}
        return [f"{full_with_weekday(day.date)} {words[day.kind]}（{day.name}）" for day in self.arrangement.days]

    def write(self, actor: Actor) -> CalendarYear:
        """The year, in place of what was entered for it before."""
        data = self.cleaned_data
        year, _ = CalendarYear.objects.update_or_create(
            year=data["year"],
            defaults={"document": data["document"], "text": data["text"], "confirmed": True, "entered_by_id": actor.pk},
        )
        year.days.all().delete()
        kinds = {DayKind.HOLIDAY: CalendarDay.Kind.REST, DayKind.MAKEUP: CalendarDay.Kind.WORK}
        CalendarDay.objects.bulk_create(
            CalendarDay(
                date=day.date,
                kind=kinds[day.kind],
                name=day.name[:40],
                arrangement=year,
                source=data["document"],
                entered_by_id=actor.pk,
            )
            for day in self.arrangement.days
        )
        return year


class ClosureForm(BaseForm):
    """Offices closed by a typhoon or the like: of the whole district, which moves deadlines, or of one place."""

    event = "closure_entered"
    widths = {"first": 3, "last": 3, "scope": 3, "scope_text": 3, "reason": 6, "source": 6}
    first = forms.DateField(label="首日", error_messages={"required": "请填写首日", "invalid": NOT_A_DATE})
    last = forms.DateField(label="末日", error_messages={"required": "请填写末日", "invalid": NOT_A_DATE})
    scope = forms.ChoiceField(
        label="范围", choices=CalendarDay.Scope.choices, help_text="“局部”只作记录，不移动任何期限；可另外给延期"
    )
    scope_text = forms.CharField(label="范围说明", max_length=200, required=False)
    reason = forms.CharField(label="原因", max_length=40, error_messages={"required": "请写明原因，例如：台风停工停课"})
    source = forms.CharField(
        label="依据（文件名、文号）", max_length=200, error_messages={"required": "请填写停工的文件名或文号"}
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "first" in data and "last" in data:
            self._check_span(data["first"], data["last"])
        if data.get("scope") == CalendarDay.Scope.PARTIAL and not data.get("scope_text"):
            self.add_error("scope_text", "局部停工请写明是哪里")
        return data

    def _check_span(self, first: date, last: date) -> None:
        if last < first:
            self.add_error("last", "末日早于首日，请核对")
        elif (last - first).days >= LONGEST_CLOSURE:
            self.add_error("last", f"一次最长 {LONGEST_CLOSURE} 天，请核对日期")
        of_district = self.cleaned_data.get("scope") == CalendarDay.Scope.DISTRICT
        known = CalendarDay.objects.filter(arrangement=None, scope=CalendarDay.Scope.DISTRICT)
        for day in known.filter(date__range=(first, last)) if of_district else ():
            self.add_error("first", f"{full_with_weekday(day.date)} 已登记停工（{day.reason}）")

    @property
    def days(self) -> list[date]:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return [first + n * ONE_DAY for n in range((last - first).days + 1)]

    @property
    def why(self) -> str:
        return f"{self.cleaned_data['reason']}（{self.cleaned_data['source']}）"

    @property
    def lines(self) -> list[str]:
        return [f"{full_with_weekday(day)} 停工" for day in self.days]

    def write(self, actor: Actor) -> CalendarDay:
        """A row per day; the first stands for all."""
        data = self.cleaned_data
        rows = [
            CalendarDay(
                date=day,
                kind=CalendarDay.Kind.REST,
                name=data["reason"],
                scope=data["scope"],
                scope_text=data["scope_text"],
                reason=data["reason"],
                source=data["source"],
                entered_by_id=actor.pk,
            )
            for day in self.days
        ]
        for row in rows:
            row.save()
        return rows[0]


class ReopenForm(BaseForm):
    """Taking back a closure that was entered by mistake."""

    event = "closure_removed"
    default_width = 12
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "请写明为什么撤销"})

    def __init__(self, *args: Any, day: CalendarDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = day

    @property
    def why(self) -> str:
        return f"撤销 {full_with_weekday(self.day.date)} 停工：{self.cleaned_data['reason']}"

    @property
    def lines(self) -> list[str]:
        return [f"{full_with_weekday(self.day.date)} 不再停工"]

    def write(self, actor: Actor) -> CalendarDay:
        CalendarDay.objects.filter(pk=self.day.pk).delete()
        return self.day


class SettingForm(BaseModelForm):
    """The figures of the deadlines from a day on; days before keep the old ones."""

    event = "settings_entered"
    widths: dict[str, int] = {"document": 12}
    default_width = 4
    cutoff_minutes = forms.TypedChoiceField(label="当日截止时刻", coerce=int, choices=CUTOFFS)

    class Meta:
        model = DeadlineSetting
        fields: Sequence[str] = (
            "valid_from",
            "opening_days",
            "opening_mode",
            "recognition_days",
            "recognition_done_by",
            "reply_days",
            "mending_days",
            "release_days",
            "statement_days",
            "supplement_days",
            "objection_days",
            "waiting_days",
            "review_days",
            "roll",
            "cutoff_minutes",
            "document",
        )

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < clock.today():
            raise forms.ValidationError("不能改动已经过去的日子，请填今天或以后")
        return day

    @property
    def why(self) -> str:
        return f"{full_with_weekday(self.cleaned_data['valid_from'])}起的期限参数（{self.cleaned_data['document']}）"

    @property
    def lines(self) -> list[str]:
        row = DeadlineSetting(**self.cleaned_data)
        return [
            f"开班申请提前 {row.opening_days} 个工作日，{row.get_opening_mode_display()}",
            f"学时认定 {row.recognition_days} 日，{row.get_recognition_done_by_display()}",
            f"本局答复 {row.reply_days} 个工作日；补正 {row.mending_days} 个工作日",
            f"答复调入申请 {row.release_days} 个工作日" if row.release_days else "答复调入申请的期限未设定，不计时",
            f"陈述申辩 {row.statement_days} 个工作日" if row.statement_days else "陈述申辩的期限未设定，不计时",
            f"逾期未补材料 {row.supplement_days} 个工作日后按不通过办理"
            if row.supplement_days
            else "逾期未补材料的处理未设定，由柜台逐人办理",
            f"单位答复本人异议 {row.objection_days} 个工作日，过期转本局"
            if row.objection_days
            else "单位答复本人异议的期限未设定，不转本局",
            f"柜台候补到的空位保留 {row.waiting_days} 个工作日，最迟到时段开始"
            if row.waiting_days
            else "柜台候补到的空位保留多久未设定，保留到时段开始",
            f"主管部门审核花名册 {row.review_days} 个工作日"
            if row.review_days
            else "主管部门审核花名册的期限未设定，不计时",
            f"2月末日逢休息日{'顺延' if row.roll else '不顺延'}；当日 {row.as_value().cutoff} 截止",
        ]

    def write(self, actor: Actor) -> DeadlineSetting:
        return DeadlineSetting.objects.create(**self.cleaned_data)
