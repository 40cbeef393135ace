"""What is asked before a transition, where the case type brings no form of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from luojiang_ce.typed import SoundTextsMixin

from .events import open_items
from .phrases import phrases_for
from .places import places_of, told_of

RETURN_ROWS = 12
SPARE_ROWS = 3  # below remarks that were brought along
PARTS = ("where", "wrong", "mend")
_ROW = re.compile(r"(?:wrong|mend)_([0-9]{1,3})")  # a thousand at most, whatever is sent


class TransitionForm(SoundTextsMixin, forms.Form):
    """Base of all forms asked before a transition; `note` is kept with the event."""

    note = forms.CharField(label="说明", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, case: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.actor = actor

    def transition_data(self) -> dict[str, Any]:
        """What guard and effect get as `data`."""
        return {key: value for key, value in self.cleaned_data.items() if key != "note"}


class ReasonForm(TransitionForm):
    """A transition that needs a reason: refusing, cancelling, withdrawing a decision."""

    note = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由，申报单位会看到"},
    )


def _listed(label: str, longest: int, proposals: str) -> forms.CharField:
    """A field with the proposals of that list of the page; anything else may be typed."""
    widget = forms.TextInput(attrs={"list": proposals, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


def _rows_in(sent: Iterable[str]) -> list[int]:
    """The numbers of the rows among these names of fields."""
    return sorted({int(found[1]) for found in map(_ROW.fullmatch, sent) if found})


def gathered(sent: Mapping[str, str]) -> dict[str, str]:
    """The remarks of a page on which something may be typed beside each row, one below the other as a return lists
    them; the rows beside which nothing was typed are left out."""
    rows = [[sent.get(f"{part}_{number}", "").strip() for part in PARTS] for number in _rows_in(sent)]
    said = [row for row in rows if any(row[1:])]
    said += [[""] * len(PARTS)] * (SPARE_ROWS if said else 0)
    return {f"{part}_{i}": text for i, row in enumerate(said) for part, text in zip(PARTS, row, strict=True)}


class ReturnForm(TransitionForm):
    """A return: the complete list of what is wrong, told at once (Licensing Act 32)."""

    note = forms.CharField(label="补充说明", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = max(RETURN_ROWS, *(number + 1 for number in _rows_in(self.data)), 0)
        for i in range(self.count):
            self.fields[f"where_{i}"] = _listed("位置", 100, "places")
            self.fields[f"wrong_{i}"] = _listed("问题", 300, "phrases")
            self.fields[f"mend_{i}"] = forms.CharField(label="如何补正", required=False, max_length=300)
        self.places = list(places_of(self.case))
        self.phrases = phrases_for(self.case)

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The bound fields, a row per thing to mend."""
        return [(self[f"where_{i}"], self[f"wrong_{i}"], self[f"mend_{i}"]) for i in range(self.count)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        items = [{part: data.get(f"{part}_{i}", "") for part in PARTS} for i in range(self.count)]
        for i, item in enumerate(items):
            if not item["wrong"] and (item["where"] or item["mend"]):
                self.add_error(f"wrong_{i}", f"第 {i + 1} 行写了位置或补正办法，但没有写问题是什么")
        if not any(item["wrong"] for item in items) and not self.errors:
            self.add_error("wrong_0", "请至少写明一处问题；退回须一次告知全部需要补正的内容")
        data["items"] = [item for item in items if item["wrong"]]
        return data

    def transition_data(self) -> dict[str, Any]:
        return {"items": self.cleaned_data["items"]}


class ResubmitForm(TransitionForm):
    """Filing again after a return: says of each thing that was wrong how it was mended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = open_items(self.case)
        for told in told_of(self.case, self.items, {}):
            item, now = told.item, f"（{told.now}）" if told.now else ""
            self.fields[f"answer_{item.pk}"] = forms.CharField(
                label=f"{item.where}{now}：{item.wrong}" if item.where else f"{item.wrong}{now}",
                help_text=item.mend,
                max_length=300,
                error_messages={"required": "请写明这一处改成了什么"},
            )
        self.order_fields([*(name for name in self.fields if name != "note"), "note"])

    def transition_data(self) -> dict[str, Any]:
        return {"answers": {str(item.pk): self.cleaned_data[f"answer_{item.pk}"] for item in self.items}}
