"""What the pages of verification ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms import modelformset_factory

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor
from luojiang_ce.home.form_page import Compared, Difference, EditForm, OverRow
from luojiang_ce.home.forms import BaseForm, BaseModelForm
from luojiang_ce.papers.models import Seal
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow.forms import ReasonForm, TransitionForm
from units.forms.own_unit import ask_unit

from .in_time import default_year
from .models import AnnualRecord, Batch, Path, Slot
from .papers import seals_of
from .seats import bookable_slots
from .services import ROW_FIELDS, years_to_verify

FARTHEST = timedelta(days=366)
MOST_DAYS = 92  # a season's worth of slots at once


class SlotChoice(forms.ModelChoiceField):
    """A slot with what is left of it."""

    def label_from_instance(self, slot: Any) -> str:
        weekday = "一二三四五六日"[slot.date.weekday()]
        return f"{slot}（周{weekday}）　{slot.place}　余 {slot.capacity - slot.taken}"


class NewBatchForm(BaseForm):
    """Which year, and whose: one batch goes one way (V4)."""

    year = forms.TypedChoiceField(label="验证年度", coerce=int, help_text="补验往年的，选相应年度")
    path = forms.ChoiceField(
        label="人员类别", choices=Path.choices, help_text="卫生系列、教师须先由主管部门审核，分批报送"
    )
    widths = {"year": 3, "path": 6}

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_unit(self, clerk)
        today = clock.today()
        year: Any = self.fields["year"]
        year.choices = [(each, f"{each} 年度") for each in years_to_verify(today)]
        year.initial = default_year(today)


class HeadForm(EditForm):
    """填报人, 电话, 说明 of 附件4."""

    widths = {"filler": 4, "phone": 4, "note": 12}

    class Meta:
        model = Batch
        fields = ("filler", "phone", "note")


KINDS = ("issues", "renews", "verifies", "makes_up")


class RowForm(Compared, forms.ModelForm):
    """A row of 附件4: what the unit says about it."""

    class Meta:
        model = AnnualRecord
        fields = ROW_FIELDS

    def kind_fields(self) -> list[forms.BoundField]:
        """The boxes of 办理类别."""
        return [self[name] for name in KINDS]

    def text_fields(self) -> list[forms.BoundField]:
        """What is typed."""
        return [self[name] for name in ROW_FIELDS if name not in KINDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(kind) for kind in KINDS):
            self.add_error("verifies", "至少选一种办理类别：发证、换证、验证、补验")
        return data


class _RowFormSet(OverRow, forms.BaseModelFormSet):
    """Rows of a batch, which is what is versioned."""

    def compare(self) -> Iterator[Difference]:
        for form in cast(list[RowForm], self.forms):
            for each in form.compare():
                yield replace(each, label=f"{form.instance.person.name}　{each.label}")


def row_formset(batch: Batch, rows: QuerySet[AnnualRecord], data: Any = None) -> _RowFormSet:
    """A page of a batch's rows."""
    factory = modelformset_factory(AnnualRecord, form=RowForm, formset=_RowFormSet, extra=0, can_delete=False)
    formset = cast(_RowFormSet, factory(data, queryset=rows))
    formset.row = batch
    return formset


class BookForm(BaseForm):
    """One seat for some batches."""

    batches = forms.ModelMultipleChoiceField(
        queryset=Batch.objects.none(),
        label="批次",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个批次"},
    )
    slot = SlotChoice(
        queryset=Slot.objects.none(),
        label="时段",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "请选一个时段"},
    )
    default_width = 12

    def __init__(self, *args: Any, batches: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["batches"].queryset = batches
        fields["slot"].queryset = bookable_slots()


class MoveForm(TransitionForm):
    """Another slot for an appointment."""

    slot = SlotChoice(queryset=Slot.objects.none(), label="改到", empty_label="请选择时段")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slot: Any = self.fields["slot"]
        slot.queryset = bookable_slots().exclude(pk=self.case.slot_id)
        self.order_fields(["slot", "note"])


class SealForm(TransitionForm):
    """Which seal: those of the sealing unit that are in use today."""

    seal = forms.ModelChoiceField(
        queryset=Seal.objects.none(),
        label="印章",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "请选用一枚现行印章"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = seals_of(self.case).in_use_on(clock.today())
        seal: Any = self.fields["seal"]
        seal.queryset, seal.initial = in_use, in_use.first()
        if not seal.initial:
            seal.help_text = "今天没有启用中的验证印章，请先在“印章”中登记"
        self.order_fields(["seal", "note"])


class RevokeForm(ReasonForm):
    """Revoking what was stamped; the reason is read by the public."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = "核验页会向公众显示，请勿写姓名和证件号码"


class SlotsForm(BaseForm):
    """The same time on the working days of a span."""

    first_day = forms.DateField(label="从哪天")
    last_day = forms.DateField(label="到哪天", help_text="只开工作日")
    starts_at = forms.TimeField(label="开始")
    ends_at = forms.TimeField(label="结束")
    capacity = forms.IntegerField(label="可约数", min_value=1, max_value=50, help_text="一个预约占一号，可带几个批次")
    place = forms.CharField(label="地点", max_length=100)
    widths = {"first_day": 3, "last_day": 3, "starts_at": 3, "ends_at": 3, "capacity": 3, "place": 8}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and first < clock.today():
            self.add_error("first_day", "不能开过去的日子")
        if first and last:
            self._check_span(first, last)
        if data.get("starts_at") and data.get("ends_at") and data["starts_at"] >= data["ends_at"]:
            self.add_error("ends_at", "结束时间要晚于开始时间")
        return data

    def _check_span(self, first: date, last: date) -> None:
        if last < first:
            self.add_error("last_day", "要晚于或等于开始的日子")
        elif first > clock.today() + FARTHEST:
            self.add_error("first_day", "只能开一年以内的时段")
        elif (last - first).days > MOST_DAYS:
            self.add_error("last_day", f"一次最多开 {MOST_DAYS} 天")
        elif not self.days():
            self.add_error("last_day", "这几天都是休息日，没有可开的工作日")

    def days(self) -> list[date]:
        """The working days of the span."""
        calendar = current_calendar()
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        span = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in span if calendar.day(day).working]


class SlotForm(BaseModelForm):
    """More or fewer seats, or none any more."""

    widths = {"capacity": 3, "closed": 3}

    class Meta:
        model = Slot
        fields = ("capacity", "closed")
        help_texts = {"closed": "停用后不再接受预约，已约的不受影响"}
