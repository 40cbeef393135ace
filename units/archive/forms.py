"""How long records of a kind are kept."""

from __future__ import annotations

from typing import Any

from luojiang_ce.home.forms import BaseModelForm
from units.archive.models import Retention


class RetentionForm(BaseModelForm):
    """From a day on, with the paper on which it rests."""

    widths = {"period": 4, "valid_from": 4, "document": 12}

    class Meta:
        model = Retention
        fields = ("period", "valid_from", "document")

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
