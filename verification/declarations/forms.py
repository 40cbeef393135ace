"""The form of a declaration and the filters of its list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import Section, mark_needed
from luojiang_ce.workdays.text import full
from training.classes.models import CatalogueCourse
from units.forms.base import PersonField
from units.forms.named_people import NamedPeopleMixin
from units.models import Person, Unit
from units.search import PeopleWordsFilter
from verification.choices import Form, Subject
from verification.declarations.conversions import REVISION, SETTLED, levels_of
from verification.declarations.models import Conversion, Declaration
from verification.declarations.public_course import organisers, wrong_public
from verification.declarations.serials import EXAMPLES, read_serial
from verification.declarations.services import TYPED, same_declared, wrong_for
from verification.declarations.shapes import COUNTED, HELD, NEEDED, OWN, PLAIN, SHAPES, shape_of
from verification.declarations.under_filing import wrong_under
from verification.ledger.forms import years
from verification.self_study.models import SelfStudy

# Classes are recognised on the application of whoever held them, they are not declared here.
FORMS = [(value, label) for value, label in Form.choices if value != Form.CLASS]
FIELDS = ("form", *dict.fromkeys((*HELD, *OWN, *COUNTED, *PLAIN.public, "level")))
FIRST_YEAR = 2000  # nothing older is transferred any more: a year before it is a slip


class FilingField(forms.ModelChoiceField):
    """An approved filing, with what it allows."""

    def label_from_instance(self, filing: SelfStudy) -> str:
        amount = f"{filing.get_subject_display()}每人 {filing.amount.normalize():f} {filing.get_measure_display()}"
        return f"{filing.number} {filing.title}（{filing.span}，{amount}）"


class CourseField(forms.ModelChoiceField):
    """A course of the public catalogue, with the years in which it stands there."""

    def label_from_instance(self, course: CatalogueCourse) -> str:
        years = f"{course.first_year} 年度起" + (f"，至 {course.last_year} 年度" if course.last_year else "")
        return f"{course}（{years}）"


class LearningForm(EditForm):
    """What was learned, and the hours of one subject in one year that it is declared for. It asks what its form of
    learning asks; what was typed for another one stays in the page, hidden, until it is saved."""

    form = forms.ChoiceField(
        label="学习形式",
        choices=[("", "请选择"), *FORMS],
        help_text="培训班由施教机构办理学时认定，不在这里申报；换了形式，保存时列出该形式要填的",
    )
    subject = forms.ChoiceField(
        label="科目", choices=[("", "请选择"), *Subject.choices], help_text="卫生人员按学分，其他人员按学时"
    )
    catalogue = CourseField(
        label="公共科目课程", queryset=CatalogueCourse.objects.all(), required=False, empty_label="请选择"
    )
    organiser_unit = forms.ModelChoiceField(
        label="组织单位",
        queryset=Unit.objects.none(),
        required=False,
        empty_label="请选择",
        help_text="区人社局，或学习期间持有委托文件的单位",
    )
    filing = FilingField(label="自学备案", queryset=SelfStudy.objects.none(), required=False, empty_label="请选择")

    widths = {
        **dict.fromkeys(("title", "basis", "note", "people", "names", "filing"), 12),
        **dict.fromkeys(("year", "subject", "amount"), 4),
        **dict.fromkeys(("date_from", "date_to"), 3),
    }
    whom: tuple[str, ...] = ()  # the fields that say for whom

    class Meta:
        model = Declaration
        fields = FIELDS
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "paid": "勾选后须附缴费凭证",
            "confirmed_on": "确认手续须事先办好",
            "year": "应在学习起止的年度之内",
            "amount": "学时或学分，最多一位小数",
            "basis": "写明按哪份文件、哪一条折算，例如文件名和文号；有折算标准的在下面列出，只作建议",
            "course": "只对中小学教师填写",
            "serial": f"{EXAMPLES}，几种用分号隔开",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape = shape_of(self["form"].value() or "")
        unit: Any = self.fields["organiser_unit"]
        unit.queryset = organisers()
        for name in ("organiser", "confirmed_on", "filing", *PLAIN.public):
            mark_needed(self.fields[name])
        for name in (*NEEDED, "organiser"):
            self.fields[name].required = name in self.shape.fields and name in NEEDED
        self._offer_levels()
        self._call_and_hide()

    def _offer_levels(self) -> None:
        """The levels that the conversion tables know of this form of learning; without any it is not asked."""
        form, known = self["form"].value() or "", self.instance.level
        self.levels = levels_of(form)
        names = dict.fromkeys([*self.levels, *filter(None, [known])])
        self.fields["level"] = forms.ChoiceField(
            label="级别",
            choices=[("", "请选择"), *((name, name) for name in names)],
            required=False,
            help_text="学时折算标准里的级别",
        )

    @property
    def conversions(self) -> list[Conversion]:
        """The figures for this form of learning that hold on its last day, or today."""
        day = self.instance.date_to or clock.today()
        return list(Conversion.objects.on(day).filter(form=self["form"].value() or ""))

    def offer_filings(self, people: QuerySet[Person]) -> None:
        """The approved filings of these people."""
        filing: Any = self.fields["filing"]
        filing.queryset = SelfStudy.objects.approved().filter(people__in=people).select_related("unit").distinct()

    def _call_and_hide(self) -> None:
        self.fields["date_from"].label, self.fields["date_to"].label = "开始日期", "结束日期"
        for name, text in self.shape.labels.items():
            self.fields[name].label = text
        for name, text in self.shape.helps.items():
            self.fields[name].help_text = text
        for name in self.hidden:
            self.fields[name].widget, self.fields[name].required = self.fields[name].hidden_widget(), False

    @property
    def is_transfer(self) -> bool:
        """Is it about what came from another district?"""
        return self.shape is SHAPES[Form.TRANSFER]

    @property
    def hidden(self) -> list[str]:
        """The fields that this form of learning is not asked."""
        return [name for name in FIELDS if name not in ("form", *self.shape.fields, *self._levelled)]

    @property
    def _levelled(self) -> tuple[str, ...]:
        return ("level",) if self.levels else ()

    @property
    def sections(self) -> tuple[Section, ...]:  # type: ignore[override]
        fields = ("form", *self.shape.learned, *self._levelled)
        learned = Section("项目" if "people" in self.whom else "人员与项目", fields)
        hours = Section("申报的学时（学分）", self.shape.counted, foot="declarations/conversions_foot.html")
        public = Section("公共科目", self.shape.public, "科目为公共科目时填写（通知 一(二)）")
        if "people" in self.whom:
            return (Section("人员", self.whom), learned, hours, public)
        return (replace(learned, fields=(*self.whom, *learned.fields)), hours, public)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in self.hidden:
            self.errors.pop(name, None)
            data[name] = self.fields[name].clean("")
        today = clock.today()
        data |= derived(data, today)
        self.point_out(_wrong_form(data, today), _wrong_days(data, today), _wrong_hours(data), self._wrong_there(data))
        return data

    def clean_serial(self) -> str:
        try:
            return read_serial(self.cleaned_data["serial"]) if self.cleaned_data["serial"] else ""
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def point_out(self, *wrong: Iterator[tuple[str, str]]) -> None:
        """Each beside its field; of one that is not asked here on top."""
        for field, text in chain(*wrong):
            self.add_error(None if field in self.hidden else field, text)

    def declared(self, data: dict[str, Any]) -> Declaration:
        """What was typed, as far as it could be read."""
        facts = {name: data[name] for name in TYPED if data.get(name) is not None}
        return Declaration(pk=self.instance.pk, **facts)

    def _wrong_there(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Held against what stands in the database: filing, catalogue, entrustments."""
        declared = self.declared(data)
        if data.get("form") == Form.SELF_STUDY:
            yield from wrong_under(data.get("filing"), declared)
        yield from wrong_public(declared)


def derived(data: dict[str, Any], today: date) -> dict[str, Any]:
    """What is not asked because it is known from what was."""
    form, filing, year = data.get("form"), data.get("filing"), data.get("year")
    known: dict[str, Any] = {}
    if form == Form.SELF_STUDY and filing:
        known = _as_filed(filing)
    elif form == Form.PAPER:
        known = {"date_to": data.get("date_from")}
    elif form == Form.TRANSFER and year and FIRST_YEAR <= year <= today.year:
        title = f"由{data.get('organiser', '')}转入的学时"
        last = min(date(year, 12, 31), today)
        known = {"title": title, "date_from": date(year, 1, 1), "date_to": last}
    if (known.get("subject") or data.get("subject")) != Subject.PUBLIC:
        return {**known, "catalogue": None, "organiser_unit": None}
    if unit := data.get("organiser_unit"):
        known = {**known, "organiser": unit.name[:100]}
    return known


def _as_filed(filing: SelfStudy) -> dict[str, Any]:
    basis = f"自学备案 {filing.number}（{full(clock.local(filing.approved_at))}核准）：{filing.basis}"  # type: ignore[arg-type]
    return {
        "title": filing.title,
        "organiser": filing.unit.name[:100],
        "subject": filing.subject,
        "basis": basis[:200],
    }


class DeclarationForm(LearningForm):
    """One person's learning; `people`: whom the unit may declare for."""

    person = PersonField(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    whom = ("person",)

    class Meta(LearningForm.Meta):
        fields = ("person", *LearningForm.Meta.fields)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.offer_filings(people)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.point_out(_wrong_for_the_person(data))
        same = None if self.errors else same_declared(self.declared(data))
        if same:
            wrong = f"已有同一人、同一项目的申报 {same.number}（{same.get_state_display()}），不要重复申报"
            self.point_out(iter([("title", wrong)]))
        return data


def _wrong_form(data: dict[str, Any], today: date) -> Iterator[tuple[str, str]]:
    year = data.get("year")
    if not data.get("organiser") and data.get("form") != Form.SELF_STUDY and data.get("subject") != Subject.PUBLIC:
        yield "organiser", "请填写这一项"
    if data.get("form") == Form.TRANSFER and year is not None and not FIRST_YEAR <= year <= today.year:
        yield "year", f"转入的年度应在 {FIRST_YEAR} 年至 {today.year} 年之间"
    if data.get("form") == Form.PAPER and not data.get("confirmed_on"):
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


def _wrong_for_the_person(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if data.get("subject") and data.get("person"):
        yield from wrong_for(data["person"], data["subject"], data.get("course", ""))


class ManyForm(NamedPeopleMixin, LearningForm):
    """The same learning of many: ticked before (`ticked`: their ids), or named here; who has a namesake is asked."""

    whom = ("people", "names")

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, people=people, **kwargs)
        self.fields["names"].help_text = f"{self.fields['names'].help_text}；各人学时不同的，先填一人，下一步用表格加人"
        form: Any = self.fields["form"]
        form.choices = [choice for choice in form.choices if choice[0] != Form.TRANSFER]  # of one person each
        self.offer_filings(people)


class ConversionForm(EditForm):
    """A figure of the conversion tables, with the document that gives it."""

    widths = {
        **dict.fromkeys(("form", "level", "authorship", "measure", "amount", "per"), 4),
        **dict.fromkeys(("valid_from", "valid_to"), 3),
        "document": 12,
    }

    class Meta:
        model = Conversion
        fields = ("form", "level", "authorship", "measure", "amount", "per", "document", "valid_from", "valid_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self.fields["form"]
        form.choices = [("", "请选择"), *(choice for choice in FORMS if choice[0] not in SETTLED)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("amount") is not None and data["amount"] <= 0:
            self.add_error("amount", "应大于 0；没有文件依据的不要填")
        if data.get("authorship") and data.get("form") != Form.PAPER:
            self.add_error("authorship", "只有论文分作者排序，请清空")
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "终止日期早于起始日期，请核对")
        for name, why in REVISION.otherwise(self.instance.replaces, data).items():
            self.add_error(name, why)
        return data


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
