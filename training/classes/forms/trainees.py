"""Ticking people: enrolling own ones, answering for them, taking them off, attaching a stamped scan."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from luojiang_ce.files.fields import CheckedField
from luojiang_ce.uploads.places import SCAN


class TicksForm(forms.Form):
    """Rows ticked in a list, whatever stands in them; which of them may be touched is decided by the service."""

    ticked = forms.TypedMultipleChoiceField(
        label="人员",
        coerce=int,
        error_messages={
            "required": "还没有勾选人员，请先勾选",
            "invalid_choice": "勾选的人员有的已不在名单里，请按现在的名单重新勾选",
        },
    )

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = cast(forms.TypedMultipleChoiceField, self.fields["ticked"])
        ticked.choices = [(pk, str(pk)) for pk in offered]

    def chosen(self) -> dict[str, Any]:
        """What a service gets: who was ticked, and what was typed beside it."""
        typed = dict(self.cleaned_data)
        return {"enrolment_ids": typed.pop("ticked"), **typed}


class EnrolForm(TicksForm):
    """Own people to be enrolled."""

    late_reason = forms.CharField(
        label="补报原因", required=False, max_length=200, help_text="班已开始的，写明为什么这时才报名"
    )


class ReasonedForm(TicksForm):
    """People to be refused or taken off, with the reason that the other side will read."""

    reason = forms.CharField(label="原因", max_length=200, error_messages={"required": "请写明原因，对方会看到"})


class LateForm(TicksForm):
    """Agreeing after the class is over: why so late, and the stamped paper where there is one."""

    reason = forms.CharField(
        label="补办原因",
        max_length=150,
        help_text="当时为什么没有答复；年度验证时看得到",
        error_messages={"required": "请写明为什么当时没有答复，验证时看得到"},
    )
    scan = CheckedField(SCAN, label="盖章件", required=False, help_text="有单位盖章的报名材料的附上，PDF 或照片")


class ScanForm(TicksForm):
    """The stamped agreement of trainees' own unit."""

    scan = CheckedField(
        SCAN, label="盖章件", help_text="PDF 或照片，20 MB 以内", error_messages={"required": "请选择盖章件再上传"}
    )
