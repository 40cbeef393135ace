"""The list pattern: filter, sort, page by the address; as many queries for 3 rows as for 30."""

from __future__ import annotations

import django_filters
import pytest
from django import forms
from django.test import RequestFactory
from django.urls import reverse

from luojiang_ce.home.lists import list_context, name_filters
from luojiang_ce.home.registry import nav_for
from tests.conftest import HOLDERS
from tests.factories import UnitFactory
from units.models import Unit


class UnitFilter(django_filters.FilterSet):
    class Meta:
        model = Unit
        fields = ("nature",)


def names(query, **more):
    rows = Unit.objects.all()
    context = list_context(RequestFactory().get("/", query), rows, sorts={"name": "name", "code": "code"}, **more)
    return [unit.name for unit in context["page_obj"]]


@pytest.fixture
def units(db):
    for code, name in (("3", "甲"), ("1", "乙"), ("2", "丙")):
        UnitFactory(code=code, name=name)


@pytest.mark.parametrize(
    ("query", "expected"),
    [({"sort": "code"}, "乙丙甲"), ({"sort": "-code"}, "甲丙乙"), ({}, "甲丙乙"), ({"sort": "password"}, "甲丙乙")],
)
def test_rows_are_sorted_by_known_keys_only(units, query, expected):
    assert "".join(names(query, sort="-code")) == expected


@pytest.mark.parametrize(("page", "expected"), [("1", "乙丙"), ("2", "甲"), ("99", "甲"), ("x", "乙丙")])
def test_an_unknown_page_is_the_nearest_one(units, page, expected):
    assert "".join(names({"page": page}, sort="code", per_page=2)) == expected


def test_filters_come_from_the_address(units):
    UnitFactory(name="学校", nature=Unit.Nature.SCHOOL)
    assert names({"nature": "school"}, filterset=UnitFilter) == ["学校"]


def test_a_page_takes_two_queries_however_many_rows(db, django_assert_num_queries):
    for count in (3, 30):
        UnitFactory.create_batch(count)
        with django_assert_num_queries(2):
            names({}, sort="name")


def test_filters_show_their_label_inside():
    class Filters(forms.Form):
        name = forms.CharField(label="名称")
        year = forms.IntegerField(label="年度")
        kind = forms.ModelChoiceField(Unit.objects.none(), label="单位")
        said = forms.CharField(label="编号", widget=forms.TextInput(attrs={"placeholder": "编号或班名"}))

    form = Filters()
    name_filters(form)
    html = str(form)
    assert 'placeholder="名称"' in html
    assert 'placeholder="年度"' in html
    assert 'placeholder="编号或班名"' in html
    assert form.fields["kind"].empty_label == "单位：全部"


def test_an_empty_list_says_what_will_stand_there(client, district):
    lists, vague = {}, []
    for account in (getattr(district, name) for name in HOLDERS):
        lists |= {item.url_name: account for item in nav_for(account)}
    for name, account in lists.items():
        client.force_login(account)
        if "这里还没有内容" in client.get(reverse(name), follow=True).content.decode():
            vague.append(name)
    assert len(lists) > 20
    assert vague == ["toy:list"]  # the smallest kind of case says nothing of its own
