"""Forms: laid out in sections, every error once with its place, dates that browsers read, sentences that help."""

from __future__ import annotations

import re
from datetime import date, datetime, time

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from luojiang_ce.home.forms import BaseForm, BaseModelForm, FormError, Section, collect_errors
from luojiang_ce.id_shapes import beside_birth
from tests.factories import id_number


class Sample(BaseForm):
    sections = (Section("时间与地点", ("day", "place"), "说明"),)
    widths = {"day": 4}

    day = forms.DateField(label="开班日期")
    place = forms.CharField(label="地点", help_text="楼和房间", max_length=5)
    people = forms.IntegerField(label="人数", min_value=1)
    kind = forms.ChoiceField(label="形式", choices=[("a", "面授"), ("b", "远程")], widget=forms.RadioSelect)
    book = forms.CharField(label="教材", required=False)
    agree = forms.BooleanField(label="同意", required=False)

    def clean(self):
        raise forms.ValidationError("结束不能早于开始")


def rendered(form):
    return Template("{% load home %}{% form_fields form %}").render(Context({"form": form}))


def test_fields_stand_in_their_sections_and_the_rest_after_them():
    html = rendered(Sample())
    order = [html.index(f'id="div_id_{name}"') for name in ("day", "place", "people", "kind", "book", "agree")]
    assert order == sorted(order)
    assert html.count("lj-panel") == 1
    assert 'class="w4' in html


def test_what_is_optional_is_marked_and_what_is_required_is_not():
    html = rendered(Sample())
    assert html.count("选填") == 1
    assert "*" not in html


def test_all_errors_at_once_each_with_its_place():
    form = Sample({"day": "2026-02-30", "place": "冷链产业园培训楼", "people": "0"})
    assert collect_errors(form) == [
        FormError("结束不能早于开始"),
        FormError("开班日期：不是日期。请按 2026-03-02 这样填，并核对有没有这一天", "id_day", "时间与地点"),
        FormError("地点：最多 5 个字，现有 8 个，请缩短", "id_place", "时间与地点"),
        FormError("人数：不能小于 1", "id_people"),
        FormError("形式：请填写这一项", "div_id_kind"),
    ]


def test_each_error_leads_to_something_on_the_page():
    form = Sample({"day": "x"})
    html = rendered(form)
    for error in collect_errors(form):
        assert not error.anchor or f'id="{error.anchor}"' in html


def test_an_error_takes_the_place_of_the_help_and_keeps_what_was_typed():
    html = rendered(Sample({"place": "冷链产业园培训楼"}))
    assert 'value="冷链产业园培训楼"' in html
    assert '<div class="form-text" id="id_place_helptext">' not in html
    assert 'aria-describedby="id_place_helptext id_place_error"' in html


def test_an_unbound_form_has_no_errors():
    assert collect_errors(Sample()) == []


def test_rows_of_a_formset_say_which_row():
    Rows = forms.formset_factory(Sample)
    rows = Rows({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-day": "x", "form-1-day": "2026-03-02"})
    errors = collect_errors(None, [rows], "")
    assert {error.where for error in errors} == {"第 1 行", "第 2 行"}
    assert (
        FormError("开班日期：不是日期。请按 2026-03-02 这样填，并核对有没有这一天", "id_form-0-day", "第 1 行")
        in errors
    )


class Pickers(BaseForm):
    day = forms.DateField(initial=date(2026, 3, 2))
    moment = forms.DateTimeField(initial=datetime(2026, 3, 2, 8, 30))
    hour = forms.TimeField(initial=time(8, 30))


def test_dates_are_written_as_the_browsers_pickers_read_them():
    html = rendered(Pickers())
    for piece in ('type="date" name="day" value="2026-03-02"', 'value="2026-03-02T08:30"', 'value="08:30"'):
        assert piece in html


def test_what_the_pickers_send_is_understood():
    form = Pickers({"day": "2026-03-02", "moment": "2026-03-02T08:30", "hour": "08:30"})
    assert form.is_valid(), form.errors


@pytest.mark.parametrize(
    "field",
    [forms.EmailField(), forms.DecimalField(max_digits=3), forms.TimeField(), forms.URLField(assume_scheme="https")],
)
def test_no_message_is_left_in_english(field):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean("？12345")
    assert not any(
        char.isascii() and char.isalpha()
        for char in refused.value.messages[0].replace("https", "").replace("name@example.cn", "")
    )


def test_a_plain_form_is_laid_out_too():
    class Plain(forms.Form):
        note = forms.CharField(label="理由")
        secret = forms.CharField(widget=forms.HiddenInput)

    html = rendered(Plain())
    assert 'class="w12' in html
    assert 'type="hidden"' in html


def test_every_width_is_one_that_the_style_sheet_knows():
    """A field of another width is a finger wide."""
    known = set(
        map(int, re.findall(r"^\.w(\d+) ", (settings.BASE_DIR / "static/css/components.css").read_text(), re.M))
    )
    every = [*every_subclass(BaseForm), *every_subclass(BaseModelForm)]
    assert len(every) > 40
    wrong = {form.__name__: form.widths for form in every if not {form.default_width, *form.widths.values()} <= known}
    assert wrong == {}


def every_subclass(base):
    return [each for direct in base.__subclasses__() for each in (direct, *every_subclass(direct))]


class Typed(BaseForm):
    reason = forms.CharField(label="理由", max_length=500)
    number = forms.CharField(label="证件号码", max_length=40)
    more = forms.CharField(label="备注", required=False)


def test_a_text_is_kept_without_whole_id_numbers_and_a_number_of_its_own_as_it_is():
    whole = id_number()
    form = Typed({"reason": f"据 {whole} 登记", "number": whole, "more": f"另见 {whole}，{whole}"})
    assert form.is_valid()
    hidden = beside_birth(whole)
    assert form.cleaned_data == {"reason": f"据 {hidden} 登记", "number": whole, "more": f"另见 {hidden}，{hidden}"}


def test_what_no_keyboard_types_is_left_out_and_a_field_of_one_line_has_one():
    form = Typed({"reason": "甲\r\n乙\x0b丙\x1b", "number": "A\r\nB\u202e", "more": "甲\rX-A: 1\x85丙"})
    form.fields["reason"].widget = forms.Textarea()
    assert form.is_valid()
    assert form.cleaned_data == {"reason": "甲\r\n乙\n丙", "number": "A B", "more": "甲 X-A: 1 丙"}
