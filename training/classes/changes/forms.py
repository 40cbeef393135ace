"""Forms of changes: what they ask for is shown beside how the class stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.urls import reverse

from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm, Section, mark_needed
from luojiang_ce.papers.issue_form import DocumentForm
from luojiang_ce.workdays.text import full
from training.classes.changes.assess import content_of, would_be
from training.classes.changes.lines import head_lines
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication
from training.classes.papers import opening_title

FIELDS = {
    **{"结束日期": "ends_on", "天数": "days", "地点": "place", "计划人数": "people", "最低人数": "minimum"},
    "收费标准": "fee",
}
OPENING_LIVE = "training_classes/parts/opening_live.html"


def _reason() -> forms.CharField:
    return forms.CharField(
        label="变更理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="因为什么事、从什么时候起不能按原来的安排办班",
        error_messages={"required": "请写明为什么变更，区人社局据此审核"},
    )


def _field(name: str, **kwargs: Any) -> Any:
    """The field of the class, as its own form has it; it may be left empty while a draft is written."""
    return ClassApplication._meta.get_field(name).formfield(required=False, **kwargs)  # type: ignore[union-attr]


def _live(field: forms.Field) -> None:
    """The last filing day is explained as soon as the opening day is typed (C2), counted from today."""
    address = f"{reverse('workdays:explain')}?{urlencode({'kind': 'opening', 'field': 'opens_on'})}"
    trigger = "change, input changed delay:500ms"
    field.widget.attrs.update({"hx-get": address, "hx-trigger": trigger, "hx-target": "#opening-live"})
    field.widget.attrs["aria-describedby"] = "opening-live"


class NewForm(BaseForm):
    """What most changes are: another opening day, another place. Anything else is filled in afterwards."""

    sections = (
        Section(
            "改到何时、何地", ("opens_on", "place"), "课程表按相隔的天数整体顺移；其他内容下一步再改", OPENING_LIVE
        ),
        Section("为什么变更", ("reason",)),
    )
    widths = {"opens_on": 4, "place": 8, "reason": 12}
    opening: dict[str, Any] = {}
    opens_on = forms.DateField(label="改到哪天开班", required=False)
    place = forms.CharField(label="改到哪里", max_length=100, required=False)
    reason = _reason()

    def __init__(self, *args: Any, application: ClassApplication, begun: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].help_text = f"原批准：{application.place}。不改的留空"
        self.fields["opens_on"].help_text = f"原批准：{_day(application.opens_on)}。不改的留空"
        _live(self.fields["opens_on"])
        if begun:
            del self.fields["opens_on"]
            self.sections = (Section("改到哪里", ("place",), "已经开班，只能改还没有上的课"), *self.sections[1:])


def _day(day: Any) -> str:
    return full(day) if day else "未定"


class HeadForm(OverRow, BaseForm):
    """Why, and everything of the head but the opening day, which has a page of its own: the timetable goes with it."""

    sections = (
        Section("为什么变更", ("reason",)),
        Section("时间与地点", ("ends_on", "days", "place"), "开班日期另在“改开班日期”里改"),
        Section(
            "人数与收费",
            ("people", "minimum", "charges", "fee", "fee_document"),
            "提高收费须有新的批准文号（通知 三2）",
        ),
    )
    widths = {
        **dict.fromkeys(("ends_on", "days"), 3),
        **dict.fromkeys(("people", "minimum", "charges", "fee"), 3),
        "fee_document": 6,
        "place": 6,
        "reason": 12,
    }
    reason = _reason()
    ends_on = _field("ends_on")
    days = _field("days", min_value=0)
    place = _field("place")
    people = forms.IntegerField(label="计划人数", required=False, min_value=1, max_value=99_999)
    minimum = forms.IntegerField(label="最低人数", required=False, min_value=1, max_value=99_999)
    charges = _field("charges")
    fee = _field("fee", min_value=0)
    fee_document = _field("fee_document")

    def __init__(self, *args: Any, row: ClassChange, **kwargs: Any) -> None:
        self.row = row
        head = content_of(row).head
        super().__init__(*args, initial={**head, "reason": row.reason}, **kwargs)
        for name in ("ends_on", "days", "place", "people"):
            mark_needed(self.fields[name])
        other = {name: value for name, value in head.items() if value != getattr(row.application, name)}
        for line in head_lines({name: getattr(row.application, name) for name in other}, other):
            if line.label in FIELDS:
                self.fields[FIELDS[line.label]].help_text = f"原批准：{line.was}"

    def facts(self) -> Mapping[str, Any]:
        """What the service gets: everything typed, with the version that the form was opened with."""
        return {**self.cleaned_data, "version": self.version}


class MoveForm(OverRow, BaseForm):
    """The new opening day."""

    sections = (Section("新的开班日期", ("opens_on",), "结束日期和课程表按相隔的天数一起顺移", OPENING_LIVE),)
    widths = {"opens_on": 4}
    opening: dict[str, Any] = {}
    opens_on = forms.DateField(label="开班日期")

    def __init__(self, *args: Any, row: ClassChange, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, initial={"opens_on": content_of(row).head["opens_on"]}, **kwargs)
        self.fields["opens_on"].help_text = f"原批准：{_day(row.application.opens_on)}"
        _live(self.fields["opens_on"])


class ApproveForm(DocumentForm):
    """Asks about characters that cannot be printed, of the class as it would be: the amended notice is about that."""

    def __init__(self, *args: Any, case: ClassChange, **kwargs: Any) -> None:
        super().__init__(*args, case=would_be(case), **kwargs)
        self.case = case

    def document_title(self) -> str:
        return opening_title(self.case, amended=True)


class ChangeFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Changes by class, number or unit, and by state."""

    q = WordsFilter("number", "application__title", "application__number", *UNIT, label="编号、班名、单位")
    state = django_filters.ChoiceFilter(label="状态", choices=ClassChange.State, empty_label="状态：全部")
