"""Freezing a list, the public number, by when originals are asked for, how they are provided, the figures."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseForm, BaseModelForm, Section
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.typed import NOT_A_DATE
from luojiang_ce.workflow.forms import TransitionForm
from training.inspections.case import AT_LEAST

from .models import Draw, DrawFigures, OriginalsCheck

MOST_INSPECTORS = 6
SEED_SAID = "公开号码须在名单公布以后才产生，谁也不能预先知道；用哪一个、哪一天公布，现在写定"


def _day(label: str, missing: str) -> forms.DateField:
    return forms.DateField(label=label, error_messages={"required": missing, "invalid": NOT_A_DATE})


class _ListForm(BaseForm):
    """What is listed, how many are drawn, where the seed comes from."""

    widths = {"source": 12}
    since = _day("自", "请填写从哪一天起")
    until = _day("至", "请填写到哪一天止")
    count = forms.IntegerField(
        label="抽取数量", min_value=1, required=False, help_text="设定了抽查比例的，留空即按比例；没有设定的须填写",
        error_messages={"invalid": "请填写整数", "min_value": "至少抽 1 个"},
    )  # fmt: skip
    seed_from = forms.ChoiceField(
        label="种子怎样产生", choices=Draw.Seed.choices, initial=Draw.Seed.SYSTEM, widget=forms.RadioSelect
    )
    source = forms.CharField(
        label="公开号码的来源", max_length=100, required=False, help_text="如：福建省体育彩票 31选7 第26130期开奖号码"
    )
    seed_on = forms.DateField(
        label="号码公布日期", required=False, error_messages={"invalid": NOT_A_DATE}, help_text="须晚于今天"
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "止日早于起日，请核对")
        return data


SEED = Section("种子", ("seed_from", "source", "seed_on"), SEED_SAID)


class ClassesForm(_ListForm):
    """Classes with lessons from today on: a visit to a lesson that is over sees nothing."""

    sections = (Section("名单", ("since", "until", "called_off")), Section("抽取", ("count", "pair")), SEED)
    widths = {"source": 12, "called_off": 12}
    pair = forms.IntegerField(
        label="每个班的检查人数", min_value=AT_LEAST, max_value=MOST_INSPECTORS, initial=AT_LEAST,
        error_messages={
            "required": "请填写每个班派几人",
            "invalid": "请填写整数",
            "min_value": f"每个班至少 {AT_LEAST} 名检查人",
            "max_value": f"每个班最多 {MOST_INSPECTORS} 名检查人",
        },
    )  # fmt: skip
    called_off = forms.BooleanField(label="已取消、未举办的班也列入名单", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"since": clock.today(), "until": clock.today() + timedelta(days=30)}

    def clean_since(self) -> date:
        day: date = self.cleaned_data["since"]
        if day < clock.today():
            raise forms.ValidationError("已经过去的日子不能去检查，请从今天或以后起")
        return day


class DeclarationsForm(_ListForm):
    """Declarations that were accepted in a span that has begun."""

    sections = (Section("名单", ("since", "until")), Section("抽取", ("count",)), SEED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"since": clock.today().replace(month=1, day=1), "until": clock.today()}


class NumberForm(TransitionForm):
    """The number that was made known."""

    number = forms.CharField(
        label="公布的号码",
        max_length=60,
        help_text="照公布的顺序抄录全部数字，如 03 07 12 18 22 25 30；空格和标点不计",
        error_messages={"required": "请填写公布的号码"},
    )
    field_order = ("number", "note")

    def clean_number(self) -> str:
        """The digits alone: however somebody spaces them, the seed is the same."""
        typed = unicodedata.normalize("NFKC", self.cleaned_data["number"])
        if any(each.isalpha() for each in typed):
            raise forms.ValidationError("号码里只能有数字、空格和标点，请核对")
        digits = "".join(each for each in typed if each.isascii() and each.isdigit())
        if not digits:
            raise forms.ValidationError("没有数字，请照公布的号码填写")
        if mask_ids(digits) != digits:  # the log would keep another seed than the one that was made known
            raise forms.ValidationError("这组数字和证件号码一样，系统会遮盖，不能作种子；请作废名单，改用别的公开号码")
        return digits


class AskForm(TransitionForm):
    """By when the units show their originals; no law says how long, so the bureau does each time."""

    wanted_on = forms.DateField(
        label="请在何日以前提供",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请填写请单位在哪一天以前提供", "invalid": NOT_A_DATE},
    )
    field_order = ("wanted_on", "note")

    def clean_wanted_on(self) -> date:
        day: date = self.cleaned_data["wanted_on"]
        if day <= clock.today():
            raise forms.ValidationError("请给单位留出时间，填明天或以后的日期")
        return day


class ProvideForm(TransitionForm):
    """Uploaded, or brought along."""

    how = forms.ChoiceField(
        label="怎样提供",
        choices=OriginalsCheck.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择怎样提供"},
    )
    field_order = ("how", "note")


class FiguresForm(BaseModelForm):
    """All figures at once; what is left empty is unset."""

    sections = (
        Section(
            "权重",
            ("record_weight", "first_weight", "size_from", "size_weight"),
            "每个班的权重从 1 起，符合的再加；都不填则机会均等",
        ),
        Section("比例和覆盖", ("class_share", "declaration_share", "yearly")),
        Section("理由", ("reason",)),
    )
    widths = {"yearly": 12, "reason": 12}

    class Meta:
        model = DrawFigures
        fields = (
            *("record_weight", "first_weight", "size_from", "size_weight"),
            *("class_share", "declaration_share", "yearly", "reason"),
        )
        error_messages = {"reason": {"required": "请写明为什么这样设定，或依据的文件"}}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        size = [name for name in ("size_from", "size_weight") if data.get(name) is None and name not in self.errors]
        if len(size) == 1:
            self.add_error(size[0], "人数和所加的权重须一起填，或都不填")
        return data
