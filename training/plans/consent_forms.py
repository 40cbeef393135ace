"""What is typed of the consents: a body's answer, on-line or from paper, and the bodies themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms

from luojiang_ce.files.fields import CheckedField
from luojiang_ce.home.form_page import EditForm, OverRow
from luojiang_ce.home.forms import BaseForm, Section, SectionPanel, mark_needed
from luojiang_ce.uploads.places import SCAN
from units.forms.base import ReasonField
from units.models import Unit

from .consents import AGREED, OBJECTED, answer_of, objections_of, own_items, problems, problems_of_day, standing
from .materials import has_scan
from .models import ConsentBody, PlanBatch, PlanItem

WHOLE = ((AGREED, "同意"), (OBJECTED, "整批不同意"))
ONE = ((AGREED, "同意"), (OBJECTED, "异议"))


class AnswerForm(OverRow, BaseForm):
    """A body's answer: to every item, agreed unless an objection is written beside it, and to the whole."""

    sections = (Section("意见", ("result", "note", "why")),)
    widths = {"note": 12, "why": 12, "result": 6}
    result = forms.ChoiceField(label="对整批", choices=WHOLE, help_text="只对个别项目有异议的，选同意，在上面逐项写明")
    note = ReasonField(label="说明", required=False, help_text="整批不同意须写明理由")
    why = ReasonField(label="替换原有意见的原因", required=False)

    def __init__(self, *args: Any, batch: PlanBatch, body: ConsentBody, aside: frozenset[int], **kwargs: Any) -> None:
        self.batch, self.former = batch, answer_of(batch, body)
        self.row = standing(self.former)
        self.items = self._items(aside)
        super().__init__(*args, prefix=f"body{body.pk}", initial=self._initial(), **kwargs)
        if self.former is None:
            del self.fields["why"]
        else:
            mark_needed(self.fields["why"])
        for item in self.items:
            self.fields[f"item_{item.pk}"] = forms.ChoiceField(
                label=f"“{item.title}”", choices=ONE, required=False, widget=forms.RadioSelect
            )
            self.fields[f"why_{item.pk}"] = forms.CharField(
                label=f"“{item.title}”异议理由", max_length=500, required=False,
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            )  # fmt: skip

    def _items(self, aside: frozenset[int]) -> list[PlanItem]:
        """What there is to decide: not what the bureau has struck, nor what the officer stands aside from."""
        objected = objections_of(self.former)
        rows = self.batch.items.in_order().select_related("unit", "plan__unit")
        self.aside = [item for item in rows if item.pk in aside]
        mine = [item for item in rows if item.pk not in aside]
        return [item for item in mine if item.state == PlanItem.State.BATCHED or item.pk in objected]

    def _initial(self) -> dict[str, Any]:
        objected = objections_of(self.former)
        known: dict[str, Any] = {f"item_{item.pk}": OBJECTED if item.pk in objected else AGREED for item in self.items}
        known |= {f"why_{pk}": reason for pk, reason in objected.items()}
        if self.former:
            known |= {name: getattr(self.former, name) for name in ("result", "note", "document", "given_on", "person")}
        return known

    def _panels(self) -> Iterator[SectionPanel]:
        """The items stand in a table of their own."""
        yield from (panel for panel in super()._panels() if panel.section.title)

    @property
    def rows(self) -> list[tuple[PlanItem, forms.BoundField, forms.BoundField]]:
        """The items with their two fields, for the table."""
        return [(item, self[f"item_{item.pk}"], self[f"why_{item.pk}"]) for item in self.items]

    @property
    def objections(self) -> Mapping[int, str]:
        """The items to which the body objects, with the reasons."""
        data = self.cleaned_data
        chosen = [item.pk for item in self.items if data.get(f"item_{item.pk}") == OBJECTED]
        return {pk: data.get(f"why_{pk}", "") for pk in chosen}

    def facts(self) -> dict[str, Any]:
        """What is said of the whole, as the services take it."""
        return {name: self.cleaned_data[name] for name in ("result", "note", "document")}

    @property
    def why_replaced(self) -> str:
        return str(self.cleaned_data.get("why", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        result, note = data.get("result", ""), data.get("note", "")
        # Whether something is replaced, the service says: it looks first whether somebody else was quicker.
        for field, problem in problems(self.batch, result, note, self.objections, replaced=None, why=""):
            self.add_error(field, problem)
        return data


class OnlineForm(AnswerForm):
    """The answer that a body's own officer gives; its date is the server's."""

    sections = (Section("意见", ("result", "note", "document", "why")),)
    document = forms.CharField(label="本单位文号", max_length=100, required=False)
    widths = {**AnswerForm.widths, "document": 6}


class PaperForm(AnswerForm):
    """The answer as it stands on paper."""

    sections = (Section("书面意见", ("result", "given_on", "person", "document", "scan", "note", "why")),)
    widths = {**AnswerForm.widths, "given_on": 6, "person": 6, "document": 6, "scan": 6}
    given_on = forms.DateField(label="日期")
    document = forms.CharField(label="文号或会议纪要", max_length=100)
    person = forms.CharField(label="经办人", max_length=50)
    scan = CheckedField(
        SCAN,
        label="意见扫描件",
        help_text="PDF 或照片，20 MB 以内",
        error_messages={"required": "请选择会签意见或会议纪要的扫描件"},
    )

    def __init__(self, *args: Any, batch: PlanBatch, body: ConsentBody, **kwargs: Any) -> None:
        super().__init__(*args, batch=batch, body=body, aside=frozenset(), **kwargs)
        self.fields["scan"].required = not has_scan(batch, body)

    def facts(self) -> dict[str, Any]:
        return super().facts() | {name: self.cleaned_data[name] for name in ("given_on", "person")}

    def clean_given_on(self) -> Any:
        day = self.cleaned_data["given_on"]
        if wrong := problems_of_day(self.batch, day):
            raise forms.ValidationError(wrong)
        return day


def online_form(data: Any, *, batch: PlanBatch, body: ConsentBody, account: Any) -> OnlineForm:
    """The form of an officer, without the items that are not the officer's to decide."""
    return OnlineForm(data, batch=batch, body=body, aside=frozenset(own_items(batch, account)))


class BodyForm(EditForm):
    """A consenting body."""

    widths = {"name": 8, "position": 4, "starts_on": 6, "ends_on": 6, "unit": 12}

    class Meta:
        model = ConsentBody
        fields = ("name", "position", "starts_on", "ends_on", "unit")
        help_texts = {
            "starts_on": "从这一天起送出的汇总要它同意；空着为不限",
            "ends_on": "到这一天为止；撤销、合并的填最后一天，旧文书上的名称不变",
            "unit": "该单位担任“会签单位”角色的账号在网上出具意见；不选的，书面意见由区人社局登记",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = cast("forms.ModelChoiceField[Unit]", self.fields["unit"])
        unit.empty_label = "书面会签，没有账号"
        unit.queryset = Unit.objects.filter(status=Unit.Status.ACTIVE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "止的日期早于起的日期，请核对")
        return data
