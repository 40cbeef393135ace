"""What is typed about a decision: the draft, the amounts that are left open, and what the provider says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms

from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.papers.issue_form import DocumentForm
from luojiang_ce.typed import RowsField
from luojiang_ce.workflow.forms import TransitionForm
from training.attendance.pages import slot_label
from training.attendance.timetable import slots_of_class
from training.classes.models import Enrolment
from training.classes.models.enrolment import names_apart
from training.half_days import SlotKey
from training.inspections.decisions.models import Decision
from training.inspections.decisions.papers import DECIDED, INTENDED, title_of
from training.inspections.decisions.scope import Scope
from training.inspections.decisions.services import Said
from training.inspections.models import Finding, Inspection
from training.recognition.hours import Amount
from training.recognition.models import Ruling, RulingLine
from training.recognition.page_data import SHORT
from verification.choices import Subject

WHOLE, HALF_DAYS, PEOPLE, BOTH = "whole", "half_days", "people", "both"
SCOPES = (
    (WHOLE, "整班：全部半日，全体学员"),
    (HALF_DAYS, "所选半日，全体学员"),
    (PEOPLE, "全部半日，所选学员"),
    (BOTH, "所选半日，所选学员"),
)


class NewDecisionForm(BaseForm):
    """Findings, consequences, half-days and people, and why."""

    findings = RowsField(
        label="认定的问题",
        queryset=Finding.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选择认定的问题"},
    )
    criticised = forms.BooleanField(
        label="通报批评", required=False, help_text="在公开页公布；以后申报时提示（通知 一(五)4）"
    )
    unrecognised = forms.BooleanField(label="学时（学分）不予认定", required=False)
    scope = forms.ChoiceField(
        label="不予认定的范围", choices=SCOPES, required=False, help_text="勾选“学时（学分）不予认定”的，选定范围"
    )
    half_days = forms.MultipleChoiceField(
        label="半日", required=False, widget=forms.CheckboxSelectMultiple, help_text="范围是所选半日的，勾选半日"
    )
    people = RowsField(
        label="学员",
        queryset=Enrolment.objects.none(),
        required=False,
        help_text="范围是所选学员的，选学员",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    unqualified = forms.BooleanField(
        label="培训项目认定不合格", required=False, help_text="该项目各期的学时都不予认定，不再受理开班"
    )
    other = forms.CharField(label="其他处理", max_length=300, required=False)
    reason = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="印在决定书上，不写证件号码",
        error_messages={"required": "请写明理由"},
    )
    widths = {"criticised": 4, "unrecognised": 4, "unqualified": 4}
    default_width = 12

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"scope": HALF_DAYS}} | kwargs))
        self.course = inspection.application
        fields: dict[str, Any] = self.fields
        fields["findings"].queryset = inspection.findings.all()
        fields["findings"].label_from_instance = _called
        if self.course is None:
            for name in ("unrecognised", "unqualified", "scope", "half_days", "people"):
                del self.fields[name]
            return
        slots = slots_of_class(self.course)
        fields["half_days"].choices = [(_coded(slot.key), slot_label(slot.key)) for slot in slots]
        trainees = self.course.enrolments.present()
        called = names_apart(trainees)
        fields["people"].queryset = trainees
        fields["people"].label_from_instance = lambda each: called.get(each.pk, each.name)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in ("criticised", "unrecognised", "unqualified", "other")):
            self.add_error("criticised", "请选择至少一种处理")
        if data.get("unrecognised") and not data.get("unqualified"):
            self._must_be_named(data)
        return data

    def _must_be_named(self, data: dict[str, Any]) -> None:
        scope = data.get("scope")
        if not scope:
            self.add_error("scope", "请选择不予认定的范围")
        if scope in (HALF_DAYS, BOTH) and not data.get("half_days"):
            self.add_error("half_days", "请选择哪些半日不予认定")
        if scope in (PEOPLE, BOTH) and not data.get("people"):
            self.add_error("people", "请选择哪些学员不予认定")

    def said(self) -> Said:
        """What the service writes."""
        data = self.cleaned_data
        scope = data.get("scope")
        days = [_decoded(each) for each in data.get("half_days") or ()] if scope in (HALF_DAYS, BOTH) else []
        people = list(data["people"]) if scope in (PEOPLE, BOTH) else []
        named = ("reason", "criticised", "other", "unrecognised", "unqualified")
        facts = {each: data[each] for each in named if each in data}
        return Said(findings=list(data["findings"]), scope=Scope(days, people), **facts)


class DecisionForm(OverRow, NewDecisionForm):
    """The same over a draft."""

    def __init__(self, *args: Any, row: Decision, **kwargs: Any) -> None:
        super().__init__(*args, inspection=row.inspection, initial=_written(row), **kwargs)
        self.row = row


def _called(finding: Finding) -> str:
    when = f"{slot_label((finding.date, finding.half_day))}　" if finding.date else ""
    return f"{when}{finding}　{finding.text}".rstrip("　")


def _coded(key: SlotKey) -> str:
    return f"{key[0].isoformat()}_{key[1]}"


def _decoded(text: str) -> SlotKey:
    day, half_day = text.split("_")
    return date.fromisoformat(day), half_day


def _written(row: Decision) -> dict[str, Any]:
    """The draft as the form shows it again."""
    lines = RulingLine.objects.filter(ruling__in=Ruling.objects.of(row), kind=RulingLine.Kind.EXCLUDED)
    days = {(each.date, each.half_day) for each in lines if each.date}
    people = {each.enrolment_id for each in lines if each.enrolment_id}
    scope = {(False, False): WHOLE, (True, False): HALF_DAYS, (False, True): PEOPLE}.get(
        (bool(days), bool(people)), BOTH
    )
    same = ("criticised", "unrecognised", "unqualified", "other", "reason")
    return {
        **{name: getattr(row, name) for name in same},
        "findings": [each.pk for each in row.findings.all()],
        "scope": scope if row.unrecognised else HALF_DAYS,
        "half_days": [_coded(each) for each in days],
        "people": list(people),
    }


class SettleForm(OverRow, BaseForm):
    """The amounts of those whom the half-days leave open; of all of them, or of those who are chosen."""

    default_width = 4
    widths = {"people": 12, "reason": 12}
    people = RowsField(
        label="学员",
        queryset=Enrolment.objects.none(),
        required=False,
        help_text="一个也不选，即下列全部学员；核定不超过各人原有的学时（学分）",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由"},
    )

    def __init__(
        self, *args: Any, row: Decision, possible: Sequence[Amount], trainees: Sequence[Enrolment], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        field: Any = self.fields["people"]
        called = names_apart(trainees)
        field.queryset = Enrolment.objects.filter(pk__in=[each.pk for each in trainees])
        field.label_from_instance = lambda each: called.get(each.pk, each.name)
        self.keys = {f"{each.year}-{each.subject}": (each.year, each.subject) for each in possible}
        for each in possible:
            self.fields[f"{each.year}-{each.subject}"] = forms.DecimalField(
                label=f"{each.year}年 {SHORT[Subject(each.subject)]}",
                min_value=0,
                max_value=each.amount,
                max_digits=6,
                decimal_places=1,
                initial=Decimal(0),
                help_text=f"余下半日全程 {each.amount}",
                widget=forms.NumberInput(attrs={"step": "0.5"}),
                error_messages={"required": "请填写，可以为 0", "max_value": f"不能超过余下半日的 {each.amount}"},
            )
        self.order_fields(["people", *self.keys, "reason"])

    def amounts(self) -> dict[tuple[int, str], Decimal]:
        return {key: self.cleaned_data[name] for name, key in self.keys.items()}


class StatementForm(TransitionForm):
    """What the provider says, typed by itself or taken down from paper."""

    note = forms.CharField(
        label="陈述申辩的内容",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请写明陈述申辩的内容；没有意见的请选“不作陈述”"},
    )


class ProposeForm(TransitionForm):
    """How the handler has weighed what the provider said; printed on the notice where it said something."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answered = self.case.stated in (Decision.Statement.ONLINE, Decision.Statement.PAPER)
        note: Any = self.fields["note"]
        note.label, note.required = "对陈述申辩的复核意见" if answered else "说明", answered
        note.error_messages["required"] = "请写明采纳还是不采纳，为什么"


class DecisionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Decisions by class, number or provider, and by state."""

    q = WordsFilter(
        "number", "inspection__application__title", "inspection__event_name", "inspection__number", *UNIT,
        label="编号、培训班、单位",
    )  # fmt: skip
    state = django_filters.ChoiceFilter(label="状态", choices=Decision.State.choices, empty_label="全部状态")


class TellForm(DocumentForm):
    """Asked before the provider is told what is intended."""

    def document_title(self) -> str:
        return title_of(self.case, INTENDED)


class DecideForm(DocumentForm):
    """Asked before it is decided."""

    def document_title(self) -> str:
        return title_of(self.case, DECIDED)
