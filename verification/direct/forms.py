"""What is typed about the bureau's own training, and the filters of its lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters

from luojiang_ce import clock
from luojiang_ce.filters import WordsFilter
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import Section
from luojiang_ce.typed import PLAUSIBLE
from luojiang_ce.workdays.text import full
from training.classes.models import CatalogueCourse
from units.search import PeopleWordsFilter
from verification.choices import Subject
from verification.declarations.forms import CourseField
from verification.direct.courses import left_the_catalogue
from verification.direct.models import DirectTraining, Passed
from verification.ledger.forms import years

Kind = DirectTraining.Kind
HOURS_OF_A_DAY = 24
SECTIONS = (
    Section("培训", ("kind", "title", "document", "date_from", "date_to", "intensive")),
    Section("每人学时", ("year", "subject", "amount", "catalogue", "course")),
)


class TrainingForm(EditForm):
    """Which training, when, by which document; which hours of which year everybody gets who passed."""

    catalogue = CourseField(
        label="公共科目目录课程", queryset=CatalogueCourse.objects.all(), required=False, empty_label="不按目录课程"
    )

    sections = SECTIONS
    widths = {**dict.fromkeys(("title", "document"), 12), **dict.fromkeys(("date_from", "date_to"), 3)}

    class Meta:
        model = DirectTraining
        fields = tuple(name for section in SECTIONS for name in section.fields)
        help_texts = {
            "title": "如 2026年新录用人员初任培训班",
            "document": "调训通知的文件名、文号",
            "amount": "每人最多一位小数；合格的人各计这个数",
            "course": "教师的公共必修课，写课程名称；不是的留空",
            "year": "学时计入哪一年；跨年的班选其中一年",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("date_from", "date_to"):
            self.fields[name].validators += PLAUSIBLE
        self.fields["date_from"].label, self.fields["date_to"].label = "起始日期", "结束日期"
        self.fields["catalogue"].help_text = "公共课须选；初任班不是目录课程的可以不选"
        if not self.instance.pk:
            self.fields["year"].initial = clock.today().year

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for field, wrong in (*_wrong_course(data), *_wrong_days(data), *_wrong_hours(data)):
            self.add_error(field, wrong)
        if (amount := data.get("amount")) is not None and amount <= 0:
            self.add_error("amount", "应大于 0")
        return data


def _wrong_course(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """notice 一(二): a public course stands in the catalogue; what is professional is none of it."""
    course, public = data.get("catalogue"), data.get("subject") == Subject.PUBLIC
    if data.get("kind") == Kind.PUBLIC and data.get("subject") and not public:
        yield "subject", "公共课的科目是公共科目（通知 一(二)）；不是公共课的请改类别"
    if data.get("kind") == Kind.PUBLIC and course is None:
        yield "catalogue", "公共课须选公共科目目录里的课程（通知 一(二)）；目录里没有的，请先登记目录"
    if course and data.get("subject") and not public:
        yield "catalogue", "目录里的课程是公共科目；专业科目请选“不按目录课程”"
    if wrong := left_the_catalogue(course, data.get("year")):
        yield "catalogue", wrong


def _wrong_days(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Its days are in order, and the year is one of theirs."""
    first, last, year = data.get("date_from"), data.get("date_to"), data.get("year")
    if not (first and last):
        return
    if last < first:
        yield "date_to", f"结束日期早于起始日期（{full(first)}）"
    elif year and not first.year <= year <= last.year:
        yield "year", f"培训在 {full(first)}至{full(last)}，学时不能计入 {year} 年度"


def _wrong_hours(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """No day has more than 24 hours; how many of them a training may have is nobody's figure here."""
    first, last, amount = data.get("date_from"), data.get("date_to"), data.get("amount")
    if not (first and last and amount and first <= last):
        return
    days = (last - first).days + 1
    if amount > HOURS_OF_A_DAY * days:
        yield "amount", f"{days} 天的培训最多 {HOURS_OF_A_DAY * days} 小时，不会有 {amount} 学时；请核对学时和日期"


class TrainingFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Trainings by name or document, kind and state."""

    q = WordsFilter("title", "document", label="培训名称、文件")
    kind = django_filters.ChoiceFilter(label="类别", choices=Kind.choices, empty_label="全部类别")
    state = django_filters.ChoiceFilter(label="状态", choices=DirectTraining.State.choices, empty_label="全部状态")


class PassedFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """People of pass lists by name or training, and year."""

    q = PeopleWordsFilter("training__title", label="姓名、培训名称")
    year = django_filters.ChoiceFilter(
        label="年度", field_name="training__year", empty_label="全部年度",
        choices=lambda: [(year, f"{year} 年度") for year in years()],
    )  # fmt: skip

    class Meta:
        model = Passed
        fields = ("q", "year")


class ListedFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """People of one pass list by name."""

    q = PeopleWordsFilter(label="姓名或拼音")
