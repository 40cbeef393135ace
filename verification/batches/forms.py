"""What the pages of verification ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms import modelformset_factory

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import EMPTY, Compared, Difference, EditForm, OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.papers.issue_form import IssueForm
from luojiang_ce.papers.models import Seal
from luojiang_ce.typed import whole_numbers
from luojiang_ce.workflow.forms import ReasonForm
from units.forms.own_unit import ask_unit
from verification.requirements.display import thaw

from .in_time import default_year
from .models import PATH_OF, AnnualRecord, Batch, Material, Path
from .services import ROW_FIELDS, years_to_verify
from .two_seals import seals_of
from .waivers import last_reckoning

PER_PAGE = 30  # rows that are shown, and filled in, together


class NewBatchForm(BaseForm):
    """Which year, and whose: one batch goes one way (V4)."""

    year = forms.TypedChoiceField(label="验证年度", coerce=int, help_text="补验往年的，选相应年度")
    path = forms.ChoiceField(
        label="人员类别", choices=Path.choices, help_text="卫生系列、教师须先由主管部门审核，分批报送"
    )
    widths = {"year": 3, "path": 6}

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["path"].initial = PATH_OF.get(ask_unit(self, clerk).usual_category, Path.GENERAL)
        today = clock.today()
        year: Any = self.fields["year"]
        year.choices = [(each, f"{each} 年度") for each in years_to_verify(today)]
        year.initial = default_year(today)


class HeadForm(EditForm):
    """填报人, 电话, 说明 of 附件4."""

    widths = {"filler": 4, "phone": 4, "note": 12}

    class Meta:
        model = Batch
        fields = ("filler", "phone", "note")


class MaterialsForm(OverRow, BaseForm):
    """Which of the notice's seven the counter has looked at (notice 二(一)1–7)."""

    default_width = 12
    seen = forms.MultipleChoiceField(
        label="已查验的资料", choices=Material.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Batch, **kwargs: Any) -> None:
        super().__init__(*args, initial={"seen": row.materials_seen}, **kwargs)
        self.row, self.stored = row, row.materials_seen

    def compare(self) -> Iterator[Difference]:
        """A line for each of the seven that one has ticked and the other not."""
        typed = self.cleaned_data["seen"]
        for code, label in Material.choices:
            if (code in self.stored) != (code in typed):
                said = ("已查验", "未查验") if code in self.stored else ("未查验", "已查验")
                yield Difference(str(label), *said)


KINDS = ("issues", "renews", "verifies", "makes_up")
MOST_SENT = 100  # rows that one form may carry; a page shows fewer


class RowForm(Compared, forms.ModelForm):
    """A row of 附件4: what the unit says about it."""

    class Meta:
        model = AnnualRecord
        fields = ROW_FIELDS

    def kind_fields(self) -> list[forms.BoundField]:
        """The boxes of 办理类别."""
        return [self[name] for name in KINDS]

    def text_fields(self) -> list[forms.BoundField]:
        """What is typed."""
        return [self[name] for name in ROW_FIELDS if name not in KINDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(kind) for kind in KINDS):
            self.add_error("verifies", "至少选一种办理类别：发证、换证、验证、补验")
        return data


@dataclass(frozen=True)
class GoneRow:
    """Who was taken out of the roster while the page was open (the name that the page showed), and what it said of
    them."""

    name: str
    typed: str

    def __str__(self) -> str:
        kept = f"，这一行写的没有保存：{self.typed}" if self.typed else ""
        return f"{self.name}已被移出花名册{kept}"


class _RowFormSet(OverRow, forms.BaseModelFormSet):
    """Rows of a batch, which is what is versioned. Who was taken out meanwhile has no form any more (`gone`): it keeps
    nobody else from being saved."""

    @cached_property
    def forms(self) -> list[Any]:
        """A form for each row that is in the batch."""
        return [form for form in self._sent if form.instance.pk]

    @cached_property
    def _sent(self) -> list[RowForm]:
        construct = self._construct_form  # type: ignore[attr-defined]  # the stubs leave it out
        return [construct(number, **self.get_form_kwargs(number)) for number in range(self.total_form_count())]

    @cached_property
    def gone(self) -> list[GoneRow]:
        """Whose rows were sent and are not in the batch; a page that was shown again has none for them."""
        sent = (form for form in self._sent if form.instance.pk is None and form.add_prefix("id") in self.data)
        return [GoneRow(self.data.get(form.add_prefix("name"), "").strip() or "有人", _typed(form)) for form in sent]

    def initial_form_count(self) -> int:
        """Every form is about a row that is there, whatever was sent."""
        if not self.is_bound:
            return super().initial_form_count()
        return min(self.management_form.cleaned_data["TOTAL_FORMS"] or 0, self.absolute_max)

    def compare(self) -> Iterator[Difference]:
        for form in self.forms:
            for each in form.compare():
                yield replace(each, label=f"{form.instance.person.name}　{each.label}")
        for row in self.gone:
            yield Difference(row.name, "已移出花名册", row.typed or EMPTY)


def _typed(form: RowForm) -> str:
    """The texts that were sent for a row, in words."""
    texts = ((bound.label, str(bound.data or "").strip()) for bound in form.text_fields())
    return "；".join(f"{label}“{text}”" for label, text in texts if text)


def row_formset(batch: Batch, rows: QuerySet[AnnualRecord], data: Any = None) -> _RowFormSet:
    """A page of a batch's rows; of those that were sent each is found wherever it stands in the roster now."""
    factory = modelformset_factory(
        AnnualRecord,
        form=RowForm,
        formset=_RowFormSet,
        extra=0,
        can_delete=False,
        max_num=MOST_SENT,
        validate_max=True,
        absolute_max=MOST_SENT,
    )
    if data is not None:
        sent = whole_numbers([data.get(f"form-{number}-id", "") for number in range(MOST_SENT)])
        rows = batch.records.filter(pk__in=sent).select_related("person").order_by("person__pinyin", "pk")
    formset = cast(_RowFormSet, factory(data, queryset=rows))
    formset.row = batch
    return formset


class CertificateForm(BaseForm):
    """The number of the booklet that a person is issued, or a wrong one put right."""

    number = forms.CharField(label="证书编号", max_length=40, help_text="照证书原件填写；一个编号只能登记给一人")


class SameReasonForm(BaseForm):
    """One reason for everybody who has not met the requirements and has none yet."""

    reason = forms.CharField(
        label="未达标原因，各人相同的", max_length=200, error_messages={"required": "请先写原因，再用于没有写的人"}
    )


class SealForm(IssueForm):
    """Which seal: those of the sealing unit that are in use today."""

    seal = forms.ModelChoiceField(
        queryset=Seal.objects.none(),
        label="印章",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "请选用一枚现行印章"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = seals_of(self.case, self.actor).in_use_on(clock.today())
        seal: Any = self.fields["seal"]
        seal.queryset, seal.initial = in_use, in_use.first()
        if not seal.initial:
            seal.help_text = "今天没有启用中的验证印章，请先在“印章与监印人”中登记"
        self.order_fields(["seal", "note"])


class AsOf(forms.IntegerField):
    """The last reckoning that a page shows. A page that comes back with a refusal shows the newest: so does the field,
    and a second press after another look is no stale one."""

    widget = forms.HiddenInput

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class SeenForm(ReasonForm):
    """A reason for a year as it stands on the page: figures that are reckoned anew meanwhile ask for another look."""

    as_of = AsOf(required=False)
    shown_as = "达标情况"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].initial = last_reckoning(self.case.batch) if self.case.batch else None

    @property
    def shows(self) -> list[tuple[str, str]]:
        """The year as it is reckoned now: what is asked, and how it stands."""
        rows = [(row.title, f"{row.reached}，{row.conclusion}") for row in thaw(self.case.verdict).rows]
        return [("结论", self.case.verdict["label"]), *rows]


class WaiveForm(SeenForm):
    """Letting a year pass that is unmet: the reason that the counter asked with stands in the field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case.state == AnnualRecord.State.ASKED:
            self.fields["note"].initial = self.case.reason
        self.fields["note"].help_text = "印在验证单上"


class RevokeForm(ReasonForm):
    """Revoking what was stamped; the reason is read by the public."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = "核验页会向公众显示，请勿写姓名和证件号码"
