"""The form of a declaration and the filters of its list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import Section
from luojiang_ce.typed import whole_numbers
from luojiang_ce.workdays.text import full
from units.forms.base import PeopleField, PersonField
from units.models import Person
from units.search import PeopleWordsFilter
from verification.choices import Form, Subject
from verification.declarations.models import Declaration
from verification.declarations.services import same_declared, wrong_for
from verification.declarations.together import people_named
from verification.ledger.forms import years

# Classes are recognised on the application of whoever held them, they are not declared here.
FORMS = [(value, label) for value, label in Form.choices if value != Form.CLASS]
NEVER_INTENSIVE = frozenset({Form.REMOTE, Form.SELF_STUDY, Form.PAPER, Form.DEGREE})


LEARNING = ("form", "title", "organiser", "date_from", "date_to", "paid", "confirmed_on")
HOURS = Section("申报的学时（学分）", ("year", "subject", "amount", "basis", "intensive", "course", "note"))
SECTIONS = (Section("人员与项目", ("person", *LEARNING)), HOURS)
MANY_SECTIONS = (Section("人员", ("people", "names")), Section("项目", LEARNING), HOURS)


class LearningForm(EditForm):
    """What was learned, and the hours of one subject in one year that it is declared for."""

    form = forms.ChoiceField(
        label="学习形式", choices=[("", "请选择"), *FORMS], help_text="培训班由施教机构办理学时认定，不在这里申报"
    )
    subject = forms.ChoiceField(
        label="科目", choices=[("", "请选择"), *Subject.choices], help_text="卫生人员按学分，其他人员按学时"
    )

    widths = {
        **dict.fromkeys(("title", "basis", "note", "people", "names"), 12),
        **dict.fromkeys(("year", "subject", "amount"), 4),
        **dict.fromkeys(("date_from", "date_to"), 3),
    }

    class Meta:
        model = Declaration
        fields = (*LEARNING, *HOURS.fields)
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "date_to": "在职学历、学位教育还在读的，填预计毕业的日期，逐年申报",
            "paid": "勾选后须附缴费凭证",
            "confirmed_on": "学习形式为论文时填写；确认手续须事先办好",
            "year": "应在学习起止的年度之内",
            "amount": "学时或学分，最多一位小数",
            "basis": "写明按哪份文件、哪一条折算，例如文件名和文号；折算标准由省规定，本系统不自动折算",
            "course": "只对中小学教师填写",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_from"].label, self.fields["date_to"].label = "开始日期", "结束日期"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("form") != Form.PAPER:
            data["confirmed_on"] = None
        for field, wrong in chain(_wrong_form(data), _wrong_days(data, clock.today()), _wrong_hours(data)):
            self.add_error(field, wrong)
        return data


class DeclarationForm(LearningForm):
    """One person's learning; `people`: whom the unit may declare for."""

    person = PersonField(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    sections = SECTIONS

    class Meta(LearningForm.Meta):
        fields = ("person", *LearningForm.Meta.fields)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for field, wrong in _wrong_for_the_person(data):
            self.add_error(field, wrong)
        same = None if self.errors else same_declared(Declaration(pk=self.instance.pk, **data))
        if same:
            wrong = f"已有同一人、同一项目的申报 {same.number}（{same.get_state_display()}），不要重复申报"
            self.add_error("title", wrong)
        return data


def _wrong_form(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    form = data.get("form")
    if form == Form.SELF_STUDY:
        # notice 一(四)
        yield ("form", "自学须事先经区人社局核准备案（通知 一(四)），自学备案尚未开通，暂不能申报。请先与区人社局联系")
    if form == Form.PAPER and not data.get("confirmed_on"):
        # notice 二(一)6
        yield "confirmed_on", "论文须事先办好确认手续（通知 二(一)6），请填写确认日期，并在材料中上传确认件"


def _wrong_days(data: dict[str, Any], today: date) -> Iterator[tuple[str, str]]:
    first, last, year = data.get("date_from"), data.get("date_to"), data.get("year")
    confirmed = data.get("confirmed_on")
    if first and last and last < first:
        yield "date_to", f"结束日期早于开始日期（{full(first)}）"
    elif last and last > today and data.get("form") != Form.DEGREE:
        yield "date_to", "学习还没有结束，请在结束后申报"
    elif first and first > today:
        yield "date_from", "学习还没有开始，请核对"
    elif first and last and year and not first.year <= year <= last.year:
        yield "year", f"学习时间是 {first.year} 年至 {last.year} 年，计入年度应在其中"
    elif year and year > today.year:
        # notice 二(一)5: of a degree under way the marks of the year itself
        yield "year", f"{year} 年还没有到，还没有当年度的科目成绩"
    if confirmed and confirmed > today:
        yield "confirmed_on", "确认日期在今天之后，请核对"


def _wrong_hours(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    amount = data.get("amount")
    if amount is not None and amount <= 0:
        yield "amount", "应大于 0"
    if data.get("intensive") and data.get("form") in NEVER_INTENSIVE:
        yield "intensive", f"{Form(data['form']).label}不是集中脱产培训，请取消勾选"


def _wrong_for_the_person(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if data.get("subject") and data.get("person"):
        yield from wrong_for(data["person"], data["subject"], data.get("course", ""))


class ManyForm(LearningForm):
    """The same learning of many: ticked before (`ticked`: their ids), or named here; who has a namesake is asked."""

    people = PeopleField(
        label="已勾选的人员",
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="在“人员”名单里勾选后点“申报学时”，会列在这里；粘贴的姓名有同名的，也在这里选",
    )
    names = forms.CharField(
        label="姓名",
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="可以从表格整列粘贴，一行一个，或用顿号隔开；只认本单位在册的人员",
    )
    sections = MANY_SECTIONS

    def __init__(self, *args: Any, people: QuerySet[Person], ticked: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = people.order_by("pinyin", "pk")
        self.chosen: list[Person] = []
        self.fields["people"].initial = ticked
        self._offer([*ticked, *(self._ticked_before() if self.is_bound else [])])

    def _offer(self, keys: Sequence[int]) -> None:
        """Of hundreds only those are shown who were ticked or have a namesake."""
        field: Any = self.fields["people"]
        field.queryset = self.own.filter(pk__in=keys)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        named = people_named(data.get("names", ""), self.own.values_list("pk", "name"))
        ticked = {person.pk for person in data.get("people", ())}
        for name, which in named.namesakes.items():
            if not ticked & set(which):
                self.add_error("people", f"“{name}”有 {len(which)} 人同名，请勾选是哪一位")
        if named.unknown:
            shown = "、".join(f"“{name}”" for name in named.unknown)
            self.add_error("names", f"不是本单位在册人员的姓名：{shown}。请核对，或先在“人员”里登记")
        if not (ticked or named.people or named.namesakes or self.errors):
            self.add_error("names", "请粘贴姓名，或在“人员”名单里勾选")
        self._offer([*ticked, *(pk for which in named.namesakes.values() for pk in which), *self._ticked_before()])
        self.chosen = list(self.own.filter(pk__in=ticked | set(named.people)))
        return data

    def _ticked_before(self) -> list[int]:
        sent: Any = self.data
        return whole_numbers(sent.getlist("people"))


class DeclarationFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Declarations by name or title, year and form; the state comes from the counts above the list."""

    state = django_filters.ChoiceFilter(choices=Declaration.State.choices, widget=forms.HiddenInput)
    q = PeopleWordsFilter(
        "title", label="姓名或项目", widget=forms.TextInput(attrs={"placeholder": "姓名、拼音、项目名称"})
    )
    year = django_filters.ChoiceFilter(
        label="年度", choices=lambda: [(year, f"{year} 年度") for year in years()], empty_label="全部年度"
    )
    form_of_learning = django_filters.ChoiceFilter(
        label="形式", field_name="form", choices=FORMS, empty_label="全部形式"
    )
