"""What is typed: a plan's head, its rows, the publication, a struck item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import BaseForm, Section, fields_of, mark_needed
from luojiang_ce.papers.document_numbers import written
from luojiang_ce.papers.issue_form import DocumentForm
from luojiang_ce.typed import RowsField
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.forms import TransitionForm
from units.filed_case import EDITABLE
from units.forms.base import ReasonField
from units.forms.own_unit import ask_unit
from units.models import Unit

from . import publication
from .bodies import asked_of
from .checks import REQUIRED
from .models import ConsentBody, Plan, PlanBatch, PlanItem
from .papers import ADJUSTS, PUBLISHES, adjusts, title_of


class PlanForm(EditForm):
    """The head of 附件1."""

    widths = {"leader": 3, "filler": 3, "phone": 6, "note": 12}

    class Meta:
        model = Plan
        fields = ("leader", "filler", "phone", "note")


ROW = (
    Section("办什么班", ("title", "organiser", "co_organiser", "category", "basis", "content", "audience")),
    Section("何时何地", ("sessions", "people", "starts_on", "ends_on", "days", "place", "form", "lecturers")),
    Section("学时（学分）", ("measure", "public_amount", "professional_amount")),
    Section(
        "经费与收费", ("funding", "budget", "charges", "fee", "fee_document"), "收费须有标准和批准文号（通知 三2）"
    ),
    Section("联系", ("contact", "phone", "note")),
)


class ItemForm(EditForm):
    """A row of 附件1. It may be saved incomplete; submitting the plan says what is missing."""

    sections: Sequence[Section] = ROW
    widths = {
        **dict.fromkeys(("content", "basis", "audience", "note"), 12),
        **dict.fromkeys(("sessions", "people", "days", "starts_on", "ends_on", "form", "category", "measure"), 3),
        **dict.fromkeys(("public_amount", "professional_amount", "funding", "budget", "charges", "fee"), 3),
    }

    class Meta:
        model = PlanItem
        fields = fields_of(ROW)
        widgets = {"content": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in REQUIRED:
            if name in self.fields:
                mark_needed(self.fields[name])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", f"结束日期早于开始日期 {full(first)}，请核对")
        return data


class YearForm(BaseForm):
    """Which year."""

    year = forms.TypedChoiceField(label="计划年度", coerce=int)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = cast(forms.TypedChoiceField, self.fields["year"])
        year.choices = [(number, f"{number} 年度") for number in years]


class NewPlanForm(YearForm):
    """Which year, and of which of the clerk's units."""

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_unit(self, clerk)


PLANS = Plan.objects.exclude(state__in=EDITABLE)  # those that were filed


class SupplementForm(YearForm):
    """The bureau's leave to file a further plan (增补)."""

    # Whoever has filed a yearly plan can add to it, a provider or not.
    unit = forms.ModelChoiceField(
        Unit.objects.filter(Q(is_provider=True) | Exists(PLANS.filter(unit=OuterRef("pk")))),
        label="单位",
        error_messages={"required": "请选单位"},
    )
    leave = forms.CharField(
        label="同意增补的依据", max_length=200, help_text="文件、会议或领导批示，单位会看到",
        error_messages={"required": "请写明依据"},
    )  # fmt: skip
    widths = {"year": 3, "unit": 6, "leave": 12}
    field_order = ("unit", "year", "leave")


class AskSupplementForm(BaseForm):
    """A unit asks to add to a plan that it has filed."""

    plan = forms.ModelChoiceField(Plan.objects.none(), label="增补到", error_messages={"required": "请选计划"})
    why = ReasonField(
        label="要增加的培训班和理由", error_messages={"required": "请写明要增加哪些培训班、为什么，区人社局据此决定"}
    )
    widths = {"plan": 12, "why": 12}

    def __init__(self, *args: Any, plans: QuerySet[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Any = self.fields["plan"]
        plan.queryset = plans
        plan.initial = plan.initial or plans.first()


class GatherForm(forms.Form):
    """The checked items that were ticked for a batch."""

    items = RowsField(PlanItem.objects.none(), label="项目", error_messages={"required": "还没有勾选项目"})

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = cast("forms.ModelMultipleChoiceField[PlanItem]", self.fields["items"])
        items.queryset = PlanItem.objects.filter(state=PlanItem.State.CHECKED, plan__year=year)


class PublishForm(DocumentForm):
    """The document that publishes a batch: its number and date (notice 一(五)1)."""

    printed = ("document_number",)
    document_number = forms.CharField(
        label="发文字号",
        max_length=60,
        error_messages={"required": "请填发文字号"},
    )
    published_on = forms.DateField(
        label="发文日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填发文日期"},
    )
    replaces = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order: Sequence[str] = ("document_number", "published_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replaces"].initial = self.batch.document_number
        free = publication.proposed(clock.today())
        self.fields["document_number"].initial = str(free)
        self.fields["published_on"].initial = clock.today()
        self.fields["document_number"].help_text = publication.proposal_said(free)

    @property
    def batch(self) -> PlanBatch:
        """Whose document it is."""
        batch: PlanBatch = self.case
        return batch

    def document_title(self) -> str:
        return title_of(self.batch, ADJUSTS if adjusts(self.batch) else PUBLISHES)

    def clean_document_number(self) -> str:
        return written(self.cleaned_data["document_number"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if number := data.get("document_number"):
            for field, problem in publication.problems(self.batch, number, data.get("published_on")):
                self.add_error(field, problem)
        return data


class CorrectionForm(PublishForm):
    """A published document was wrong: the number and date of the one that replaces it, and why."""

    note = forms.CharField(
        label="更正的原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="原件的核验页会向公众显示，请勿写个人信息",
        error_messages={"required": "请写明更正的原因"},
    )


class StrikeForm(TransitionForm):
    """A body does not consent to this item: which, and why."""

    body = forms.ModelChoiceField(
        ConsentBody.objects.none(), label="会签单位", error_messages={"required": "请选会签单位"}
    )
    note = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由"},
    )
    field_order = ("body", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        body = cast("forms.ModelChoiceField[ConsentBody]", self.fields["body"])
        body.queryset = ConsentBody.objects.filter(pk__in=[each.pk for each in asked_of(self.case.batch)])
