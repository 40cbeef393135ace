"""Choosing many of a unit's people in a form: ticked before, or by pasted names; who has a namesake is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from luojiang_ce.typed import whole_numbers
from units.forms.base import PeopleField
from units.models import Person
from units.pasted_names import people_named


class NamedPeopleMixin(forms.Form):
    """Mixin of a form: `people` are whom it may choose from, `ticked` the ids of those who come along; `chosen` says
    after cleaning who was meant. `lists_up_to`: so many people are all listed to be ticked."""

    lists_up_to = 0

    people = PeopleField(
        label="已勾选的人员",
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="在“人员”名单里勾选后点“申报学时”，会列在这里；粘贴的姓名有同名的，也在这里选",
    )
    names = forms.CharField(
        label="姓名",
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="可以从表格整列粘贴，一行一个，或用顿号隔开；只认本单位在册的人员",
    )

    def __init__(self, *args: Any, people: QuerySet[Person], ticked: Sequence[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = people.order_by("pinyin", "pk")
        self.chosen: list[Person] = []
        self.lists_all = bool(self.lists_up_to) and self.own.count() <= self.lists_up_to
        self.fields["people"].initial = ticked
        self._offer([*ticked, *(self._ticked_before() if self.is_bound else [])])

    def _offer(self, keys: Sequence[int]) -> None:
        """All where they are few; of more only those who were ticked or have a namesake."""
        field: Any = self.fields["people"]
        field.queryset = self.own if self.lists_all else self.own.filter(pk__in=keys)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        named = people_named(data.get("names", ""), self.own.values_list("pk", "name"))
        ticked = {person.pk for person in data.get("people", ())}
        for name, which in named.namesakes.items():
            if not ticked & set(which):
                self.add_error("people", f"“{name}”有 {len(which)} 人同名，请勾选是哪一位")
        if named.unknown:
            shown = "、".join(f"“{name}”" for name in named.unknown)
            self.add_error("names", f"不是本单位在册人员的姓名：{shown}。请核对，或先在“人员”里登记")
        if not (ticked or named.people or named.namesakes or self.errors):
            self.add_error("names", "请粘贴姓名，或在“人员”名单里勾选")
        self._offer([*ticked, *(pk for which in named.namesakes.values() for pk in which), *self._ticked_before()])
        self.chosen = list(self.own.filter(pk__in=ticked | set(named.people)))
        return data

    def _ticked_before(self) -> list[int]:
        sent: Any = self.data
        return whole_numbers(sent.getlist("people"))
