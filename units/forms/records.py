"""Forms for what hangs on a person: titles, certificates, study periods; and taking one off."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.home.forms import BaseForm
from units.forms.base import FreshForm, ReasonField
from units.forms.people import LEVELS
from units.models import Certificate, StudyPeriod


class RecordForm(FreshForm):
    """A record of a person; `record` None is a new one."""

    names: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Any, record: Any, **kwargs: Any) -> None:
        initial = {name: getattr(record, name) for name in self.names} if record else {}
        super().__init__(*args, row=row, initial=initial, **kwargs)


class TitleForm(RecordForm):
    """A professional title."""

    names = ("series", "name", "level", "since", "is_current")
    series = forms.CharField(label="系列", max_length=30, required=False, help_text="如工程、卫生、教育")
    name = forms.CharField(label="专业技术职务", max_length=50, required=False, help_text="如农艺师、主治医师")
    level = forms.ChoiceField(label="级别", choices=LEVELS, required=False)
    since = forms.DateField(label="任职时间", required=False)
    is_current = forms.BooleanField(
        label="现任职务", required=False, initial=True, help_text="勾选后，原来的现任职务转为历史"
    )


class CertificateForm(RecordForm):
    """A booklet."""

    names = ("kind", "number", "valid_from", "valid_to")
    kind = forms.ChoiceField(label="证书", choices=Certificate.Kind.choices)
    number = forms.CharField(label="证书编号", max_length=40)
    valid_from = forms.DateField(label="有效期起", required=False)
    valid_to = forms.DateField(label="有效期止", required=False)


class PatternForm(BaseForm):
    """How the bureau numbers certificates of a kind; empty while nobody has said it."""

    widths = {"first_day": 4, "pattern": 8, "following": 4, "valid_years": 4, "document": 12}
    first_day = forms.DateField(label="自何日起", help_text="今天或以后；到那一天以前仍按原来的")
    pattern = forms.CharField(
        label="编号规则",
        max_length=60,
        required=False,
        help_text="{年} 为年份，{序号:5} 为五位序号，其余照写，例如 洛继教{年}{序号:5}；留空即未设定，发证时逐人填写",
    )
    following = forms.IntegerField(
        label="下一个序号",
        required=False,
        min_value=1,
        max_value=99_999_999,
        help_text="留空即接着编：规则不变的往下数，新年份、新规则从 1 起。已登记给他人的会自动跳过",
    )
    valid_years = forms.IntegerField(
        label="证书有效期（年）",
        required=False,
        min_value=1,
        max_value=50,
        help_text="自发证、换证之日起；没有文件规定的留空，即未设定，证书不到期",
    )
    document = forms.CharField(label="依据", max_length=200, required=False, help_text="文件名、文号；没有的留空")


class PeriodForm(RecordForm):
    """任职周期 or 教师五年周期."""

    names = ("kind", "first_year", "last_year")
    widths = {"kind": 6, "first_year": 3, "last_year": 3}
    kind = forms.ChoiceField(label="周期类别", choices=StudyPeriod.Kind.choices, help_text="教师周期为连续 5 年")
    first_year = forms.IntegerField(label="起始年度", min_value=1990, max_value=2099)
    last_year = forms.IntegerField(label="终止年度", min_value=1990, max_value=2099)


class RemoveForm(FreshForm):
    """Why a record is taken off."""

    default_width = 12
    reason = ReasonField(label="删除理由", help_text="如录入有误；删除后在办理经过中可查")
