"""Forms whose values go to a service: what the service refuses comes back beside the fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from luojiang_ce.home.forms import BaseForm
from units.services import Stale

CLASH = "刚刚有人登记了相同的内容，请核对后再保存一次"


class ReasonField(forms.CharField):
    """Why: kept with the record, a few lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class ServiceForm(BaseForm):
    """A form that ends in one call of a service. After `save_with` the service's answer is in `result`."""

    result: Any = None

    def save_with(self, service: Callable[..., Any], **options: Any) -> bool:
        """Call the service; False, with the errors beside their fields, when it refuses."""
        try:
            self.result = service(**options)
        except ValidationError as refused:
            self._take(refused)
        except IntegrityError:
            self.add_error(None, CLASH)
        else:
            return True
        return False

    def _take(self, refused: ValidationError) -> None:
        for field, texts in refused.message_dict.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)


@dataclass(frozen=True)
class Difference:
    """A field in which what is stored now differs from what was typed."""

    label: str
    stored: str
    typed: str


class FreshForm(ServiceForm):
    """A form over a row that two people may edit at once.

    `seen` carries the row's updated_at through the browser. When the service finds the row newer, the form comes back
    with what was typed, what is stored now, and a fresh `seen`: saving again is then done knowingly.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    differences: tuple[Difference, ...] = ()

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        kwargs["initial"] = {**kwargs.get("initial", {}), "seen": row.updated_at.isoformat()}
        super().__init__(*args, **kwargs)

    def clean_seen(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError as lost:
            raise ValidationError("页面不完整，请返回后重新打开再填") from lost

    def facts(self) -> dict[str, Any]:
        """What the service gets: everything typed, with `seen`."""
        return dict(self.cleaned_data)

    def save_with(self, service: Callable[..., Any], **options: Any) -> bool:
        try:
            return super().save_with(service, **options)
        except Stale as stale:
            self._show_what_changed(stale)
            return False

    def _show_what_changed(self, stale: Stale) -> None:
        self.differences = tuple(self._differences())
        self.add_error(None, f"{stale.who}在您填写期间修改过这条登记，这次没有保存。请对照现在的登记核对，再保存一次")
        self.data = {**self.data.dict(), self.add_prefix("seen"): stale.at.isoformat()}  # type: ignore[attr-defined]

    def _differences(self) -> list[Difference]:
        """`initial` was read from the row as it is stored now, so what differs is what saving again would change."""
        changed = (self[name] for name in self.changed_data if name != "seen")
        return [
            Difference(str(f.label), self._shown(f.name, f.initial), self._shown(f.name, f.value())) for f in changed
        ]

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return "是" if value else "否"
        if isinstance(field, forms.ModelChoiceField):
            row = value if hasattr(value, "pk") else field.queryset.filter(pk=value or None).first()  # type: ignore[union-attr]
            return str(row) if row else "未填"
        choices = {str(k): str(v) for k, v in getattr(field, "choices", ())}
        return choices.get(str(value), str(value)) if value not in (None, "") else "未填"
