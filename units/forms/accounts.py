"""Forms about accounts and roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home.form_page import Difference, OverRow
from luojiang_ce.home.forms import BaseForm
from units.forms.base import ReasonField
from units.identity.id_numbers import has_sound_check_digit, lookup_hash, meant_as_x
from units.models import Account, Assignment, Unit
from units.services.accounts import contact_of
from units.services.roles import last_day_of


class ContactMixin(forms.Form):
    """Name and contact of whoever uses an account."""

    name = forms.CharField(label="姓名", max_length=50, help_text="真实姓名；同名的加注区别")
    phone = forms.CharField(label="电话", max_length=40, required=False)
    number = forms.CharField(
        label="身份证号码",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-never-kept": True}),
        help_text="用来防止一人两个账号；只保存核对用的摘要，不再显示。已登记的可留空",
    )
    email = forms.EmailField(
        label="电子邮箱", max_length=254, required=False, error_messages={"invalid": "不是电子邮箱地址，请核对"}
    )

    def clean_number(self) -> str:
        number = meant_as_x(self.cleaned_data["number"].strip().upper())
        if number and not has_sound_check_digit(number):
            raise forms.ValidationError("身份证号码校验不符，请对照证件逐位核对")
        return number

    def facts(self) -> dict[str, Any]:
        """What the service gets: of the number its look-up hash alone."""
        number = self.cleaned_data.get("number")
        rest = {name: value for name, value in self.cleaned_data.items() if name != "number"}
        return {**rest, "id_hash": lookup_hash(number) if number else ""}


class NewAccountForm(ContactMixin, BaseForm):
    """A new account, without any role."""

    username = forms.CharField(
        label="登录名",
        max_length=40,
        help_text="3 至 40 位小写字母、数字、点、横线，以字母开头；以后不能改",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("username", "name", "phone", "email", "number")


class AccountForm(OverRow, ContactMixin, BaseForm):
    """Name and contact, edited."""

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.row = contact_of(account)
        super().__init__(*args, initial=self.row.values, **kwargs)


class AssignForm(BaseForm):
    """A role for a unit, from a day to a day."""

    widths = {"role": 6, "unit": 6}
    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *Role.choices])
    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.filter(status=Unit.Status.ACTIVE))
    valid_from = forms.DateField(label="起始日期", initial=clock.today)
    valid_to = forms.DateField(label="终止日期", required=False, help_text="不填则一直有效，直到另行结束")


class EndRoleForm(OverRow, BaseForm):
    """The last day of a role, or this moment."""

    widths = {"last_day": 4, "at_once": 8, "reason": 12}
    last_day = forms.DateField(label="最后一天", required=False, help_text="当天仍有效；立即停止的不填")
    at_once = forms.BooleanField(label="立即停止", required=False, help_text="从现在起不再有效，今天任命的也可以")
    reason = ReasonField(label="理由")

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, initial={"last_day": assignment.valid_to}, **kwargs)
        self.row = last_day_of(assignment)

    def compare(self) -> Iterator[Difference]:
        """The day; the reason is everybody's own."""
        label = str(self["last_day"].label)
        yield from (each for each in super().compare() if each.label == label)
        if self.cleaned_data.get("at_once"):
            yield Difference(str(self["at_once"].label), "否", "是")


class FactorForm(BaseForm):
    """Why a second factor is taken off: by this the second officer decides."""

    default_width = 12
    reason = ReasonField(
        label="理由", help_text="丢了什么，怎样核实了是本人要求的（当面、回拨登记的电话）；确认的管理员据此决定"
    )


class HandOverForm(BaseForm):
    """Who takes a role over, from which day."""

    widths = {"successor": 8, "on": 4, "reason": 12}
    successor = forms.ModelChoiceField(label="接任人", queryset=Account.objects.none(), empty_label="请选择")
    on = forms.DateField(label="交接日期", initial=clock.today, help_text="从这一天起由接任人担任")
    reason = ReasonField(label="理由", help_text="如岗位调整")

    def __init__(self, *args: Any, holder: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heirs = Account.objects.filter(is_active=True).exclude(pk=holder.pk).order_by("name")
        self.fields["successor"].queryset = heirs  # type: ignore[attr-defined]
        self.fields["successor"].label_from_instance = lambda a: f"{a.name}（{a.username}）"  # type: ignore[attr-defined]
