"""What the pages of verification ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms import modelformset_factory

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import Compared, Difference, EditForm, OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.papers.issue_form import IssueForm
from luojiang_ce.papers.models import Seal
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


class _RowFormSet(OverRow, forms.BaseModelFormSet):
    """Rows of a batch, which is what is versioned."""

    def initial_form_count(self) -> int:
        """Every form is about a row that is there, whatever was sent."""
        if not self.is_bound:
            return super().initial_form_count()
        return min(self.management_form.cleaned_data["TOTAL_FORMS"] or 0, self.absolute_max)

    def compare(self) -> Iterator[Difference]:
        for form in cast(list[RowForm], self.forms):
            for each in form.compare():
                yield replace(each, label=f"{form.instance.person.name}　{each.label}")


def row_formset(batch: Batch, rows: QuerySet[AnnualRecord], data: Any = None) -> _RowFormSet:
    """A page of a batch's rows, whatever number of them was sent."""
    factory = modelformset_factory(
        AnnualRecord, form=RowForm, formset=_RowFormSet, extra=0, max_num=PER_PAGE, absolute_max=PER_PAGE
    )
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
