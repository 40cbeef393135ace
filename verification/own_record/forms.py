"""What is typed on the page of the own record, what a clerk says of slips, and answers to objections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.files.fields import CheckedField
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import RowsField
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.forms import TransitionForm
from units.forms.number_end import NumberEndForm
from units.models import Person
from verification.ledger.models import LedgerEntry

from .models import Objection
from .services import about_of, on_file
from .slips import LASTS, LONGEST

WHOLE_YEAR = "year"
UNPOSTED = "of:"  # before the title of what has no entry


class DoorForm(NumberEndForm):
    """What opens a slip. Not a shape but the slip decides: anything of some length is compared."""

    slip_code = forms.CharField(
        label="验证码",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="印在查阅条上，共 8 位，不分大小写",
        error_messages={"required": "请填写查阅条上的验证码"},
    )
    number_help = "本人证件，末尾是 X 的一并填写"
    whole_help = "近来填错的次数较多，为防止猜号，请填写完整号码"
    field_order = ("number", "slip_code")


class ObjectionForm(BaseForm):
    """What somebody says against an entry, what has none, or the record of the year; or wants to have corrected."""

    about = forms.ChoiceField(label="对哪一条", error_messages={"required": "请选择对哪一条有异议"})
    text = forms.CharField(
        label="说明",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="哪里不对，应当是怎样，谁可以证明；请不要写证件号码",
        error_messages={"required": "请写明哪里不对，单位据此核对"},
    )
    picture = CheckedField(PHOTOGRAPH, label="图片", required=False, help_text="可以不附；照片里的位置会去掉")
    default_width = 12

    def __init__(
        self,
        *args: Any,
        person: Person,
        year: int,
        entries: Sequence[LedgerEntry],
        unposted: Sequence[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {str(entry.pk): entry for entry in entries}
        parts = list(on_file(person, person.job).items())
        lines = [(key, about_of(year, entry)) for key, entry in self.entries.items()]
        lines += [(f"{UNPOSTED}{title}", about_of(year, None, title)) for title in unposted]
        whole = (WHOLE_YEAR, f"{year} 年度的整份记录（漏记、其他问题）")
        field: Any = self.fields["about"]
        field.choices = [("", "请选择"), ("学时记录", [whole, *lines]), ("更正本人信息", parts)]
        field.error_messages["invalid_choice"] = "记录刚刚有变动，没有这一条了；说明已保留，请重新选择"
        chosen = (self.data if self.is_bound else self.initial).get("about", "")
        self.is_correction = chosen in Objection.Part.values  # of what is on file about the person
        if self.is_correction:
            field.label = "更正哪一项"

    @property
    def entry(self) -> LedgerEntry | None:
        """The entry that was chosen; None for the whole year, and for what has none."""
        return self.entries.get(self.cleaned_data["about"])

    @property
    def unposted(self) -> str:
        """What has no entry, as it is called; empty of everything else."""
        chosen: str = self.cleaned_data["about"]
        return chosen.removeprefix(UNPOSTED) if chosen.startswith(UNPOSTED) else ""

    @property
    def part(self) -> str:
        """What on file about the person is to be corrected; empty of an objection to the record."""
        chosen: str = self.cleaned_data["about"]
        return chosen if chosen in Objection.Part.values else ""


class SlipsForm(BaseForm):
    """For whom, and until when."""

    people = RowsField(
        label="给谁",
        queryset=Person.objects.none(),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": "还没有勾选，请先在人员名单里勾选"},
    )
    last_day = forms.DateField(label="有效期至", error_messages={"required": "请填写有效期的最后一天"})

    def __init__(self, *args: Any, people: Any, everybody: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        if everybody:
            del self.fields["people"]
        self.fields["last_day"].initial = clock.today() + LASTS
        self.fields["last_day"].help_text = f"到这一天 24:00 为止，最长 {LONGEST.days} 天"

    def clean_last_day(self) -> date:
        day: date = self.cleaned_data["last_day"]
        today = clock.today()
        if not today <= day <= today + LONGEST:
            raise forms.ValidationError(f"请填 {full(today)} 至 {full(today + LONGEST)} 之间的一天")
        return day


class AnswerForm(TransitionForm):
    """What was found; the person reads it on the own page."""

    result = forms.ChoiceField(
        label="结论",
        choices=[("", "请选择"), *Objection.Result.choices],
        error_messages={"required": "请选择结论"},
    )
    note = forms.CharField(
        label="答复",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="本人会看到；写明核对的情况，属实的写明怎样更正",
        error_messages={"required": "请写明答复，本人会看到"},
    )
    field_order = ("result", "note")
