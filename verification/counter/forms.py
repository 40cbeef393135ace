"""Forms of slots and appointments."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from luojiang_ce import clock
from luojiang_ce.filters import WordsFilter
from luojiang_ce.home.form_page import Difference, EditForm, OverRow, as_read
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import RowsField
from luojiang_ce.versions import Standing
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workdays.text import near
from luojiang_ce.workflow.forms import TransitionForm
from verification.batches.models import Appointment, Batch, Slot
from verification.batches.seasons import UNSET, season_of

from .seats import Span, bookable_slots

FARTHEST = timedelta(days=366)
MOST_SEATS = 50
MOST_DAYS = 92  # a season's worth of slots at once
MOST_SLOTS = 1000  # written in about a second


# 9:00, 9.00, 9点, 9点半, 9点30分
_HOUR = r"(\d{1,2})(?:[:.](\d{2})|[点时](?:(半)|(\d{1,2})分?)?)"
_SPAN = re.compile(rf"{_HOUR}\s*[-–—~至到]\s*{_HOUR}", re.ASCII)


def span_of(line: str) -> Span | None:
    """From when until when a line says; None where it says nothing of the kind, or ends before it begins."""
    found = _SPAN.fullmatch(unicodedata.normalize("NFKC", line).strip())  # as a Chinese input method types it too
    if found is None:
        return None
    said = found.groups()
    hour, minute = _clock(*said[:4])
    until_hour, until_minute = _clock(*said[4:])
    if max(hour, until_hour) > 23 or max(minute, until_minute) > 59:
        return None
    span = time(hour, minute), time(until_hour, until_minute)
    return span if span[0] < span[1] else None


def _clock(hour: str, minute: str | None, half: str | None, minutes: str | None) -> tuple[int, int]:
    return int(hour), 30 if half else int(minute or minutes or 0)


def parts_of(span: Span, minutes: int) -> list[Span]:
    """The span in parts of so many minutes; none where something would be left over."""
    start, end = (datetime.combine(date.min, each) for each in span)
    step = timedelta(minutes=minutes)
    if (end - start) % step:
        return []
    starts = (start + n * step for n in range((end - start) // step))
    return [(each.time(), (each + step).time()) for each in starts]


PLACE_LENGTH = 100  # of a window, as a slot takes it


class SlotFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """The slots from today on, or those that are over."""

    view = django_filters.ChoiceFilter(choices=[("past", "已过去")])

    def filter_queryset(self, queryset: QuerySet[Slot]) -> QuerySet[Slot]:
        today = clock.today()
        if self.form.cleaned_data.get("view") == "past":
            return queryset.filter(date__lt=today).order_by("-date", "starts_at", "pk")
        return queryset.filter(date__gte=today).order_by("date", "starts_at", "pk")


class BookingFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Bookings by day, unit and what became of them; where nothing else is asked for those that stand, from today
    on."""

    q = WordsFilter("unit__name", "unit__short_name", "batches__number", label="单位、批次编号")
    since = django_filters.DateFilter(
        label="自", field_name="slot__date", lookup_expr="gte", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        label="至", field_name="slot__date", lookup_expr="lte", widget=forms.DateInput(attrs={"type": "date"})
    )
    state = django_filters.ChoiceFilter(label="状态", choices=Appointment.State, empty_label="状态：未取消的")

    def filter_queryset(self, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        rows = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        ahead = rows if asked.get("since") or asked.get("until") else rows.filter(slot__date__gte=clock.today())
        if not asked.get("state"):
            ahead = ahead.exclude(state=Appointment.State.CANCELLED)
        return ahead.order_by("slot__date", "slot__starts_at", "slot__place", "seat", "pk").distinct()


class ByDay(ModelChoiceIterator):
    """Slots under their days."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for day, slots in groupby(self.queryset, key=lambda slot: slot.date):
            yield near(day, clock.today()), [self.choice(slot) for slot in slots]


class RadiosByGroup(forms.RadioSelect):
    """Radio buttons that each know the group they stand under (templates/bootstrap5/field.html shows it)."""

    def optgroups(self, *args: Any, **kwargs: Any) -> Any:
        groups = super().optgroups(*args, **kwargs)
        for group, options, _ in groups:
            for option in options:
                option["group"] = group
        return groups


class SlotChoice(forms.ModelChoiceField):
    """A slot with what is left of it for who does not wait, under its day."""

    iterator = ByDay

    def label_from_instance(self, slot: Any) -> str:
        left = slot.capacity - slot.taken - slot.waited_for
        return f"{slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}　{slot.place}　余 {left}"


class BookForm(BaseForm):
    """One seat for some batches."""

    batches = RowsField(
        queryset=Batch.objects.none(),
        label="批次",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个批次"},
    )
    slot = SlotChoice(
        queryset=Slot.objects.none(),
        label="时段",
        widget=RadiosByGroup,
        empty_label=None,
        error_messages={"required": "请选一个时段"},
    )
    default_width = 12

    def __init__(self, *args: Any, batches: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["batches"].queryset = batches
        fields["slot"].queryset = bookable_slots()


class WaitForm(BaseForm):
    """Which batch waits for which full slot."""

    batch = forms.ModelChoiceField(
        queryset=Batch.objects.none(), label="批次", error_messages={"required": "请选一个批次"}
    )
    slot = forms.ModelChoiceField(
        queryset=Slot.objects.none(), label="已约满的时段", error_messages={"required": "请选一个时段"}
    )

    def __init__(self, *args: Any, batches: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["batch"].queryset, fields["slot"].queryset = batches, Slot.objects.all()


class MoveForm(TransitionForm):
    """Another slot for an appointment."""

    slot = SlotChoice(queryset=Slot.objects.none(), label="改到", empty_label="请选择时段")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slot: Any = self.fields["slot"]
        slot.queryset = bookable_slots().exclude(pk=self.case.slot_id)
        self.order_fields(["slot", "note"])


class SlotsForm(BaseForm):
    """Many slots at once: the working days of a span × times × windows, each with so many seats."""

    first_day = forms.DateField(label="从哪天")
    last_day = forms.DateField(label="到哪天", help_text="只开工作日")
    times = forms.CharField(
        label="时间",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一段，如 09:00-11:30；上午、下午各写一行",
    )
    minutes = forms.IntegerField(
        label="每个时段多少分钟",
        required=False,
        min_value=5,
        max_value=480,
        help_text="留空，每行就是一个时段；填 30，上面一行按半小时分成几个时段",
    )
    places = forms.CharField(
        label="窗口",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一个窗口，如 区人社局 2 号窗口",
    )
    capacity = forms.IntegerField(
        label="每个时段可约数", min_value=1, max_value=MOST_SEATS, help_text="一个预约占一号，可带几个批次"
    )
    widths = {"first_day": 3, "last_day": 3, "minutes": 3, "capacity": 3, "times": 6, "places": 6}

    def clean_times(self) -> list[Span]:
        """The spans of each line; every line that is none is named."""
        lines = [line.strip() for line in self.cleaned_data["times"].splitlines() if line.strip()]
        read = {line: span_of(line) for line in lines}
        if wrong := [line for line, span in read.items() if span is None]:
            raise forms.ValidationError(f"看不懂：{'；'.join(wrong)}。请写成 09:00-11:30，结束要晚于开始")
        return [span for span in read.values() if span]

    def clean_places(self) -> list[str]:
        """One window a line."""
        lines = [clean for line in self.cleaned_data["places"].splitlines() if (clean := " ".join(line.split()))]
        if long := [line for line in lines if len(line) > PLACE_LENGTH]:
            raise forms.ValidationError(
                f"窗口名称最多 {PLACE_LENGTH} 字，请改短：{'；'.join(line[:20] for line in long)}"
            )
        return lines

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if first and first < clock.today():
            self.add_error("first_day", "不能开过去的日子")
        elif first and last:
            self._check_span(first, last)
        if data.get("times") and data.get("minutes"):
            self._cut(data["times"], data["minutes"])
        if not self.errors:
            number = len(self.days()) * len(data["times"]) * len(data["places"])
            if number > MOST_SLOTS:
                self.add_error("last_day", f"一次最多开 {MOST_SLOTS} 个时段，现在是 {number} 个，请分几次开")
        return data

    def _cut(self, spans: Sequence[Span], minutes: int) -> None:
        parts = {span: parts_of(span, minutes) for span in spans}
        if uneven := [f"{start:%H:%M}–{end:%H:%M}" for (start, end), found in parts.items() if not found]:
            self.add_error("minutes", f"{'、'.join(uneven)} 不能按 {minutes} 分钟分完，请改时间或分钟数")
        self.cleaned_data["times"] = [part for found in parts.values() for part in found]

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


class SlotForm(EditForm):
    """More or fewer seats, or none any more."""

    capacity = forms.IntegerField(label="可约数", min_value=1, max_value=MOST_SEATS)
    default_width = 12

    class Meta:
        model = Slot
        fields = ("capacity", "closed")
        help_texts = {"closed": "停用后不再接受预约，已约的不受影响；放假、停工的日子会自动停用"}


class SeasonForm(OverRow, BaseForm):
    """The last day at the counter for a year, and the document that says so. Where there is one already, whoever sets
    another is shown both before it is replaced."""

    widths = {"year": 3, "last_day": 4, "document": 12}

    year = forms.TypedChoiceField(label="验证年度", coerce=int)
    last_day = forms.DateField(
        label="最后一天", required=False, help_text="留空即未设定，不计时；到期未到柜台的人登记为视同放弃"
    )
    document = forms.CharField(
        label="依据",
        max_length=200,
        help_text="通知的名称和文号",
        error_messages={"required": "请写明通知的名称和文号"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(each, f"{each} 年度") for each in range(clock.today().year, clock.today().year - 3, -1)]

    @property
    def row(self) -> Standing:  # type: ignore[override]
        typed = getattr(self, "cleaned_data", {})
        return season_of(typed["year"]) if "year" in typed else UNSET

    def compare(self) -> Iterator[Difference]:
        """The day and the document; where nothing is set, that there is none."""
        stored = dict(zip(("last_day", "document"), self.row.values or (None, ""), strict=True))
        for name, value in stored.items():
            if value != self.cleaned_data[name]:
                field = self.fields[name]
                yield Difference(str(field.label), as_read(field, value), as_read(field, self.cleaned_data[name]))
