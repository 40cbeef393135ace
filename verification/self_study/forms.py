"""The form of a filing of self-study and the filters of its list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms

from luojiang_ce import clock
from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import Section
from luojiang_ce.workdays.text import full
from units.forms.named_people import NamedPeopleMixin
from verification.choices import Subject
from verification.self_study.models import SelfStudy
from verification.self_study.services import wrong_for_people

SECTIONS = (
    Section("自学人员", ("people", "names")),
    Section("计划与组织", ("title", "content", "date_from", "date_to", "guide", "assessment")),
    Section("拟计学时（学分）", ("subject", "amount", "basis", "note")),
)


class SelfStudyForm(NamedPeopleMixin, EditForm):
    """Who studies what, from when to when, guided and examined by whom, for how many hours."""

    subject = forms.ChoiceField(
        label="科目", choices=[("", "请选择"), *Subject.choices], help_text="卫生人员按学分，其他人员按学时"
    )

    sections = SECTIONS
    widths = {
        **dict.fromkeys(("people", "names", "title", "content", "basis", "note"), 12),
        **dict.fromkeys(("date_from", "date_to"), 3),
    }

    class Meta:
        model = SelfStudy
        fields = (*SECTIONS[1].fields, *SECTIONS[2].fields)
        widgets = {"content": forms.Textarea(attrs={"rows": 4}), "note": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "content": "学什么、用什么教材、分几步、每步多少时间",
            "date_from": "最早为核准当日；备案之前的学习不计",
            "guide": "姓名、职称或职务",
            "assessment": "由谁、用什么办法考核，怎样算合格",
            "amount": "每人最多一位小数；认可的学时合计不超过这个数",
            "basis": "写明按哪份文件、哪一条计算，例如文件名和文号",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].help_text = "去掉勾选即移出；粘贴的姓名有同名的，也在这里选"
        self.fields["date_from"].label, self.fields["date_to"].label = "起始日期", "结束日期"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for field, wrong in self._wrong(data):
            self.add_error(field, wrong)
        return data

    def _wrong(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        first, last, today = data.get("date_from"), data.get("date_to"), clock.today()
        if first and first < today:
            # notice 一(四)
            yield "date_from", f"自学须先核准备案才能开始（通知 一(四)），起始日期最早为今天（{full(today)}）"
        if first and last and last < first:
            yield "date_to", f"结束日期早于起始日期（{full(first)}）"
        if (amount := data.get("amount")) is not None and amount <= 0:
            yield "amount", "应大于 0"
        if subject := data.get("subject"):
            yield from (("subject", wrong) for wrong in wrong_for_people(self.chosen, subject))


class SelfStudyFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Filings by subject or unit, and state."""

    q = WordsFilter("title", *UNIT, label="主题或单位", widget=forms.TextInput(attrs={"placeholder": "自学主题、单位"}))
    state = django_filters.ChoiceFilter(label="状态", choices=SelfStudy.State.choices, empty_label="全部状态")
