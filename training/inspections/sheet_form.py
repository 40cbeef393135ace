"""The on-site sheet as a form: the fields of the record, and the kinds of what may be found wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseModelForm
from luojiang_ce.workdays.text import full

from .models import Answer, Finding, OnSiteSheet
from .recording import Found, Seen

QUESTIONS = ("lecturer", "course", "signing", "materials", "fees")
FACTS = (
    *("visited_at", "half_day", "present", "signed", "proxies", *QUESTIONS, "note", "statement"),
    *("signer", "signer_post", "refused", "refusal"),
)
MOST = 9999  # people in a class of the district
SLOW_CLOCK = timedelta(minutes=10)  # by which a phone may be ahead


@dataclass(frozen=True)
class Line:
    """A kind of what may be found, with its fields."""

    kind: Finding.Kind
    ticked: Any
    text: Any
    whole: Any
    clause: Any = None

    @property
    def basis(self) -> str:
        """The clause that it is against."""
        return Finding.CLAUSES[self.kind]


class SheetForm(BaseModelForm):
    """`final`: the record is sent, and everything is asked for; before that it is kept as it is."""

    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = OnSiteSheet
        fields = FACTS
        widgets = {
            "note": forms.Textarea(attrs={"rows": 3}),
            "statement": forms.Textarea(attrs={"rows": 2}),
            **dict.fromkeys(QUESTIONS, forms.RadioSelect),
        }

    def __init__(self, *args: Any, final: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.final, fields = final, self.fields
        for name in ("present", "signed", "proxies"):
            fields[name].max_value = MOST  # type: ignore[attr-defined]
            fields[name].validators.append(forms.IntegerField(max_value=MOST).validators[-1])
            fields[name].widget.attrs |= {"inputmode": "numeric", "max": MOST}
        for name in ("proxies", *QUESTIONS):
            fields[name].required = False
        for name in QUESTIONS:
            fields[name].choices = Answer.choices  # type: ignore[attr-defined]
        self._add_findings()

    def _add_findings(self) -> None:
        stored = {each.kind: each for each in self._stored()}
        for kind in Finding.Kind:
            row = stored.get(kind)
            self.fields[f"found_{kind}"] = forms.BooleanField(label=kind.label, required=False, initial=bool(row))
            self.fields[f"text_{kind}"] = forms.CharField(
                label=f"{kind.label}：情况", max_length=2000, required=False, initial=row.text if row else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
            self.fields[f"whole_{kind}"] = forms.BooleanField(
                label="涉及整个培训班", required=False, initial=bool(row and row.date is None)
            )
        other = stored.get(Finding.Kind.OTHER)
        self.fields["clause_other"] = forms.CharField(
            label="依据", max_length=100, required=False, initial=other.clause if other else ""
        )

    def _stored(self) -> list[Finding]:
        return list(self.instance.inspection.findings.all()) if self.instance.pk else []

    def lines(self) -> Iterator[Line]:
        """The kinds of findings, as the page shows them."""
        for kind in Finding.Kind:
            clause = self["clause_other"] if kind == Finding.Kind.OTHER else None
            yield Line(kind, self[f"found_{kind}"], self[f"text_{kind}"], self[f"whole_{kind}"], clause)

    def clean_visited_at(self) -> datetime:
        """A phone's clock may be a little ahead; one that is a day off is pointed out, ahead or behind: what is found
        lies in the half-day of this moment."""
        moment: datetime = self.cleaned_data["visited_at"]
        now, sent = clock.now(), clock.local(self.instance.inspection.created_at).date()
        if moment > now + SLOW_CLOCK:
            raise forms.ValidationError("到场时间在现在以后，请核对手机的时间，改为实际到场的时间")
        if moment.date() < sent:
            raise forms.ValidationError(f"到场时间早于安排检查的 {full(sent)}，请核对手机的日期，改为实际到场的时间")
        return min(moment, now)

    def clean_proxies(self) -> int:
        return self.cleaned_data["proxies"] or 0

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in QUESTIONS:
            data[name] = data.get(name) or Answer.UNCHECKED
        if self.final:
            self._ask_for_all(data)
        return data

    def _ask_for_all(self, data: dict[str, Any]) -> None:
        if data.get("present") is None and "present" not in self.errors:
            self.add_error("present", "请填写当场清点的实到人数，没有人的填 0")
        found = [kind for kind in Finding.Kind if data.get(f"found_{kind}")]
        for kind in found:
            if not data.get(f"text_{kind}", "").strip():
                self.add_error(f"text_{kind}", f"勾选了“{kind.label}”，请写明情况")
        differs = any(data.get(name) == Answer.DIFFERS for name in QUESTIONS)
        if differs and not found and not data.get("note", "").strip():
            self.add_error("note", "有与申报不一致的，请写明情况，或在下面勾选发现的问题")
        if data.get("refused"):
            if not data.get("refusal", "").strip():
                self.add_error("refusal", "单位拒绝签名的，请写明当时的情况")
        elif not data.get("signer", "").strip():
            self.add_error("signer", "请填写单位签名人的姓名；拒绝签名的，请勾选拒绝签名")

    def seen(self) -> Seen:
        """What was typed, for the services."""
        data = self.cleaned_data
        found = [
            Found(
                kind.value,
                data[f"text_{kind}"].strip(),
                data["clause_other"].strip() if kind == Finding.Kind.OTHER else "",
                data[f"whole_{kind}"],
            )
            for kind in Finding.Kind
            if data[f"found_{kind}"]
        ]
        return Seen({name: data[name] for name in FACTS}, found, data["client_id"])
