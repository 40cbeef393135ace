"""What a reviewer is asked before a record of another district is accepted: which of its hours count here, and whether
the other district still stands by its paper."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import QueryDict

from luojiang_ce import clock
from luojiang_ce.home.forms import use_pickers
from luojiang_ce.workdays.text import full, span
from luojiang_ce.workflow.forms import TransitionForm
from verification.record.meetings import Meeting, compared_for_page, fingerprint
from verification.record.transfers import MOVED, NONE_COUNTS, Decision, content_of


class EntriesField(forms.TypedMultipleChoiceField):
    """Ticks among thousands: Django's own looks through all choices for each."""

    @cached_property
    def known(self) -> frozenset[str]:
        """The choices, as they are sent."""
        choices: Any = self.choices  # without groups
        return frozenset(str(pk) for pk, _ in choices)

    def valid_value(self, value: Any) -> bool:
        return str(value) in self.known


class AcceptForm(TransitionForm):
    """Ticked is what meets nothing here; what meets something is left to whoever knows whether it is the same."""

    shown_as = "核对"
    counted = EntriesField(
        label="计入本区的学时",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text="与本区已有的、在途的有重叠的没有勾选，请逐条核对：是同一次学习的不勾，确是另一次的勾上",
        error_messages={"required": NONE_COUNTS, "invalid_choice": MOVED},
    )
    checked = forms.BooleanField(
        label="已在对方核验页核对，证明现在有效",
        error_messages={"required": "文件不知道证明后来有没有撤销，请先到对方核验页核对，再勾选"},
    )
    checked_on = forms.DateField(label="核对日期")
    meetings_sha256 = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meetings = compared_for_page(self.case).meetings
        fields: dict[str, Any] = self.fields
        fields["counted"].choices = [(each.entry.pk, _in_words(each)) for each in self.meetings if not each.barred]
        fields["counted"].initial = [each.entry.pk for each in self.meetings if each.counts_by_default]
        fields["checked_on"].initial = clock.today()
        fields["meetings_sha256"].initial = fingerprint(self.meetings)
        use_pickers(fields)
        self.order_fields(["counted", "checked", "checked_on", "note", "meetings_sha256"])

    @property
    def shows(self) -> list[tuple[str, str]]:
        """Where to look, and what cannot be ticked."""
        told = content_of(self.case)
        return [
            ("证明", f"{self.case.paper_number}，文件导出于 {full(date.fromisoformat(told['exported']))}"),
            ("对方核验页", told["paper"].get("check") or "文件里没有写，请向转出地区查询"),
            *(("不能计入", _in_words(each)) for each in self.meetings if each.barred),
        ]

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if not self.case.paper_dated <= day <= clock.today():
            raise forms.ValidationError("应在证明日期到今天之间")
        return day

    def clean(self) -> dict[str, Any]:
        """What has moved since the page was shown is told once, and shown as it is now."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        now = fingerprint(self.meetings)
        if data.get("meetings_sha256") != now:
            if "counted" not in self.errors:
                self.add_error("counted", MOVED)
            sent = cast(QueryDict, self.data).copy()
            sent["meetings_sha256"] = now
            self.data = sent
        return data

    def transition_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return Decision(frozenset(data["counted"]), data["meetings_sha256"], data["checked_on"]).as_data()


def _in_words(meeting: Meeting) -> str:
    """2025 年度，水土保持培训班，2025年4月14日至16日，专业科目 24.0 学时 —— 本区台账：…"""
    entry = meeting.entry
    parts = (f"{entry.year} 年度", entry.title, span(entry.date_from, entry.date_to), entry.amount_said)
    why = "；".join(filter(None, (meeting.barred, *meeting.meets)))
    return "，".join(filter(None, parts)) + (f" —— {why}" if why else "")
