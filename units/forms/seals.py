"""Forms of seals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseForm, Section
from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.pictures import LEAST_PX, LIMIT_BYTES, MOST_PX
from luojiang_ce.typed import NOT_A_DATE
from units.forms.base import ReasonField
from units.models import Unit
from units.seals import PURPOSES


class SealForm(BaseForm):
    """A seal: whose it is, what stands on it, how it reaches the paper, from when to when."""

    owner = forms.ModelChoiceField(
        label="哪个机关的印章",
        queryset=Unit.objects.none(),
        error_messages={"required": "请选择印章属于哪个机关", "invalid_choice": "请选择区人社局或一个业务主管部门"},
    )
    purpose = forms.ChoiceField(label="用途", choices=list(PURPOSES.items()))
    arc_text = forms.CharField(
        label="弧形文字",
        max_length=60,
        help_text="与印章一字不差，例如：洛江区教育局",
        error_messages={"required": "请填写印章上沿弧形的文字"},
    )
    line_text = forms.CharField(
        label="横排文字",
        max_length=40,
        required=False,
        help_text="专用章下方的一行；两段文字合起来是印章名称",
    )
    provider = forms.ChoiceField(
        label="用印方式",
        choices=[(each.value, each.label) for each in (Seal.Provider.BLANK, Seal.Provider.DRAWN)],
        help_text="套印的图样按下面的尺寸绘制，不是电子签章；签章须用数字证书",
    )
    diameter_mm = forms.DecimalField(
        label="直径（毫米）", min_value=Decimal(20), max_value=Decimal(60), decimal_places=1, initial=Decimal(40)
    )
    ring_mm = forms.DecimalField(
        label="外圈粗细（毫米）", min_value=Decimal("0.5"), max_value=Decimal(3), decimal_places=1, initial=Decimal(1)
    )
    first_day = forms.DateField(
        label="启用日期",
        initial=clock.today,
        error_messages={"required": "请填写从哪一天起启用", "invalid": NOT_A_DATE},
    )
    last_day = forms.DateField(label="停用日期", required=False, error_messages={"invalid": NOT_A_DATE})
    widths = {"owner": 8, "purpose": 4, "provider": 4, "diameter_mm": 4, "ring_mm": 4}
    sections = (
        Section("印章", ("owner", "purpose", "arc_text", "line_text")),
        Section("怎样用在文书上", ("provider", "diameter_mm", "ring_mm")),
        Section("启用与停用", ("first_day", "last_day")),
    )

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = owners

    def clean_arc_text(self) -> str:
        return "".join(str(self.cleaned_data["arc_text"]).split())

    def clean_line_text(self) -> str:
        return "".join(str(self.cleaned_data["line_text"]).split())


class EndSealForm(BaseForm):
    """The last day of a seal, and why."""

    last_day = forms.DateField(
        label="最后使用日期",
        initial=clock.today,
        error_messages={"required": "请填写最后使用到哪一天", "invalid": NOT_A_DATE},
    )
    reason = ReasonField(label="理由", error_messages={"required": "请写明理由，如印章更名、缴销"})


class PictureForm(BaseForm):
    """The picture of a seal."""

    picture = forms.FileField(
        label="图样",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,.png"}),
        help_text=f"透明背景的 PNG，只有一枚印章；边长 {LEAST_PX} 到 {MOST_PX} 像素，"
        f"{LIMIT_BYTES // 1024 // 1024} MB 以内。图样按印章的直径套印",
        error_messages={"required": "请先选择图样", "empty": "这个文件是空的，请重新选择"},
    )


class EndPictureForm(BaseForm):
    """Why papers bear no picture any more."""

    reason = ReasonField(label="理由", error_messages={"required": "请写明理由，如改为手工加盖"})
