"""The forms of attestations, trusted districts and records that are taken over, and the filters of their lists."""

from __future__ import annotations

import json
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import BaseForm, Section, Suggesting
from luojiang_ce.papers.codes import normalise
from luojiang_ce.papers.issue_form import IssueForm
from luojiang_ce.papers.models import IN_REVIEW
from luojiang_ce.proof.keyring import own_issuers
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, received
from luojiang_ce.uploads.places import RECORD
from units.forms.base import PersonField
from units.forms.filters import words
from units.forms.named_people import NamedPeopleMixin
from units.models import Person
from units.search import PeopleWordsFilter
from verification.record.models import Attestation, Transfer, TrustedDistrict
from verification.record.portable import MOST_BYTES, Unusable
from verification.record.second_look import RENEWED, to_look_at_again
from verification.record.trust import MOST_CHARACTERS, read_key_set

REVIEW = "review"  # among the states of a filter
FIRST_YEAR = 2000  # nothing older is asked for any more: a year before it is a slip
MOST_YEARS = 20
YEARS = {"first_year": 3, "last_year": 3, "purpose": 6}
# notice 三1: 职称评定、聘任; whatever else it is for is typed.
PURPOSES = ("申报初级职称", "申报中级职称", "申报高级职称", "专业技术职务聘任", "转到外区")
EITHER = "勾选人员，或粘贴姓名，两样里至少要有一样"


def _wrong_years(data: dict[str, Any]) -> dict[str, str]:
    first, last, now = data.get("first_year"), data.get("last_year"), clock.today().year
    wrong = {}
    if first and not FIRST_YEAR <= first <= now:
        wrong["first_year"] = f"应在 {FIRST_YEAR} 到 {now} 之间"
    if last and not FIRST_YEAR <= last <= now:
        wrong["last_year"] = f"应在 {FIRST_YEAR} 到 {now} 之间；{now} 年只到今天为止"
    if first and last and not wrong and not first <= last < first + MOST_YEARS:
        wrong["last_year"] = f"截止年度不早于起始年度，最多 {MOST_YEARS} 个年度"
    return wrong


class AttestationForm(EditForm):
    """From which to which year, and what for."""

    widths = YEARS

    class Meta:
        model = Attestation
        fields = ("first_year", "last_year", "purpose")
        widgets = {"purpose": Suggesting(PURPOSES)}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field, wrong in _wrong_years(data).items():
            self.add_error(field, wrong)
        return data


class AskForm(NamedPeopleMixin, AttestationForm):
    """The same for one or many: ticked before, or named here."""

    sections = (
        Section("人员", ("people", "names"), note=EITHER),
        Section("年度与用途", ("first_year", "last_year", "purpose")),
    )
    widths = {**YEARS, "people": 12, "names": 12}
    lists_up_to = 500

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.needed = self.fields["names"].needed = True  # type: ignore[attr-defined]  # neither is 选填 by itself
        people.help_text = "粘贴的姓名有同名的，也在这里选是哪一位；去掉勾选即不申请"
        if self.lists_all:
            people.label = "本单位的人员"
        elif not people.queryset:
            people.widget = forms.MultipleHiddenInput()  # there is nothing to tick yet
            self.fields["names"].help_text += f"。人员超过 {self.lists_up_to} 位，要勾选的请在“人员”名单里查找、勾选"


class RenewForm(IssueForm):
    """Issuing anew; the reason is read by the public, as that of a revocation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.label = "换发原因"
        note.help_text = f"核验页会向公众显示，请勿写姓名和证件号码。不填的，显示“{RENEWED}”"


class DistrictForm(EditForm):
    """Another district, with its key set as it was handed over."""

    key_set = forms.CharField(
        label="公钥",
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="对方“继续教育电子记录公钥”文件的全部内容。请另经电话或来函核对密钥编号，不要只凭网页或邮件",
    )
    widths = {"key_set": 12, "name": 6, "document": 12, "valid_from": 3, "valid_to": 3}

    class Meta:
        model = TrustedDistrict
        fields = ("name", "document", "valid_from", "valid_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "key_set", "document", "valid_from", "valid_to"])
        if self.instance.keys:
            self.fields["key_set"].initial = json.dumps(self.instance.keys, ensure_ascii=False, indent=1)

    def clean_key_set(self) -> dict[str, Any]:
        try:
            found = read_key_set(self.cleaned_data["key_set"])
        except Unusable as wrong:
            raise forms.ValidationError([*wrong.problems]) from wrong
        if found["issuer"] in own_issuers():
            raise forms.ValidationError("这是本区自己的公钥；请粘贴对方的")
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "终止日期早于起始日期，请核对")
        if keys := data.get("key_set"):
            self.instance.keys, self.instance.issuer = keys, keys["issuer"]
        return data


class TakeOverForm(BaseForm):
    """Whose record it is, the file, and the code on the paper."""

    person = PersonField(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    file = forms.FileField(
        label="电子记录文件",
        help_text="转出地区出具的 .json 文件，不超过 2 MB；从对方系统下载后不要打开另存",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"empty": "文件是空的，没有下载完整，请重新下载", "required": "请选择电子记录文件"},
    )
    code = forms.CharField(
        label="纸质证明上的核验码",
        max_length=40,
        help_text="证明上二维码旁的 12 位，用来确认文件与证明、与本人是同一份",
    )
    widths = {"person": 4, "file": 8, "code": 4}

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean_file(self) -> bytes:
        """Not read before its size is known."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                f"文件有 {file.size / 1_000_000:.1f} MB，超过 2 MB，不是继续教育电子记录；请选择对方系统下载的原文件"
            )
        try:
            return received(named(file.name, 200), file, file.size, MOST_BYTES, RECORD).content
        except BadFile as bad:
            raise forms.ValidationError(str(bad)) from bad

    def clean_code(self) -> str:
        code = normalise(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError("核验码是 12 位字母和数字，例如 7K2M-9QXA-3F8T，请对照纸质证明填写")
        return code


class AttestationStateFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # the package has no types
    """By state, as the list says it: what is looked at again is not among those that hold."""

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of which the list says so; all of them while nothing is chosen."""
        again = to_look_at_again().order_by().values("pk")
        if value == REVIEW:
            return rows.filter(pk__in=again)
        found = super().filter(rows, value)
        return found.exclude(pk__in=again) if value == Attestation.State.ISSUED else found


class AttestationFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Attestations by name or purpose, and state."""

    q = PeopleWordsFilter("purpose", *UNIT, label="姓名或用途", widget=words("姓名、拼音、用途、单位"))
    state = AttestationStateFilter(
        label="状态", choices=[*Attestation.State.choices, (REVIEW, IN_REVIEW)], empty_label="全部状态"
    )


class TransferFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Records that were taken over, by name, district or paper, and state."""

    q = PeopleWordsFilter("paper_number", "district__name", label="姓名或编号", widget=words("姓名、地区、证明编号"))
    state = django_filters.ChoiceFilter(label="状态", choices=Transfer.State.choices, empty_label="全部状态")


class DistrictFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """Trusted districts by name, and state."""

    q = WordsFilter("name", "issuer", "document", label="查找", widget=words("地区、标识、文号"))
    state = django_filters.ChoiceFilter(label="状态", choices=TrustedDistrict.State.choices, empty_label="全部状态")
