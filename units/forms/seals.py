"""Forms of seals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseForm, Section
from luojiang_ce.papers.hand_stamps import wrong_time
from luojiang_ce.papers.models import Seal, SealUse
from luojiang_ce.papers.pictures import LEAST_PX, LIMIT_BYTES, MOST_PX, BadPicture, Drawn, drawn
from luojiang_ce.papers.signing.credentials import BadSigner, certificate_of, credentials
from luojiang_ce.typed import NOT_A_DATE
from luojiang_ce.workdays.text import full
from units.forms.base import ReasonField
from units.models import Unit
from units.seals import PURPOSES


class SignerField(forms.ChoiceField):
    """Which certificate signs, of those that are set up, with whose it is and how long it holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="签名证书", required=False, choices=_signers, help_text="只在数字签名时选", **kwargs)


def _signers() -> list[tuple[str, str]]:
    return [("", "不签名"), *((name, _called(name)) for name in credentials())]


def _called(name: str) -> str:
    try:
        certificate = certificate_of(name)
    except BadSigner:
        return f"{name}（打不开）"
    return f"{name}：{certificate.subject}，{full(clock.local(certificate.ends).date())} 到期"


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
        choices=Seal.Provider.choices,
        help_text="套印的图样按下面的尺寸绘制，不是电子签章；数字签名另须选定系统管理员配置的证书",
    )
    signer = SignerField()
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
    last_day = forms.DateField(
        label="最后使用日期",
        required=False,
        help_text="含当天；还在使用的不填",
        error_messages={"invalid": NOT_A_DATE},
    )
    widths = {"owner": 8, "purpose": 4, "provider": 4, "signer": 8, "diameter_mm": 4, "ring_mm": 4}
    sections = (
        Section("印章", ("owner", "purpose", "arc_text", "line_text")),
        Section("怎样用在文书上", ("provider", "signer", "diameter_mm", "ring_mm")),
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


class WayForm(BaseForm):
    """How a seal reaches the papers from now on."""

    provider = forms.ChoiceField(label="用印方式", choices=Seal.Provider.choices)
    signer = SignerField()
    reason = ReasonField(label="理由", error_messages={"required": "请写明理由，如启用数字证书"})
    widths = {"provider": 4, "signer": 8}


class HandForm(BaseForm):
    """On how many copies of each paper a seal was put by hand, and when."""

    copies = forms.IntegerField(
        label="每份文书加盖份数",
        min_value=1,
        max_value=999,
        initial=1,
        error_messages={"required": "请填写每份文书盖了几份"},
    )
    on = forms.DateField(label="加盖日期", error_messages={"required": "请填写加盖日期", "invalid": NOT_A_DATE})
    time = forms.TimeField(
        label="时间",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "请填写加盖时间", "invalid": "请按 09:30 的样子填写时间"},
    )
    widths = {"copies": 4, "on": 4, "time": 4}

    def __init__(self, *args: Any, uses: Sequence[SealUse], **kwargs: Any) -> None:
        now = clock.local(clock.now())
        self.uses = uses
        super().__init__(*args, initial={"on": now.date(), "time": now.time().replace(second=0)}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A time that cannot be is told beside what else is wrong, of each paper that it cannot be of."""
        data = super().clean() or self.cleaned_data
        if "on" in data and "time" in data:
            for said, of in self._wrong_times().items():
                self.add_error("on", said if len(of) == len(self.uses) else f"{'、'.join(of)}：{said}")
        return data

    def _wrong_times(self) -> dict[str, list[str]]:
        """What is wrong with the time, and with which lines of the register."""
        found: dict[str, list[str]] = {}
        for use in self.uses:
            for said in wrong_time(use, use.paper, self.at):
                found.setdefault(said, []).append(use.number)
        return found

    @property
    def at(self) -> datetime:
        """The moment that was entered."""
        return datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"], clock.SHANGHAI)


class MoreHandForm(HandForm):
    """What is added to a line, or put right."""

    note = forms.CharField(
        label="说明",
        max_length=200,
        help_text="如：补盖 1 份；或：原登记 2 份有误，应为 1 份",
        error_messages={"required": "请写明为什么补记"},
    )


class PictureForm(BaseForm):
    """The picture of a seal."""

    picture = forms.FileField(
        label="图样",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,.png"}),
        help_text=f"透明背景的 PNG，只有一枚印章；边长 {LEAST_PX} 到 {MOST_PX} 像素，"
        f"{LIMIT_BYTES // 1024 // 1024} MB 以内。图样按印章的直径套印",
        error_messages={"required": "请先选择图样", "empty": "这个文件是空的，请重新选择"},
    )

    def clean_picture(self) -> Drawn:
        upload = self.cleaned_data["picture"]
        try:
            return drawn(upload, upload.size)
        except BadPicture as bad:
            raise forms.ValidationError(str(bad)) from bad


class EndPictureForm(BaseForm):
    """Why papers bear no picture any more."""

    reason = ReasonField(label="理由", error_messages={"required": "请写明理由，如改为手工加盖"})
