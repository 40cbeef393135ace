"""What is typed on a phone, and the provider's refusal."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.files.fields import CheckedField
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workflow.forms import ReasonForm, TransitionForm
from training.half_days import Slot
from units.forms.number_end import NumberEndForm

from .code import OUT


class WhoForm(NumberEndForm):
    """Who holds the phone. Not a number's shape but the list decides: anything of some length is compared."""

    name = forms.CharField(
        label="姓名",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写姓名"},
    )
    number_help = "报名时登记的证件，末尾是 X 的一并填写"
    whole_help = "本班填错的次数较多，为防止冒签，请填写完整号码"
    field_order = ("name", "number")


class AskForm(BaseForm):
    """Asking for a sign that is missing."""

    time = forms.TimeField(label="时间", error_messages={"invalid": "请按 08:30 的样子填写时间"})
    reason = forms.CharField(
        label="原因",
        max_length=150,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="为什么没有扫上，谁可以证明",
        error_messages={"required": "请写明原因，办班单位据此答复"},
    )
    picture = CheckedField(PHOTOGRAPH, label="图片", required=False, help_text="当时的课堂照片等；照片里的位置会去掉")

    default_width = 12

    def __init__(self, *args: Any, slot: Slot, kind: str, **kwargs: Any) -> None:
        initial = {"time": slot.ends_at if kind == OUT else slot.starts_at}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["time"].label = "离开的时间" if kind == OUT else "到场的时间"
        self.fields["time"].error_messages["required"] = f"请填写{self.fields['time'].label}"


LONGEST_ANSWER = 300  # as the answer is kept


class ApproveForm(TransitionForm):
    """What is added stands on the trainee's phone."""

    note = forms.CharField(
        label="说明",
        required=False,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="学员会在手机上看到",
    )


class RefuseForm(ReasonForm):
    """The reason stands on the trainee's phone."""

    note = forms.CharField(
        label="理由",
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由，学员会看到"},
    )
