"""Icons, dates and numbers as the pages write them."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import lucide
from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from luojiang_ce import clock
from luojiang_ce.access import case_key
from luojiang_ce.copies import sent_with
from luojiang_ce.files.materials import MaterialRow
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.forms import SectionsMixin, collect_errors, holds_typing
from luojiang_ce.home.slow_steps import step_shown
from luojiang_ce.jobs.models import Job
from luojiang_ce.workdays.badges import Badge
from luojiang_ce.workdays.text import full, long_weekday, month_day, short_weekday

register = template.Library()


@lru_cache(maxsize=256)
def _svg(name: str) -> SafeString:
    svg = lucide._render_icon(name, None, **{"class": "bi", "aria-hidden": "true", "focusable": "false"})
    return mark_safe(svg)  # noqa: S308  the package's own drawing, no user text in it


@register.simple_tag
def icon(name: str) -> SafeString:
    """The lucide icon of that name, inline and hidden from readers: words always stand beside it."""
    return _svg(str(name))


@register.simple_tag
def slow_step(case: Any, account: Any) -> Job | None:
    """A step of the case that the worker is at, or (to whoever asked for it) has just failed with."""
    return step_shown(case, account)


@register.simple_block_tag(end_name="endpanel")
def panel(content: SafeString, title: str = "", **options: Any) -> SafeString:
    """{% panel "课程表" id="tt" note="附件3" %}…{% endpanel %}: see templates/parts/panel.html."""
    return mark_safe(render_to_string("parts/panel.html", {"content": content, "title": title, **options}))  # noqa: S308


def _as_date(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """11月30日; with the year when it is not this year's: 2027年3月1日."""
    if not value:
        return ""
    on = _as_date(value)
    return month_day(on) if on.year == clock.today().year else full(on)


@register.filter
def day_year(value: date | datetime | None) -> str:
    """2026年11月30日."""
    return full(_as_date(value)) if value else ""


@register.filter
def weekday(value: date | datetime | None) -> str:
    """周一."""
    return short_weekday(_as_date(value)) if value else ""


@register.filter
def weekday_long(value: date | datetime | None) -> str:
    """星期一."""
    return long_weekday(_as_date(value)) if value else ""


@register.filter
def day_week(value: date | datetime | None) -> str:
    """11月30日 周一."""
    return f"{day(value)} {weekday(value)}" if value else ""


@register.filter
def stamp(value: datetime | None, exact: str = "") -> str:
    """11/23 09:16; with the year when it is not this year's: 2025/11/23 09:16; `exact`: "seconds" too."""
    if not value:
        return ""
    at = clock.local(value)
    days = "%m/%d" if at.year == clock.today().year else "%Y/%m/%d"
    return at.strftime(f"{days} %H:%M:%S" if exact == "seconds" else f"{days} %H:%M")


@register.filter
def moment(value: datetime | None) -> str:
    """2026年11月30日 09:16."""
    return f"{day_year(value)} {clock.local(value):%H:%M}" if value else ""


@register.filter
def hours(value: Decimal | int | None) -> str:
    """Hours or credits with one decimal, two where they are needed: 4.0, 12.25; empty for None."""
    if value is None or value == "":
        return ""
    amount = Decimal(value)
    tenth = amount.quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{tenth if tenth == amount else amount.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


@register.filter
def yuan(value: Decimal | int | None) -> str:
    """An amount of money without its unit: 18,000, 280.50; empty for None."""
    if value is None or value == "":
        return ""
    amount = Decimal(value)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


@register.filter
def size(value: int | None) -> str:
    """The size of a file: 286 kB, 1.4 MB; 0 kB of an empty one alone."""
    if value is None:
        return ""
    return f"{value / 1_000_000:.1f} MB" if value >= 1_000_000 else f"{max(1, round(value / 1000)) if value else 0} kB"


@register.filter
def unset(value: object) -> SafeString | object:
    """The value, or 未设定 in grey: an unset rule is neither 0 nor a dash."""
    if value is None or value == "":
        return format_html('<span class="lj-state is-idle">{}</span>', "未设定")
    return value


@register.simple_tag
def state(label: object, meaning: str = "", *, plain: bool = False, hint: str = "") -> SafeString:
    """The state of a case or row. `meaning`: turn, late, soon, done, wait, prov or idle; `plain`: dot and word, for
    tables; `hint`: a longer word."""
    looks = f"lj-state plain {meaning_class(meaning)}" if plain else f"lj-state {meaning_class(meaning)}"
    if hint:
        return format_html('<span class="{}" title="{}">{}</span>', looks, hint, label)
    return format_html('<span class="{}">{}</span>', looks, label)


@register.simple_tag
def due(badge: Badge) -> SafeString:
    """A deadline in a head or a table."""
    title = format_html(' title="{}"', badge.title) if badge.title else ""
    shown = meaning_class(badge.meaning), title, badge.label, badge.text
    return format_html('<span class="lj-due {}"{}><b>{}</b><span>{}</span></span>', *shown)


@register.filter
def meaning_class(meaning: str | None) -> str:
    """The class of a meaning, whether written "late" or "is-late"; grey for none."""
    return f"is-{(meaning or 'idle').removeprefix('is-')}"


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed; an empty value removes one."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


def _control_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return ""
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


@register.simple_tag
def control(field: forms.BoundField, label: str = "") -> SafeString:
    """A field's widget with its class; marked as invalid when it is; `label` names one without a visible label."""
    widget = field.field.widget
    classes = [widget.attrs.get("class", ""), _control_class(widget), "is-invalid" if field.errors else ""]
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    if label:
        attrs["aria-label"] = label
    return field.as_widget(attrs=attrs)


@register.filter
def options(groups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """The options of a select (its widget's optgroups), as Django's templates would write them one by one."""
    written: list[str] = []
    for name, rows, _ in groups:
        own = map(_option, rows)
        written += [format_html('<optgroup label="{}">', name), *own, "</optgroup>"] if name else own
    return mark_safe("".join(written))  # noqa: S308  value, attributes and label of each are escaped


def _option(row: dict[str, Any]) -> str:
    """By hand: format_html takes ten times as long, and there are hundreds."""
    label = conditional_escape(row["label"])
    attrs = attributes(row["attrs"]) if row["attrs"] else ""
    return f'<option value="{html.escape(str(row["value"]))}"{attrs}>{label}</option>'


@register.filter
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    """The attributes of a widget: one that is True stands alone, one that is False not at all."""
    shown = ((name, value) for name, value in attrs.items() if value is not False)
    written = (f" {name}" if value is True else f' {name}="{html.escape(str(value))}"' for name, value in shown)
    return mark_safe("".join(written))  # noqa: S308  values are escaped; names are the program's


@register.filter
def linked(reason: str) -> SafeString | str:
    """A reason why something is blocked, with links to where it is mended, each once.

    Of two names that begin at one place the longer one is meant: 签到表 is not looked for inside 签到表扫描件.
    """
    links = dict(getattr(reason, "links", {}))
    names = "|".join(re.escape(name) for name in sorted(links, key=len, reverse=True))
    parts = re.split(f"({names})", reason) if names else [reason]
    linked_once = ((part, links.pop(part, None)) for part in parts)
    return format_html_join(
        "", "{}", ((format_html('<a href="{}">{}</a>', url, part) if url else part,) for part, url in linked_once)
    )


@register.filter
def is_choice_group(field: forms.BoundField) -> bool:
    """Whether the field is several boxes or radios, which need a fieldset and a legend."""
    return isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))


@register.filter
def is_tick(field: forms.BoundField) -> bool:
    """Whether the field is one box, whose label stands beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def pages(page: Page[Any]) -> Iterable[int]:
    """The page numbers to show; 0 stands for a gap."""
    return (number if isinstance(number, int) else 0 for number in page.paginator.get_elided_page_range(page.number))


@register.simple_tag
def typed(filled: Any, autosaves: object = False, *, name: str = "") -> SafeString:
    """What a form carries of which nothing typed may be lost: see static/js/typed.js. It does not save itself while
    there is something to be decided; `name` tells several forms of one page apart. Shown again with what was typed, it
    names the copies that it takes the place of."""
    itself = " data-autosave" if autosaves and not getattr(filled, "conflict", None) else ""
    marked = format_html('data-typed="{}"{}', name, itself)
    if not getattr(filled, "is_bound", False):
        return marked
    return format_html('{} data-unsaved="{}"', marked, " ".join(sent_with(filled.data)))


@register.inclusion_tag("parts/errors.html")
def error_summary(*filled: object, title: str = "") -> dict[str, Any]:
    """Every error of these forms and formsets, each a link to its field."""
    return {"errors": collect_errors(*filled), "title": title, "typed_anew": not holds_typing(*filled)}


@register.inclusion_tag("parts/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """The fields of any form in the grid: by its sections where it has some, else each over the full width."""
    return {"form": form, "laid_out": isinstance(form, SectionsMixin)}


@register.simple_tag
def act_url(case: Any, transition: Any) -> str:
    """The page behind an action of a case."""
    kind, pk = case_key(case)
    return reverse("workflow:act", args=[kind, pk, transition.name])


@register.filter
def tick(case: Any) -> str:
    """How a tick box names a case among those of all kinds: `app.model:id`."""
    return ":".join(map(str, case_key(case)))


@register.simple_tag
def give_url(case: Any) -> str:
    """Where a case is given to a handler by name."""
    return reverse("handing:give", args=case_key(case))


@register.simple_tag
def delete_url(case: Any) -> str:
    """Where a draft that was never sent is deleted."""
    kind, pk = case_key(case)
    return reverse("workflow:delete_draft", args=[kind, pk])


@register.simple_tag
def upload_url(case: Any, code: str) -> str:
    """Where a file for this material of a case is sent."""
    kind, pk = case_key(case)
    return reverse("files:upload", args=[kind, pk, code])


@register.simple_tag
def how_to_upload() -> str:
    """What is said above a list of materials: how files are sent, which, and how large one may be."""
    most = settings.UPLOAD_LIMIT_BYTES // 1024 // 1024
    return f"选好文件，或拖到材料上，随即上传；可以一次几个。收 PDF、图片和 Office 文件，每个不超过 {most} MB"


@register.simple_tag
def sort_url(case: Any) -> str:
    """Where files for a case are sent that are told apart by their names."""
    return reverse("files:sort", args=case_key(case))


@register.filter
def that_take(materials: Sequence[MaterialRow], file: Attachment) -> list[MaterialRow]:
    """Of a checklist the materials under which the file may stand: where it does, and those that take its kind."""
    return [row for row in materials if row.material.code == file.material or row.material.fits(file)]


WEIGHTS = {"danger": 0, "secondary": 1, "primary": 3}


@register.filter
def by_weight(actions: Iterable[Any]) -> list[Any]:
    """Actions as the bar shows them: destructive first, refused ones before the primary one, which is far right."""
    return sorted(actions, key=lambda action: WEIGHTS.get(action.transition.style, 1) if action.enabled else 2)


@register.filter
def standing_of(materials: Iterable[Any]) -> dict[str, str]:
    """What is said of a checklist as a whole (label, meaning): it is complete only where something was asked for and
    all of it is there; what is brought in paper, or left to the filer, is counted and not judged."""
    rows = list(materials)
    if missing := sum(row.missing for row in rows):
        return {"label": f"缺 {missing} 项", "meaning": "is-soon"}
    if any(row.required for row in rows):
        return {"label": "齐", "meaning": "is-done"}
    there = sum(bool(row.files or row.seen) for row in rows)
    return {"label": f"已有 {there} 项" if there else "未附", "meaning": "is-idle"}


@register.filter
def anything_there(materials: Iterable[Any]) -> bool:
    """Is there anything of a checklist (none: empty) to be said to somebody who adds no files?"""
    return any(row.is_there for row in materials or ())
