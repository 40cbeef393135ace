"""The one way a form is shown, saved and refused, and a button's act is done: views say what, not how.

What a service refuses (NotPossible) comes back beside the fields, or on top; nothing typed is lost. Where somebody else
was quicker (Conflict), the page shows what is stored beside what was typed, and saving again is a choice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from luojiang_ce import clock, copies
from luojiang_ce.home.forms import BaseModelForm, FormError, collect_errors
from luojiang_ce.home.sent_once import done_once
from luojiang_ce.refusals import NotPossible, refusing_clashes, tell_form
from luojiang_ce.typed import whole_number
from luojiang_ce.versions import Conflict, Standing, Versioned
from luojiang_ce.workflow.models import Case, ReturnItem
from luojiang_ce.workflow.places import to_mend

AUTOSAVE = "autosave"  # of the address to which a form sends itself (static/js/typed.js)
EMPTY = "未填"
log = logging.getLogger(__name__)

Crumbs = Sequence[tuple[str, str]]
Filled = Any  # a form, a formset, or several of them, the main one first
Save = Callable[[], Any]  # calls the service
Said = str | Callable[[Any], str]  # what to say of the service's answer
Next = Any  # where to go on: an address, a case, a response; or a function of the service's answer that gives one


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a form sent empty is a form sent."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    filled: Filled,
    save: Save,
    *,
    title: str,
    back: str | Crumbs,
    here: str = "",
    submit_label: str = "",
    done: Said = "",
    then: Next = None,
    autosave: Callable[[], Versioned] | None = None,
    goes_on: Callable[[Any], str] | None = None,
    template: str = "form_base.html",
    about: Any = None,
    once: bool = True,
    **context: Any,
) -> HttpResponse:
    """Show a form; when it is sent and saved, say so and go `then` (or `back`). Its button says at least the title.

    `back`: an address, or the pages above this one, each with its own, the last being the way back; this page is then
    called `here` below them, or as its title. `autosave`: saves a draft while it is typed; a new one then goes on at
    the address that `goes_on` tells of it. `about`: the case that is filled in here; where it was returned, the page
    says what for, on top and beside the fields. `once`: false of what knows by itself that it was done, row by
    row, each in a transaction of its own (home/many.py).
    """
    if autosave and (said := autosaved(request, filled, autosave, goes_on=goes_on)):
        return said
    if not isinstance(back, str):
        context["crumbs"] = [*back, (here or title, "")]
        back = back[-1][1]
    if answer := submitted(request, filled, save, done=done, then=then or back, once=once):
        return answer
    context |= {"title": title, "form": _all(filled)[0], "submit_label": submit_label or title, "cancel_url": back}
    context |= {"autosaves": autosave is not None, "filled_case": about if isinstance(about, Case) else None}
    return show(request, template, context | returned(request, filled, about), filled)


def submitted(
    request: HttpRequest, filled: Filled, save: Save, *, then: Next, done: Said = "", once: bool = True
) -> HttpResponse | None:
    """Where to go after a form was sent and saved; None while it is only looked at, wrong, or refused."""

    def saved() -> HttpResponse:
        return _go_on(request, save(), done, then)

    if request.method == "POST" and all(one.is_valid() for one in _all(filled)):
        try:
            with refusing_clashes():
                return done_once(request, saved) if once else saved()
        except NotPossible as refused:
            if conflict := _over_the_same(filled, refused):
                messages.info(request, f"{conflict.who or '有人'}刚才已保存了相同的内容")
                return _go_on(request, conflict.current, "", then)
            refuse(filled, refused)
    return None


def act(
    request: HttpRequest, save: Save, *, back: Any, done: Said = "", then: Next = None, form: Any = None
) -> HttpResponse:
    """Do what a button asks, say so and go `then` (or `back`); or go back and say why not.

    `form`: what was ticked and typed beside the button.
    """
    if form and not form.is_valid():
        for error in collect_errors(form):
            messages.error(request, error.text)
        return redirect(back)
    try:
        with refusing_clashes():
            return done_once(request, lambda: _go_on(request, save(), done, then or back))
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect(back)


def is_autosave(request: HttpRequest) -> bool:
    """Has a form sent itself while it is typed?"""
    return request.method == "POST" and AUTOSAVE in request.GET


def autosaved(
    request: HttpRequest,
    filled: Filled,
    save: Callable[[], Versioned],
    *,
    partly: bool = False,
    goes_on: Callable[[Any], str] | None = None,
) -> HttpResponse | None:
    """What a form that sends itself while it is typed is told; None when it was asked for or sent otherwise.

    Either everything typed is saved, and from which version it goes on; or what is wrong, and that nothing was saved
    (`partly`: that only the sound fields were).
    """
    if not is_autosave(request):
        return None
    wrong = "" if all(one.is_valid() for one in _all(filled)) else _first_of(collect_errors(filled))
    if wrong and not partly:
        return _told(422, f"还没有自动保存，{wrong}")
    more: dict[str, Any] = {}
    try:
        with refusing_clashes():
            saved = save()
        version = saved.version
        more = {"url": goes_on(saved)} if goes_on else {}
    except NotPossible as refused:
        conflict = None if wrong else _over_the_same(filled, refused)
        if conflict is None:
            return _told(409, f"没有自动保存：{refused}。请点保存，核对后再继续")
        version = conflict.current.version
    at = f"{clock.local(clock.now()):%H:%M}"
    if wrong:
        return _told(422, f"{at} 只自动保存了一部分，{wrong}", version=version)
    return _told(200, f"草稿 {at} 已自动保存", version=version, **more)


def _told(status: int, text: str, **more: Any) -> JsonResponse:
    return JsonResponse({"text": text, **more}, status=status, json_dumps_params={"ensure_ascii": False})


def _first_of(errors: Sequence[FormError]) -> str:
    more = f"（另有 {len(errors) - 1} 处）" if len(errors) > 1 else ""
    return f"还不能保存的有{'：'.join(filter(None, (errors[0].where, errors[0].text)))}{more}"


def show(request: HttpRequest, template: str, context: Mapping[str, Any], filled: Filled) -> HttpResponse:
    """The page of a form as it is now: 422 while something is wrong or to be decided."""
    wrong = collect_errors(filled) or any(getattr(one, "conflict", None) for one in _all(filled))
    return render(request, template, dict(context), status=422 if wrong else 200)


def returned(request: HttpRequest, filled: Filled, about: Any) -> dict[str, Any]:
    """What the case was returned for, for the top of a page of its form; each also beside its field, if it is here."""
    told = to_mend(about) if isinstance(about, Case) else []
    fields = {f"{request.path}#{bound.id_for_label}": bound for one in _all(filled) for bound in _fields(one)}
    for each in told:
        if bound := fields.get(each.url):
            _tell_beside(bound, each.item)
    return {"told": told} if told else {}


def _tell_beside(bound: forms.BoundField, item: ReturnItem) -> None:
    field, words = bound.field, f"{bound.auto_id}_told"
    field.told = [*getattr(field, "told", ()), item]  # type: ignore[attr-defined]
    described = field.widget.attrs.get("aria-describedby") or bound.aria_describedby or ""
    if words not in described:
        field.widget.attrs["aria-describedby"] = f"{words} {described}".strip()


def _fields(one: Any) -> Iterable[forms.BoundField]:
    return one if isinstance(one, forms.BaseForm) else ()


def refuse(filled: Filled, refused: NotPossible) -> None:
    """Put reasons beside their fields, those about the whole on top; or show what somebody else saved meanwhile."""
    main = _all(filled)[0]
    if isinstance(refused, Conflict) and isinstance(main, OverRow):
        main.conflict = Shown(refused.who, refused.current.edited_at, _differences(filled))
        return
    if isinstance(main, forms.BaseFormSet):
        main.non_form_errors().extend(refused.reasons)
    else:
        tell_form(main, refused)


def _over_the_same(filled: Filled, refused: NotPossible) -> Conflict | None:
    """A conflict with whoever was quicker and saved the very same: there is nothing to decide between."""
    if not isinstance(refused, Conflict) or not all(isinstance(one, Compared) for one in _all(filled)):
        return None
    return None if _differences(filled) else refused


def _differences(filled: Filled) -> list[Difference]:
    return [each for one in _all(filled) if isinstance(one, Compared) for each in one.compare()]


def _go_on(request: HttpRequest, answer: Any, done: Said, then: Next) -> HttpResponse:
    if text := done(answer) if callable(done) else done:
        messages.success(request, text)
    target = then(answer) if callable(then) else then
    response = target if isinstance(target, HttpResponseBase) else redirect(target)
    return copies.let_go(request, response)  # type: ignore[arg-type]


def _all(filled: Filled) -> Sequence[Any]:
    return filled if isinstance(filled, (list, tuple)) else [filled]


@dataclass(frozen=True)
class Difference:
    """A place in which what is stored now differs from what was typed."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class Shown:
    """A conflict as the page shows it: who saved when, and every difference."""

    who: str
    at: Any
    differences: Sequence[Difference]


class Compared:
    """Mixin of a form: what saving it would change of what is stored (`initial` is read when the page is asked for)."""

    def compare(self: Any) -> Iterable[Difference]:
        """A line for each field that differs; what a form only asks for once more is no part of what it writes."""
        for name in filter(self.cleaned_data.__contains__, self.changed_data):
            field = self.fields[name]
            stored, typed = self.get_initial_for_field(field, name), self.cleaned_data[name]
            yield Difference(str(self[name].label), as_read(field, stored), as_read(field, typed))


class OverRow(Compared):
    """Mixin of a form or formset over a row that two people may have open at once.

    `row` is the row as the view has just loaded it; the page carries in a hidden field the version whose values it
    shows: what it was opened with, and after a conflict that of the row that was laid beside.
    """

    row: Versioned | Standing
    conflict: Shown | None = None

    @property
    def version(self: Any) -> int:
        """What was sent along; never a right one where it was lost on the way."""
        typed = whole_number(self.data.get("version", ""))
        return -1 if typed is None else typed

    @property
    def version_shown(self: Any) -> int:
        shown: int = self.version if self.is_bound and not self.conflict else self.row.version
        return shown


class EditForm(OverRow, BaseModelForm):
    """A model's form over its row."""

    @property
    def row(self) -> Versioned:  # type: ignore[override]
        row: Versioned = self.instance
        return row


def compare_rows(
    stored: Mapping[Any, str], typed: Mapping[Any, str], label: Callable[[Any], str]
) -> Iterator[Difference]:
    """Lines for lists that are edited as a whole, keyed by what tells their rows apart."""
    for key in dict.fromkeys([*stored, *typed]):
        if stored.get(key) != typed.get(key):
            yield Difference(label(key), stored.get(key, "没有"), typed.get(key, "没有"))


def as_read(field: forms.Field, value: Any) -> str:
    """A value of a field as a person reads it."""
    if isinstance(field, forms.BooleanField):
        return "是" if value else "否"
    if value in (None, ""):
        return EMPTY
    if isinstance(field, forms.ModelChoiceField):
        row = value if hasattr(value, "pk") else field.queryset.filter(pk=value).first()  # type: ignore[union-attr]
        return field.label_from_instance(row) if row else EMPTY
    if isinstance(value, (list, tuple)):
        return "、".join(as_read(field, each) for each in value) or EMPTY
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return choices.get(str(value), str(value))
