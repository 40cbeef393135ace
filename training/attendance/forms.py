"""What is typed: the list of a half-day, a correction, a scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.form_page import Difference, OverRow
from luojiang_ce.home.forms import BaseForm
from training.half_days import Slot, is_in_order

from .models import Sign
from .services import standing

REASON = forms.Textarea(attrs={"rows": 2})


def _time_field(label: str, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, error_messages={"invalid": "请按 08:30 的样子填写时间"}, **kwargs
    )


class TimesForm(BaseForm):
    """The times with which many trainees are signed in and out in one half-day."""

    time_in = _time_field("签到时间")
    time_out = _time_field("签退时间")

    def __init__(self, *args: Any, slot: Slot, **kwargs: Any) -> None:
        # Nobody has left before the end.
        self.slot, is_over = slot, slot.ends <= clock.now()
        initial = {"time_in": slot.starts_at, "time_out": slot.ends_at if is_over else None}
        super().__init__(*args, initial=initial, **kwargs)

    def check_times(self) -> None:
        """Add what is wrong with times that were typed soundly."""
        time_in, time_out = self.cleaned_data.get("time_in"), self.cleaned_data.get("time_out")
        if time_out and self.slot.date == clock.today() and time_out > clock.local(clock.now()).time():
            self.add_error("time_out", f"现在还没有到 {time_out:%H:%M}。签退请在离开时登记，这一格先留空")
        elif time_in and time_out and not is_in_order(time_in, time_out):
            self.add_error("time_out", f"签退时间须晚于签到时间 {time_in:%H:%M}，否则本半日不计学时")


class ListForm(TimesForm):
    """The class teacher's list: who is ticked, and with which times. `do` says what is to be done with them."""

    RECORD, STRIKE = "record", "strike"

    reason = forms.CharField(label="作废原因", required=False, max_length=200)
    people = forms.TypedMultipleChoiceField(label="学员", required=False, coerce=int)

    def __init__(self, *args: Any, people: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = [(str(pk), str(pk)) for pk in people]  # type: ignore[attr-defined]
        self.strikes = self.data.get("do") == self.STRIKE

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("people") and "people" not in self.errors:
            self.add_error("people", "还没有勾选学员，请先在名单里勾选")
        if self.strikes:
            if not data.get("reason"):
                self.add_error("reason", "作废签到记录须写明原因")
            return data
        if self.errors:
            return data
        if data.get("time_in") is None and data.get("time_out") is None:
            self.add_error("time_in", "签到时间和签退时间至少填一个")
        else:
            self.check_times()
        return data


class CorrectionForm(OverRow, BaseForm):
    """The times that hold for one trainee in one half-day from now on; an empty one means: did not sign."""

    time_in = _time_field("签到时间", help_text="留空表示没有签到")
    time_out = _time_field("签退时间", help_text="留空表示没有签退")
    reason = forms.CharField(
        label="更正原因",
        max_length=200,
        widget=REASON,
        error_messages={"required": "更正签到记录须写明原因，原记录会保留并注明"},
    )
    widths = {"reason": 12}

    def __init__(self, *args: Any, valid: list[Sign], **kwargs: Any) -> None:
        """Begins with the times as they count now: the earliest in, the latest out."""
        ins, outs = ([sign.time for sign in valid if sign.kind == kind] for kind in (Sign.Kind.IN, Sign.Kind.OUT))
        initial = {"time_in": min(ins, default=None), "time_out": max(outs, default=None)}
        super().__init__(*args, initial=initial, **kwargs)
        self.row = standing(valid)

    def compare(self) -> Iterator[Difference]:
        """The times; the reason is everybody's own."""
        labels = {str(self[name].label) for name in ("time_in", "time_out")}
        return (each for each in super().compare() if each.label in labels)
