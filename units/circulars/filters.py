"""The filters above the lists of circulars and receipts."""

from __future__ import annotations

from typing import Any

import django_filters

from luojiang_ce.filters import UNIT, WordsFilter
from units.circulars.models import Circular, Receipt
from units.models import Unit


class CircularFilter(django_filters.FilterSet):
    """Circulars by title or number, state."""

    q = WordsFilter("title", "number", *UNIT, label="找标题、文号、发件单位")
    state = django_filters.ChoiceFilter(label="状态", choices=Circular.State.choices, empty_label="全部状态")


OUTSTANDING = ("outstanding", "未办完")


class ReceiptFilter(django_filters.FilterSet):
    """Receipts by unit, circular, state, nature of the unit; who has no clerk."""

    q = WordsFilter(*UNIT, "circular__title", label="找单位、标题")
    circular = django_filters.ModelChoiceFilter(
        label="通知",
        queryset=lambda request: Circular.objects.visible_to(request.user).exclude(state=Circular.State.DRAFT),
    )
    state = django_filters.ChoiceFilter(
        label="回执", choices=[OUTSTANDING, *Receipt.State.choices], method="by_state", empty_label="全部回执"
    )
    nature = django_filters.ChoiceFilter(
        label="性质", choices=Unit.Nature.choices, field_name="unit__nature", empty_label="全部性质"
    )

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.outstanding() if value == OUTSTANDING[0] else rows.filter(state=value)
