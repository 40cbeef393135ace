"""Forms about a unit: facts, approved scope, suspending, merging."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from luojiang_ce.home.forms import BaseForm, Section, ToggleMixin
from training.choices import Category
from units.forms.base import FreshForm, ReasonField
from units.identity import uscc
from units.models import Unit


def _authorities() -> Any:
    return Unit.objects.filter(Q(is_authority=True) | Q(is_bureau=True)).exclude(status=Unit.Status.MERGED)


class UnitFieldsMixin(forms.Form):
    """The facts of a unit, for registering and for editing."""

    name = forms.CharField(label="单位名称", max_length=100, help_text="与公章一致")
    short_name = forms.CharField(label="简称", max_length=40, required=False, help_text="列表里用")
    uscc = forms.CharField(label="统一社会信用代码", max_length=30, required=False)
    uscc_reason = forms.CharField(
        label="校验不符的说明",
        max_length=200,
        required=False,
        help_text="代码校验不符、而证书上确实如此的，写明依据；一般不填",
    )
    nature = forms.ChoiceField(label="单位性质", choices=[("", "请选择"), *Unit.Nature.choices])
    level = forms.ChoiceField(label="级别", choices=Unit.Level.choices)
    medical_level = forms.ChoiceField(
        label="医疗机构等级", choices=[("", "未定级或不是医疗机构"), *Unit.MedicalLevel.choices], required=False
    )
    supervisor = forms.ModelChoiceField(label="主管部门", queryset=_authorities(), required=False, empty_label="无")
    is_base = forms.BooleanField(label="继续教育基地", required=False)
    is_authority = forms.BooleanField(label="业务主管部门", required=False)
    is_provider = forms.BooleanField(label="施教机构（可以举办培训）", required=False)
    phone = forms.CharField(label="电话", max_length=40, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)

    def clean_uscc(self) -> str:
        return uscc.tidy(self.cleaned_data["uscc"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("uscc") and (refused := uscc.why_refused(data["uscc"], data.get("uscc_reason", "").strip())):
            self.add_error("uscc", refused)
        if data.get("medical_level") and data.get("nature") not in (None, Unit.Nature.MEDICAL):
            self.add_error("medical_level", "只有医疗卫生机构才填等级，请清空或改单位性质")
        return data


WIDTHS = {"name": 8, "short_name": 4, "code": 4, "uscc": 4, "uscc_reason": 8, "nature": 4, "level": 4, "phone": 4,
          "medical_level": 4, "supervisor": 8, "is_base": 4, "is_authority": 4, "is_provider": 4,
          "note": 12}  # fmt: skip


class NewUnitForm(UnitFieldsMixin, BaseForm):
    """A unit that is not yet in the system."""

    widths = WIDTHS
    sections = (
        Section(
            "单位",
            (
                *("name", "short_name", "code", "uscc", "uscc_reason", "nature", "level", "medical_level"),
                *("supervisor", "phone"),
            ),
        ),
        Section("职能", ("is_base", "is_authority", "is_provider"), "可以多选，也可以都不选"),
        Section("其他", ("note",)),
    )
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]{1,19}$",
        label="单位代码",
        required=False,
        help_text="2 至 20 位字母、数字；不填则取名称的拼音首字母。登记后不能改",
        error_messages={"invalid": "单位代码为 2 至 20 位字母、数字或横线，请核对"},
    )


class UnitForm(UnitFieldsMixin, FreshForm):
    """The facts of a unit, edited."""

    widths = WIDTHS
    sections = (
        Section(
            "单位",
            (
                *("name", "short_name", "uscc", "uscc_reason", "nature", "level", "medical_level"),
                *("supervisor", "phone"),
            ),
        ),
        *NewUnitForm.sections[1:],
    )

    def __init__(self, *args: Any, row: Unit, **kwargs: Any) -> None:
        names = (*UnitFieldsMixin.base_fields,)
        super().__init__(*args, row=row, initial={name: getattr(row, name) for name in names}, **kwargs)
        self.fields["supervisor"].queryset = _authorities().exclude(pk=row.pk)  # type: ignore[attr-defined]


class WhyForm(ToggleMixin, BaseForm):
    """A reason and nothing else: suspending, resuming, disabling, enabling."""

    default_width = 12
    reason = ReasonField(label="理由")


class MergeForm(BaseForm):
    """Into which unit, from which day."""

    widths = {"into": 8, "on": 4, "reason": 12}
    into = forms.ModelChoiceField(label="并入单位", queryset=Unit.objects.none(), empty_label="请选择")
    on = forms.DateField(label="合并日期", help_text="人员从这一天起算到并入的单位")
    reason = ReasonField(label="依据", help_text="如机构改革文件的文号")

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = Unit.objects.filter(status=Unit.Status.ACTIVE).exclude(pk=unit.pk)
        self.fields["into"].queryset = targets  # type: ignore[attr-defined]


class ScopeForm(BaseForm):
    """What a provider may train."""

    widths = {"subject": 12, "valid_from": 4, "valid_to": 4, "document": 4, "categories": 12}
    subject = forms.CharField(label="核定范围", max_length=200, help_text="如农业技术、护理")
    valid_from = forms.DateField(label="起始日期")
    valid_to = forms.DateField(label="终止日期", required=False, help_text="长期有效的不填")
    document = forms.CharField(label="依据文号", max_length=100, required=False)
    categories = forms.MultipleChoiceField(
        label="核定的科目类别",
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="勾选的类别，其开班申请即视为在核定范围内；范围另有专业限制、须逐班判断的，不要勾选",
    )


class EndScopeForm(BaseForm):
    """The last day of a scope."""

    widths = {"reason": 12}
    on = forms.DateField(label="最后一天", help_text="当天仍有效")
    reason = ReasonField(label="理由")
