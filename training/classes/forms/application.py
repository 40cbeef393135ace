"""The steps of an application that are typed as fields: the head of 附件2, its organisers, the words on differences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from luojiang_ce.home.form_page import EMPTY, Compared, Difference, EditForm, OverRow
from luojiang_ce.home.forms import BaseForm, Section, fields_of, mark_needed
from luojiang_ce.home.whole_lists import WholeList
from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR
from luojiang_ce.workdays.text import full
from training.classes.checks import REQUIRED, phone_problem
from training.classes.differences import Difference as PlanDifference
from training.classes.models import ClassApplication, ClassOrganiser
from training.classes.models.application import CREDIT_TYPES
from training.classes.services.applications import OrganiserRow
from verification.choices import Measure

OPENING_LIVE = "training_classes/parts/opening_live.html"
BLANK_ORGANISERS = 2
SPAN = frozenset({"opens_on", "ends_on"})  # kept together or not at all: the database wants them in order


HEAD = (
    Section("时间与地点", ("title", "opens_on", "ends_on", "days", "place"), "最后申报日随开班日期算出", OPENING_LIVE),
    Section("对象与内容", ("audience", "purpose", "content", "textbooks", "form", "assessment", "intensive")),
    Section("学分", (*CREDIT_TYPES, "credits_basis"), "按批准的项目填写，不换算"),
    Section(
        "人数、收费与经费",
        ("people", "minimum", "charges", "fee", "fee_document", "funding", "budget"),
        "禁止违规收费（通知 三2）",
    ),
    Section("负责人与联系", ("leader", "class_teacher", "contact", "phone")),
)


class BasicsForm(EditForm):
    """The head of 附件2. It may be saved incomplete; what is needed to submit is said at the end."""

    sections = HEAD
    widths = {
        **dict.fromkeys(("title", "audience", "purpose", "content", "textbooks", "credits_basis"), 12),
        **dict.fromkeys(("opens_on", "ends_on", "form", "assessment", "intensive"), 4),
        **dict.fromkeys(("class_1", "class_2", "general_practice"), 4),
        **dict.fromkeys(("days", "people", "minimum", "charges", "fee", "funding", "budget"), 3),
        **dict.fromkeys(("leader", "class_teacher", "contact", "phone"), 3),
        "place": 8, "days": 4, "fee_document": 6,
    }  # fmt: skip
    opening: dict[str, Any] = {}  # the explanation of the last filing day, for OPENING_LIVE
    people = forms.IntegerField(label="计划人数", required=False, min_value=1, max_value=99_999)
    minimum = forms.IntegerField(
        label="最低人数",
        required=False,
        min_value=1,
        max_value=99_999,
        help_text="选填；报名不足的，开班前提醒，由施教机构决定是否取消",
    )
    class_1 = forms.DecimalField(label="Ⅰ类学分", required=False, min_value=0, max_digits=5, decimal_places=1)
    class_2 = forms.DecimalField(label="Ⅱ类学分", required=False, min_value=0, max_digits=5, decimal_places=1)
    general_practice = forms.DecimalField(label="全科学分", required=False, min_value=0, max_digits=5, decimal_places=1)

    class Meta:
        model = ClassApplication
        fields = fields_of(HEAD)
        widgets = {"purpose": forms.Textarea(attrs={"rows": 2}), "content": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in REQUIRED:
            mark_needed(self.fields[name])
        self.fields["opens_on"].widget.attrs.update(_live(self.instance.first_submitted_at))
        self._hint_plan()
        if self.instance.measure == Measure.CREDITS:
            for kind, amount in self.instance.credit_amounts.items():
                self.initial[kind] = amount
        else:
            for name in (*CREDIT_TYPES, "credits_basis"):
                del self.fields[name]

    def _hint_plan(self) -> None:
        """What was published stands below the field, so that a difference is seen while it is typed."""
        project = self.instance.project
        for name in ("place", "people", "audience", "budget"):
            planned = getattr(project, name)
            if planned not in (None, ""):
                self.fields[name].help_text = f"公布的计划：{planned}"

    def clean_opens_on(self) -> Any:
        return self._known_year("opens_on")

    def clean_ends_on(self) -> Any:
        return self._known_year("ends_on")

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and (wrong := phone_problem(phone)):
            raise forms.ValidationError(wrong)
        return phone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("opens_on") and data.get("ends_on") and data["ends_on"] < data["opens_on"]:
            self.add_error("ends_on", "结束日期早于开班日期，请核对")
        return data

    def values(self) -> dict[str, Any]:
        """What was typed and can be kept, by field of the model."""
        dropped = {*CREDIT_TYPES, *(SPAN if SPAN & set(self.errors) else ())}
        sound = {name: value for name, value in self.cleaned_data.items() if name not in dropped}
        if self.instance.measure == Measure.CREDITS:
            typed = {kind: self.cleaned_data.get(kind) for kind in CREDIT_TYPES}
            sound["credits"] = {kind: str(amount) for kind, amount in typed.items() if amount}
        return sound

    def _known_year(self, name: str) -> Any:
        day = self.cleaned_data[name]
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(f"{day.year} 年不在工作日历的范围内，请核对年份")
        return day

    def _post_clean(self) -> None:
        """The form writes nothing onto the instance: the service does, under the lock."""


def _live(filed: datetime | None) -> dict[str, str]:
    """The last filing day is explained as soon as the opening day is typed (C2); the first submission decides (P2)."""
    asked = {"kind": "opening", "field": "opens_on", **({"filed": filed.isoformat()} if filed else {})}
    return {
        "hx-get": f"{reverse('workdays:explain')}?{urlencode(asked)}",
        "hx-trigger": "change, input changed delay:500ms",
        "hx-target": "#opening-live",
        "aria-describedby": "opening-live",
    }


class EarlierClass(forms.ModelChoiceField):
    """A class of the past, told from its like by the day that it opened."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}　{full(obj.opens_on)}开班"


class RepeatForm(OverRow, BaseForm):
    """Which class a draft is filled from, and the new opening day."""

    sections = (Section("从哪一期带入", ("like", "opens_on"), "课程表按相隔的天数改到新的日期", OPENING_LIVE),)
    widths = {"like": 8, "opens_on": 4}
    opening: dict[str, Any] = {}
    like = EarlierClass(ClassApplication.objects.none(), label="照哪一期")
    opens_on = forms.DateField(label="新的开班日期")

    def __init__(self, *args: Any, row: ClassApplication, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        cast(EarlierClass, self.fields["like"]).queryset = offered
        self.fields["opens_on"].widget.attrs.update(_live(row.first_submitted_at))

    def compare(self) -> Iterable[Difference]:
        """What would be taken over replaces the draft as a whole; of two clicks the second finds it done."""
        draft, like = cast(ClassApplication, self.row), self.cleaned_data["like"]
        now = (draft.opens_on, draft.timetable.count())
        if now != (self.cleaned_data["opens_on"], like.timetable.count()):
            yield Difference("草稿", "刚保存的内容", f"照{like}带入的内容")


class OrganiserForm(forms.Form):
    """One organiser: 主办, 承办 or 协办, and its name; an empty name leaves the row out."""

    part = forms.ChoiceField(label="身份", choices=ClassOrganiser.Part, initial=ClassOrganiser.Part.CARRIER)
    name = forms.CharField(label="单位名称", max_length=100, required=False)


class _OrganiserFormSet(Compared, WholeList):
    def clean(self) -> None:
        seen = [(row.part, row.name) for row in self.rows()] if not any(self.errors) else []
        if doubled := {name for part, name in seen if seen.count((part, name)) > 1}:
            raise forms.ValidationError(f"办班单位重复：{'、'.join(sorted(doubled))}")

    def rows(self) -> list[OrganiserRow]:
        """The organisers in order, without the empty rows."""
        typed = [form.cleaned_data for form in self.forms if form.is_valid()]
        return [OrganiserRow(row["part"], row["name"].strip()) for row in typed if row.get("name", "").strip()]

    def compare(self) -> list[Difference]:
        """The organisers as one line: their order counts."""
        stored = _as_read(OrganiserRow(**row) for row in self.initial or [])
        typed = _as_read(self.rows())
        return [Difference("办班单位", stored, typed)] if stored != typed else []


def _as_read(rows: Iterable[OrganiserRow]) -> str:
    return "；".join(f"{ClassOrganiser.Part(row.part).label} {row.name}" for row in rows) or EMPTY


def organiser_formset(application: ClassApplication, data: Any = None) -> _OrganiserFormSet:
    """The organisers in order, with blank rows below; saving gives blank ones again."""
    factory = forms.formset_factory(
        OrganiserForm, formset=_OrganiserFormSet, extra=BLANK_ORGANISERS, max_num=20, absolute_max=30
    )
    initial = [{"part": organiser.part, "name": organiser.name} for organiser in application.organisers.all()]
    return cast(_OrganiserFormSet, factory(data, initial=initial, prefix="o"))


class NotesForm(OverRow, BaseForm):
    """A word on each difference from the published project that asks for one (C1)."""

    default_width = 12

    def __init__(self, *args: Any, row: ClassApplication, differences: Sequence[PlanDifference], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.differences = list(differences)
        for difference in self.differences:
            field = forms.CharField(
                label=difference.label,
                max_length=200,
                required=False,
                initial=difference.note,
                help_text=difference.gap,
            )
            if difference.asks:
                mark_needed(field)
            self.fields[difference.key] = field

    def lines(self) -> list[tuple[PlanDifference, forms.BoundField]]:
        """Each difference with its field."""
        return [(difference, self[difference.key]) for difference in self.differences]
