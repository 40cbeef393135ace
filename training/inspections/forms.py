"""The officer's forms: sending inspectors, attaching a class, conflicts, reports from outside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import CHOOSE, BaseForm, BaseModelForm, Section, fields_of
from luojiang_ce.typed import NOT_A_DATE, RowsField
from luojiang_ce.workdays.text import month_day
from training.choices import HalfDay
from training.classes.models import ClassApplication
from units.models import Account, Unit

from .models import Inspection, OutsideReport
from .services import STARTED

LATELY = timedelta(days=30)  # classes that ended longer ago are not visited; a record is attached to one by its number
HALF_DAYS = [("", "全天都可以"), *HalfDay.choices]


class ClassField(forms.ModelChoiceField):
    """A class that runs now, soon, or ended lately; also one that was called off or moved."""

    def __init__(self, **options: Any) -> None:
        recent = ClassApplication.objects.filter(state__in=STARTED, ends_on__gte=clock.today() - LATELY)
        rows = recent.select_related("unit").order_by("opens_on", "pk")
        super().__init__(rows, required=False, label="培训班", empty_label="不选：没有公布的办班", **options)

    def label_from_instance(self, row: Any) -> str:
        days = (
            month_day(row.opens_on)
            if row.opens_on == row.ends_on
            else "至".join(month_day(day) for day in (row.opens_on, row.ends_on))
        )
        called_off = "" if row.state == ClassApplication.State.APPROVED else f"，{row.get_state_display()}"
        return f"{row}　{row.unit.short}，{days}{called_off}"


class InspectorsField(RowsField):
    """Whoever is an inspector today."""

    def __init__(self) -> None:
        super().__init__(
            Account.objects.holding(Role.INSPECTOR).order_by("name"),
            label="检查人",
            widget=forms.CheckboxSelectMultiple,
            help_text="至少两人，不能是被检查单位的人，也不能有回避申报",
            error_messages={"required": "请选择检查人，至少两人"},
        )

    def label_from_instance(self, row: Any) -> str:
        return str(row.name)


def _day() -> forms.DateField:
    return forms.DateField(label="检查日期", error_messages={"required": "请填写哪一天去检查", "invalid": NOT_A_DATE})


class _VisitForm(BaseForm):
    """When, who, and what to look at."""

    planned_on = _day()
    planned_half_day = forms.ChoiceField(label="时段", choices=HALF_DAYS, required=False)
    focus = forms.CharField(
        label="检查重点",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="只有检查人看得到；不要写举报人的任何情况",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inspectors"] = InspectorsField()

    def clean_planned_on(self) -> date:
        day: date = self.cleaned_data["planned_on"]
        if day < clock.today():
            raise forms.ValidationError("这一天已经过去，请改为今天或以后的日期")
        return day


WHAT = Section(
    "检查哪里",
    ("application", "unit", "provider_name", "event_name", "place"),
    "没有公布的办班不选培训班，写明单位、活动和地点",
)
WHEN = Section("何时、谁去", ("planned_on", "planned_half_day", "inspectors", "focus"), "检查不事先通知被检查单位")


class AssignForm(_VisitForm):
    """Send inspectors to a class, or to a place."""

    sections = (WHAT, WHEN)
    widths = {"application": 12, "inspectors": 12, "focus": 12, "place": 12}
    unit = forms.ModelChoiceField(
        Unit.objects.filter(status=Unit.Status.ACTIVE),
        label="被检查单位",
        required=False,
        help_text="选了培训班的不用选",
    )
    provider_name = forms.CharField(label="单位名称（不在名录内）", max_length=100, required=False)
    event_name = forms.CharField(label="活动名称", max_length=100, required=False, help_text="没有公布的办班叫什么")
    place = forms.CharField(label="地点", max_length=100, required=False, help_text="选了培训班又不填的，按申报的地点")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"] = ClassField()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in ("application", "place")):
            self.add_error("place", "请选择培训班；没有公布的办班，请写明地点")
        chosen, unit = data.get("application"), data.get("unit")
        if chosen and unit and chosen.unit_id != unit.pk:
            self.add_error("unit", f"“{chosen}”是{chosen.unit.name}的班，请改选，或不选单位")
        return data


class ChangeForm(OverRow, _VisitForm):
    """The same visit on another day, by others, at another place."""

    sections = (Section("何时、何地、谁去", ("planned_on", "planned_half_day", "place", "inspectors", "focus")),)
    widths = {"inspectors": 12, "focus": 12, "place": 12}
    place = forms.CharField(label="地点", max_length=100, error_messages={"required": "请写明到哪里检查"})
    SAME = ("planned_on", "planned_half_day", "place", "focus")

    def __init__(self, *args: Any, row: Inspection, **kwargs: Any) -> None:
        self.row = row
        stands = {name: getattr(row, name) for name in self.SAME}
        super().__init__(*args, initial={**stands, "inspectors": list(row.inspectors.all())}, **kwargs)


class AttachForm(BaseForm):
    """To which class a visit belongs, by its number."""

    number = forms.CharField(
        label="开班编号",
        max_length=30,
        help_text="准予开班通知上的编号，如 2026-C-0001",
        error_messages={"required": "请填写开班编号"},
    )

    def clean_number(self) -> ClassApplication:
        found = ClassApplication.objects.filter(number=self.cleaned_data["number"].strip().upper())
        course = found.select_related("unit").first()
        if course is None:
            raise forms.ValidationError("没有这个编号的培训班，请核对")
        return course


class ConflictForm(BaseForm):
    """A unit that an inspector must not inspect. A handler also says whose conflict it is."""

    widths = {"reason": 12}
    unit = forms.ModelChoiceField(Unit.objects.all(), label="回避的单位", error_messages={"required": "请选择单位"})
    reason = forms.CharField(
        label="回避原因",
        max_length=200,
        help_text="如曾在该单位任职、近亲属在该单位工作",
        error_messages={"required": "请写明原因"},
    )

    def __init__(self, *args: Any, for_others: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_others:
            self.fields["account"] = forms.ModelChoiceField(
                Account.objects.holding(Role.INSPECTOR).order_by("name"),
                label="检查人",
                empty_label=CHOOSE,
                error_messages={"required": "请选择检查人"},
            )
            self.order_fields(["account"])


class ReportForm(BaseModelForm):
    """What somebody outside says. The reporter may stay unknown."""

    sections = (
        Section("反映的情况", ("channel", "received_on", "text")),
        Section("涉及哪里", ("application", "unit", "provider_name", "place"), "知道多少填多少"),
        Section("举报人", ("secret", "reporter", "contact"), "匿名的不填；要求保密的，只有登记人和审批人看得到"),
    )
    widths = {"text": 12, "application": 12, "place": 12, "secret": 12}

    class Meta:
        model = OutsideReport
        fields = fields_of(
            (
                Section("", ("channel", "received_on", "text", "unit", "provider_name", "place")),
                Section("", ("secret", "reporter", "contact")),
            )
        )
        error_messages = {
            "channel": {"required": "请选择从哪里来"},
            "received_on": {"required": "请填写哪一天收到", "invalid": NOT_A_DATE},
            "text": {"required": "请写明反映的情况"},
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"] = ClassField()
        self.fields["received_on"].initial = clock.today

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > clock.today():
            raise forms.ValidationError("收到日期不能晚于今天")
        return day
