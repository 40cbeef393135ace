"""Icons, dates, numbers and addresses as the pages write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe
from lucide import IconDoesNotExist
from pytest_django.asserts import assertHTMLEqual

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.home.templatetags import home


def render(source, **context):
    return Template("{% load home %}" + source).render(Context(context))


def test_an_icon_is_inline_hidden_from_readers_and_takes_the_texts_size():
    svg = render('{% icon "bell" %}')
    assert svg.startswith("<svg ")
    assert 'aria-hidden="true"' in svg
    assert 'class="bi"' in svg
    assert "style=" not in svg


def test_an_icon_that_does_not_exist_is_an_error():
    with pytest.raises(IconDoesNotExist):
        render('{% icon "no-such-icon" %}')


@pytest.mark.parametrize("used", ["calendar-check", "ellipsis", "list-checks"])
def test_icons_named_in_python_exist(used):
    assert render(f'{{% icon "{used}" %}}')


@time_machine.travel(datetime(2026, 11, 24, tzinfo=SHANGHAI))
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ due|day }}", "11月30日"),
        ("{{ next|day }}", "2027年3月1日"),
        ("{{ due|day_year }}", "2026年11月30日"),
        ("{{ due|weekday }}", "周一"),
        ("{{ due|weekday_long }}", "星期一"),
        ("{{ due|day_week }}", "11月30日 周一"),
        ("{{ at|stamp }}", "11/23 09:16"),
        ("{{ before|stamp }}", "2025/12/31 23:59"),
        ("{{ at|day }}", "11月23日"),
        ("{{ none|day }}{{ none|stamp }}{{ none|day_week }}{{ none|weekday }}{{ none|day_year }}", ""),
    ],
)
def test_dates(source, said):
    context = {
        "due": date(2026, 11, 30),
        "next": date(2027, 3, 1),
        "at": datetime(2026, 11, 23, 9, 16, tzinfo=SHANGHAI),
        "before": datetime(2025, 12, 31, 23, 59, tzinfo=SHANGHAI),
        "none": None,
    }
    assert render(source, **context) == said


@pytest.mark.parametrize(
    ("value", "said"), [(Decimal("4"), "4.0"), (Decimal("12.25"), "12.25"), (0, "0.0"), (None, "")]
)
def test_hours_have_fixed_decimals(value, said):
    assert home.hours(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(Decimal("18000.00"), "18,000"), (Decimal("280.5"), "280.50"), (0, "0"), (None, "")]
)
def test_money(value, said):
    assert home.yuan(value) == said


@pytest.mark.parametrize(("value", "said"), [(412_345, "412 kB"), (1_400_000, "1.4 MB"), (3, "1 kB"), (None, "")])
def test_sizes_of_files(value, said):
    assert home.size(value) == said


def test_what_is_not_set_says_so_and_nought_is_not_unset():
    assert "未设定" in render("{{ value|unset }}", value=None)
    assert render("{{ value|unset }}", value=0) == "0"


@pytest.mark.parametrize("written", ["late", "is-late"])
def test_meanings_are_classes_however_written(written):
    assert home.meaning_class(written) == "is-late"
    assert home.meaning_class("") == "is-idle"


def test_an_address_keeps_the_rest_of_the_query():
    request = RequestFactory().get("/", {"q": "王", "page": "3"})
    assert render("{% url_with page=4 %}", request=request) == "?q=%E7%8E%8B&amp;page=4"
    assert render("{% url_with page='' %}", request=request) == "?q=%E7%8E%8B"


def test_pages_are_elided():
    page = Paginator(range(1000), 10).page(50)
    assert list(home.pages(page)) == [1, 2, 0, 47, 48, 49, 50, 51, 52, 53, 0, 99, 100]


def test_a_panel_names_its_region_and_escapes_what_it_is_given():
    html = render('{% panel title id="tt" note="附件3" %}<p>{{ text }}</p>{% endpanel %}', title="<b>", text="<i>")
    assert 'aria-labelledby="tt"' in html
    assert "&lt;b&gt;" in html
    assert "<p>&lt;i&gt;</p>" in html


CHOICES = [
    ("", "全部"),
    ('a"><script>', "A&<b>"),
    (2026, 2026),
    (True, mark_safe("<i>stays</i>")),
    ("东片", [("1", "洛江区一中"), ("2", "<二中>")]),
]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=CHOICES), None),
        (forms.Select(choices=CHOICES), 2026),
        (forms.Select(choices=CHOICES), 'a"><script>'),
        (forms.SelectMultiple(choices=CHOICES), ["1", "2"]),
        (forms.NullBooleanSelect(), True),
        (forms.TextInput(), 'a"><script>'),
        (forms.NumberInput(), 1234.5),
        (forms.CheckboxInput(), True),
        (forms.DateInput(format="%Y-%m-%d"), date(2026, 11, 28)),
        (forms.Textarea({"rows": 2}), "<script>"),
        (forms.RadioSelect(choices=CHOICES), 2026),
    ],
)
def test_widgets_are_djangos_own(widget, value):
    attrs = {"id": "id_unit", "aria-label": '第 1 行 "<b>"', "required": True, "disabled": False, "size": 3}
    ours = widget.render("unit", value, attrs)
    assertHTMLEqual(ours, widget.render("unit", value, attrs, renderer=DjangoTemplates()))
    assert "<script>" not in ours


@pytest.mark.parametrize("may_change", [{}, {"may_change": False}, {"may_change": True}])
@pytest.mark.parametrize("there", [False, True])
def test_a_checklist_without_a_line_for_its_reader_is_not_shown(there, may_change):
    """A page that says nothing of changing is for readers."""
    page = Template("{% load home %}{% if may_change and materials or materials|anything_there %}shown{% endif %}")
    rows = [SimpleNamespace(is_there=there), SimpleNamespace(is_there=False)]
    shows = there or any(may_change.values())
    assert page.render(Context({"materials": rows, **may_change})) == ("shown" if shows else "")
    assert page.render(Context({"materials": [], **may_change})) == page.render(Context(may_change)) == ""
