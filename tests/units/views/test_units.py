"""The pages of units (product.md U1)."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.events import history
from tests.factories import UnitFactory, person_in
from tests.units.views.helpers import browser, cost, workbook_rows
from units.models import ProviderRemark, ProviderScope, Unit
from units.services import update_unit

LIST = reverse("units:list")


def names(response) -> set[str]:
    return {unit.name for unit in response.context["page_obj"]}


def test_a_clerk_is_led_to_the_own_unit(district) -> None:
    assert browser(district.owner).get(LIST).headers["Location"] == district.unit.get_absolute_url()


def test_a_reviewer_sees_the_units_of_the_own_system(district) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.health)
    other = UnitFactory(name="洛江区云岭医院", supervisor=district.health)
    assert names(browser(district.health_reviewer).get(LIST)) == {district.unit.name, other.name}


def test_search_and_filters(district) -> None:
    client = browser(district.handler)
    assert names(client.get(LIST, {"q": "禾山"})) == {district.neighbour_unit.name}
    assert names(client.get(LIST, {"function": "is_authority"})) == {
        district.bureau.name, district.health.name, district.education.name,
    }  # fmt: skip
    assert names(client.get(LIST, {"clerk": "none"})) == {district.health.name, district.education.name}


def test_queries_do_not_grow(district) -> None:
    few, many = cost(district.handler, LIST, lambda: UnitFactory(supervisor=district.health))
    assert few == many
    assert many <= 12


def test_queries_of_a_unit_do_not_grow(district) -> None:
    def more() -> None:
        ProviderScope.objects.create(unit=district.unit, subject="农业技术", valid_from=date(2025, 1, 1))
        ProviderRemark.objects.create(unit=district.unit, kind="通报批评", text="未按计划实施")
        person_in(district.unit)
        update_unit(unit=district.unit, actor=district.handler, phone=str(ProviderScope.objects.count()))

    few, many = cost(district.handler, district.unit.get_absolute_url(), more)
    assert few == many
    assert many <= 20


def test_officers_see_the_unit_but_nothing_of_its_people(district) -> None:
    person_in(district.unit)
    for officer in (district.system_admin, district.security_admin):
        response = browser(officer).get(district.unit.get_absolute_url())
        assert response.context["people"] is None
        assert "在册人员" not in response.content.decode()
    assert "1 人" in browser(district.audit_admin).get(district.unit.get_absolute_url()).content.decode()


def test_a_unit_is_registered_on_its_page(district) -> None:
    typed = {
        "name": "洛江区云岭医院",
        "nature": "medical",
        "level": "district",
        "medical_level": "second",
        "is_provider": "on",
    }
    response = browser(district.handler).post(reverse("units:new"), typed)
    unit = Unit.objects.get(name="洛江区云岭医院")
    assert response.headers["Location"] == unit.get_absolute_url()
    assert unit.is_provider


def test_everything_wrong_is_shown_beside_its_field(district) -> None:
    typed = {
        "name": "",
        "nature": "school",
        "level": "district",
        "uscc": "12350504",
        "medical_level": "first",
        "code": "单位",
    }
    response = browser(district.handler).post(reverse("units:new"), typed)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name", "uscc", "medical_level", "code"}


def test_who_is_slower_sees_words_not_codes(district) -> None:
    unit, client = district.unit, browser(district.handler)
    url = reverse("units:edit", args=[unit.pk])
    form = client.get(url).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields if not isinstance(form[name].value(), bool)}
    update_unit(unit=unit, actor=district.approver, supervisor=district.health, is_provider=False)
    response = client.post(url, {**typed, "version": form.version_shown, "is_provider": "on"})
    assert [(d.label, d.stored, d.typed) for d in response.context["form"].conflict.differences] == [
        ("主管部门", district.health.name, "未填"),
        ("施教机构（可以举办培训）", "否", "是"),
    ]


def test_suspending_and_resuming_are_one_address(district) -> None:
    url, client = reverse("units:suspend", args=[district.unit.pk]), browser(district.approver)
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "停业整顿"})
    assert Unit.objects.get(pk=district.unit.pk).status == "suspended"
    client.post(url, {"reason": "整顿完毕"})
    assert [event.name for event in history(district.unit)] == ["resumed", "suspended"]


def test_a_second_click_does_not_undo_the_first(district) -> None:
    url, client = reverse("units:suspend", args=[district.unit.pk]), browser(district.approver)
    typed = {"reason": "停业整顿", "shown": client.get(url).context["form"]["shown"].value()}
    assert [client.post(url, typed).status_code for _ in range(2)] == [302, 422]
    assert [event.name for event in history(district.unit)] == ["suspended"]


def test_a_merger_moves_the_people(district) -> None:
    person = person_in(district.unit)
    typed = {"into": district.neighbour_unit.pk, "on": str(clock.today()), "reason": "洛委编〔2026〕3号"}
    browser(district.handler).post(reverse("units:merge", args=[district.unit.pk]), typed)
    assert person.job.unit == district.neighbour_unit


def test_a_scope_is_added_and_ended(district) -> None:
    client, unit = browser(district.handler), district.unit
    client.post(reverse("units:add_scope", args=[unit.pk]), {"subject": "农业技术", "valid_from": "2025-01-01"})
    scope = unit.scopes.get()
    client.post(reverse("units:end_scope", args=[unit.pk, scope.pk]), {"on": "2026-06-30", "reason": "到期"})
    scope.refresh_from_db()
    assert scope.valid_to == date(2026, 6, 30)


def test_the_workbook_holds_the_units_seen(district) -> None:
    rows = workbook_rows(browser(district.owner).get(reverse("units:export")))
    assert [row[1] for row in rows[1:]] == [district.unit.name]
