"""Forms about a person: taking on, editing, another name or document, leaving, moving, showing the number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import Difference
from luojiang_ce.home.forms import BaseForm, Section
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets import cells
from luojiang_ce.workdays.text import full
from units.forms.base import FreshForm, ReasonField
from units.forms.own_unit import ask_unit
from units.guessing import must_not_be_stopped, note_misses
from units.identity.documents import LABELS, PASSPORT, RESIDENCE, BadDocument, read_document, says_birth_and_sex, tidy
from units.identity.names import is_valid_name
from units.models import Account, Employment, Person, ReleaseRequest, Title, Unit
from units.services import KnownPerson, Newcomer, ask_for, enrol
from units.services.employment import NOT_HERE
from units.services.releases import NOT_ELSEWHERE

SEXES = [("", "请选择"), ("男", "男"), ("女", "女")]
FAR_BACK = timedelta(days=365)  # of a last day: no rule, only a question
LEVELS = [("", "未定级"), *Title.Level.choices]


class PersonNameMixin:
    """A name, tidied; the service checks it again."""

    def clean_name(self) -> str:
        name = cells.clean_name(self.cleaned_data["name"])  # type: ignore[attr-defined]
        if not is_valid_name(name):
            raise ValidationError("姓名只能是文字、间隔号“·”和外文姓名中的空格、连字符，请去掉其他符号")
        return name


class DocumentMixin:
    """Kind and number of an ID document that fit together."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc, attr-defined]
        if data.get("kind") and data.get("number"):
            try:
                read_document(data["kind"], data["number"], today=clock.today())
            except BadDocument as bad:
                self.add_error("number", str(bad))  # type: ignore[attr-defined]
        return data


def number_field() -> forms.CharField:
    """Never kept by the browser's form memory, nor among what it keeps of a form until it is saved."""
    attrs = {"autocomplete": "off", "inputmode": "text", "spellcheck": "false", "data-never-kept": True}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(label="证件号码", max_length=40, widget=widget)


class TakeOnForm(DocumentMixin, PersonNameMixin, BaseForm):
    """Somebody new in the unit: the person, the post, the title."""

    sections = (
        Section("人员", ("name", "kind", "number", "category", "sex", "birth"), "性别、出生年月按证件号码自动填写"),
        Section("任职", ("unit", "started_on", "department")),
        Section("职称与证书", ("series", "title", "level", "since", "certificate"), "都可以以后再补"),
    )
    widths = {"name": 4, "kind": 4, "number": 4, "category": 4, "sex": 4, "birth": 4, "started_on": 4, "department": 8,
              "series": 4, "title": 4, "level": 4, "since": 4, "certificate": 8}  # fmt: skip

    name = forms.CharField(label="姓名", max_length=50, help_text="与证件一致，可用“·”和生僻字")
    kind = forms.ChoiceField(label="证件类型", choices=Person.IdKind.choices)
    number = number_field()
    category = forms.ChoiceField(label="人员类别", choices=Person.Category.choices)
    sex = forms.ChoiceField(label="性别", choices=SEXES, required=False, help_text="只有护照和旧版永久居留身份证要填")
    birth = forms.DateField(label="出生日期", required=False, help_text="只有护照和旧版永久居留身份证要填")
    started_on = forms.DateField(label="到本单位日期")
    department = forms.CharField(label="部门或岗位", max_length=60, required=False)
    series = forms.CharField(label="系列", max_length=30, required=False, help_text="如工程、卫生、教育")
    title = forms.CharField(label="专业技术职务", max_length=50, required=False)
    level = forms.ChoiceField(label="级别", choices=LEVELS, required=False)
    since = forms.DateField(label="任职时间", required=False)
    certificate = forms.CharField(label="继续教育证书编号", max_length=40, required=False)

    known: Person | None = None

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].initial = ask_unit(self, clerk).usual_category

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        kind, number = data.get("kind", ""), tidy(data.get("number", ""))
        if kind in (PASSPORT, RESIDENCE) and not says_birth_and_sex(kind, number):
            for name, label in (("sex", "性别"), ("birth", "出生日期")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, f"{LABELS[kind]}上看不出的，请填{label}")
        if data.get("since") and data["since"] > clock.today():
            self.add_error("since", "任职时间不能晚于今天")
        return data

    def enrol(self, actor: Any, *, take_on_known: bool) -> Person:
        """Take on; raises NotPossible, and without a word of why when `known` says whom to take on instead."""
        job = {name: self.cleaned_data[name] for name in ("unit", "started_on", "department")}
        must_not_be_stopped(actor)
        try:
            return enrol(newcomer=self._newcomer(), actor=actor, take_on_known=take_on_known, **job)
        except KnownPerson as offer:
            self.known = offer.person
            raise NotPossible from offer
        except NotPossible as refused:
            note_misses(actor, "people:new", refused.reasons.count(NOT_HERE))
            raise

    def ask(self, actor: Account) -> ReleaseRequest:
        """Ask for somebody who works elsewhere, with what is typed here already."""
        names = ("unit", "name", "kind", "number", "started_on", "department")
        must_not_be_stopped(actor)
        try:
            return ask_for(actor=actor, **{name: self.cleaned_data[name] for name in names})
        except NotPossible as refused:
            note_misses(actor, "people:new", refused.reasons.count(NOT_ELSEWHERE))
            raise

    @property
    def may_ask(self) -> bool:
        """Was it refused because the person may work elsewhere, so that asking is the way?"""
        return NOT_HERE in self.errors.get("number", ())

    def _newcomer(self) -> Newcomer:
        data = self.cleaned_data
        same = ("name", "kind", "number", "category", "sex", "birth", "certificate")
        return Newcomer(
            title={"series": data["series"], "name": data["title"], "level": data["level"], "since": data["since"]},
            **{key: data[key] for key in same},
        )


class PersonForm(FreshForm):
    """A person's facts and department; sex and birth only where the document does not say them.

    `may_correct_start`: a day on record, too, may be corrected or emptied (the bureau).
    """

    widths = {"category": 4, "department": 8, "started_on": 4, "sex": 4, "birth": 4, "note": 12}

    category = forms.ChoiceField(label="人员类别", choices=Person.Category.choices)
    department = forms.CharField(label="部门或岗位", max_length=60, required=False)
    started_on = forms.DateField(
        label="到本单位日期", required=False, help_text="花名册没有这一项，现为未设定；知道的可以补填，不知道的留空"
    )
    sex = forms.ChoiceField(label="性别", choices=SEXES)
    birth = forms.DateField(label="出生日期")
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, row: Person, may_correct_start: bool = False, **kwargs: Any) -> None:
        job = row.job
        initial: dict[str, Any] = {name: getattr(row, name) for name in ("category", "sex", "birth", "note")}
        initial["department"] = job.department if job else ""
        initial["started_on"] = job.started_on if job else None
        super().__init__(*args, row=row, initial=initial, **kwargs)
        if row.id_says_birth_and_sex:
            del self.fields["sex"], self.fields["birth"]
        if job is None:
            del self.fields["department"]
        if job is None or (job.started_on and not may_correct_start):
            del self.fields["started_on"]


class RenameForm(PersonNameMixin, FreshForm):
    """Another name, with the reason."""

    default_width = 12
    name = forms.CharField(label="新姓名", max_length=50, help_text="与证件一致")
    reason = ReasonField(label="理由", help_text="如户口簿更名记载、录入有误；原姓名随记录保留")

    def __init__(self, *args: Any, row: Person, **kwargs: Any) -> None:
        super().__init__(*args, row=row, initial={"name": row.name}, **kwargs)


class CorrectDocumentForm(DocumentMixin, FreshForm):
    """Another ID document, with the reason."""

    widths = {"reason": 12}
    kind = forms.ChoiceField(label="证件类型", choices=Person.IdKind.choices)
    number = number_field()
    reason = ReasonField(label="理由", help_text="如录入有误、证件换发")

    def __init__(self, *args: Any, row: Person, **kwargs: Any) -> None:
        super().__init__(*args, row=row, initial={"kind": row.id_kind}, **kwargs)
        self.stored = f"{row.get_id_kind_display()} {row.masked_id}"

    def compare(self) -> Iterator[Difference]:
        """The document that is registered now; what was typed stands in the form."""
        yield Difference("证件", self.stored, "您填写的证件")


class RevealForm(BaseForm):
    """Why the whole number must be seen."""

    why = forms.CharField(label="用途", max_length=200, help_text="如核对毕业证书；每次显示都有记录")


class LeavingForm(FreshForm):
    """The end of an employment."""

    reason = forms.ChoiceField(label="离开原因", choices=[("", "请选择"), *Employment.End.choices])
    last_day = forms.DateField(label="最后一天", help_text="当天仍算在本单位")
    note = forms.CharField(label="说明", max_length=200, required=False)
    sure = forms.BooleanField(label="已核对，确实是这么早的日期", required=False, widget=forms.HiddenInput)
    widths = {"note": 12, "sure": 12}
    row: Person

    def clean(self) -> dict[str, Any]:
        """A day far back, or before the person was entered here, is asked about once: it may be a slip."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        sure, day = data.pop("sure", False), data.get("last_day")
        entered = clock.local(self.row.created_at).date()
        if day and not sure and (day < entered or day < clock.today() - FAR_BACK):
            self.fields["sure"].widget = forms.CheckboxInput()
            self.add_error("sure", f"最后一天 {full(day)} 已过去很久，或早于录入系统的 {full(entered)}；核对无误请勾选")
        return data


class UndoForm(BaseForm):
    """Why a leaving is taken back."""

    reason = ReasonField(label="理由", help_text="如日期录错、选错了人")


class TransferForm(FreshForm):
    """A move to another unit, decided by the bureau."""

    to = forms.ModelChoiceField(label="调入单位", queryset=Unit.objects.filter(status=Unit.Status.ACTIVE))
    on = forms.DateField(label="到新单位日期", help_text="原单位算到前一天")
    department = forms.CharField(label="部门或岗位", max_length=60, required=False)
    reason = ReasonField(label="依据", help_text="如调令文号、双方单位意见")
    widths = {"to": 12, "reason": 12}
