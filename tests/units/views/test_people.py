"""The pages of people (product.md U2, U3, U5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.events import history
from tests.factories import id_number, person_in
from tests.units.cases import leave_of
from tests.units.views.helpers import browser, cost, workbook_cells, workbook_rows
from units.models import Certificate, Employment, Leave, Person, StudyPeriod, Title, Unit
from units.services import end_employment, update_person

LIST, NEW = reverse("people:list"), reverse("people:new")


def names(response) -> set[str]:
    return {person.name for person in response.context["page_obj"]}


def full_person(unit, name: str = "王小明") -> Person:
    """Somebody with two of everything that a page shows."""
    person = person_in(unit, name)
    for n in range(2):
        Title.objects.create(person=person, name=f"农艺师{n}", level="middle", is_current=n == 0)
        Certificate.objects.create(person=person, number=f"闽{person.pk}-{n}")
        StudyPeriod.objects.create(person=person, kind="tenure", first_year=2020 + 3 * n, last_year=2022 + 3 * n)
    return person


class TestList:
    def test_a_clerk_sees_who_works_in_the_own_unit(self, district) -> None:
        person_in(district.unit, "陈若溪")
        person_in(district.neighbour_unit, "林知夏")
        gone = person_in(district.unit, "周以宁")
        end_employment(person=gone, reason="left", last_day=clock.today(), actor=district.owner)
        assert names(browser(district.owner).get(LIST)) == {"陈若溪"}
        assert names(browser(district.neighbour).get(LIST)) == {"林知夏"}
        assert names(browser(district.handler).get(LIST)) == {"陈若溪", "林知夏", "周以宁"}

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("王小明", {"王小明"}),
            ("wxm", {"王小明"}),
            ("wangxiao", {"王小明"}),
            ("xiaoming", set()),
            ("qiu", {"仇远"}),
            ("chouyuan", {"仇远"}),
            ("zyx", {"曾雨·西"}),
            ("cyx", {"曾雨·西"}),
            ("闽2021-0007", {"仇远"}),
            ("不存在", set()),
        ],
    )
    def test_search(self, district, words, found) -> None:
        person_in(district.unit, "王小明")
        Certificate.objects.create(person=person_in(district.unit, "仇远"), number="闽2021-0007")
        person_in(district.unit, "曾雨·西")
        assert names(browser(district.owner).get(LIST, {"q": words})) == found

    def test_the_last_four_and_the_whole_number_find_one(self, district) -> None:
        number = next(n for n in (id_number() for _ in range(99)) if n.endswith("X"))
        person_in(district.unit, "王小明", number=number)
        person_in(district.unit, "仇远")
        client = browser(district.owner)
        for words in (number[-4:], number[-4:].lower(), number, f" {number.lower()} "):
            assert names(client.get(LIST, {"q": words}, follow=True)) == {"王小明"}

    def test_a_unit_finds_its_people_for_those_who_see_many(self, district) -> None:
        person_in(district.neighbour_unit, "仇远")
        assert names(browser(district.handler).get(LIST, {"q": "禾山"})) == {"仇远"}

    def test_filters(self, district) -> None:
        senior, away = person_in(district.unit, "王小明", category="medical"), person_in(district.unit, "仇远")
        Title.objects.create(person=senior, level="senior")
        leave_of(district, "approved", person=away)
        leave_of(district, "submitted", person=senior)
        client = browser(district.owner)
        assert names(client.get(LIST, {"category": "medical"})) == {"王小明"}
        assert names(client.get(LIST, {"level": "senior"})) == {"王小明"}
        assert names(client.get(LIST, {"presence": "away"})) == {"仇远"}

    def test_why_somebody_is_away_stands_in_no_list_and_no_workbook(self, district) -> None:
        leave = leave_of(district, "approved")
        Leave.objects.filter(pk=leave.pk).update(
            reason="sickness", starts_on=clock.today(), ends_on=clock.today() + timedelta(days=90)
        )
        Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.health)
        for account in (district.owner, district.health_reviewer, district.handler, district.keeper):
            page = browser(account).get(LIST).content.decode()
            cells = str(workbook_rows(browser(account).get(reverse("people:export"))))
            assert ("离岗</span>" in page, "病假" in page.split("<tbody")[1]) == (True, False)
            assert (str(leave.starts_on.year) in cells, "病假" in cells) == (True, False)

    def test_neither_page_nor_workbook_shows_a_whole_number(self, district) -> None:
        number = id_number()
        person_in(district.unit, "=1+1", number=number)
        page = browser(district.owner).get(LIST)
        assert number not in page.content.decode()
        head, row = workbook_cells(browser(district.owner).get(reverse("people:export")))
        assert [cell.value for cell in head[:2]] == ["姓名", "证件号码（已遮盖）"]
        assert [cell.value for cell in row[:2]] == ["=1+1", f"{'*' * 16}{number[-2:]}"]
        assert row[3].value == "1985-03", "a date would say its day, however it is formatted"
        assert "f" not in {cell.data_type for cell in row}
        assert history(district.owner).get().data == {"list": "people", "rows": 1}

    def test_the_workbook_follows_the_filters_and_the_scope(self, district) -> None:
        person_in(district.unit, "王小明")
        person_in(district.unit, "仇远")
        person_in(district.neighbour_unit, "王小红")
        rows = workbook_rows(browser(district.owner).get(reverse("people:export"), {"q": "w"}))
        assert [row[0] for row in rows[1:]] == ["王小明"]

    @pytest.mark.parametrize("who", ["owner", "handler"])
    def test_queries_do_not_grow(self, district, who) -> None:
        few, many = cost(getattr(district, who), LIST, lambda: full_person(district.unit))
        assert few == many
        assert many <= 12

    def test_leavers_are_listed_with_the_unit_they_left(self, district) -> None:
        person = person_in(district.unit, "周以宁")
        end_employment(person=person, reason="retired", last_day=date(2025, 6, 30), actor=district.owner)
        url = reverse("people:leavers")
        assert "周以宁" in browser(district.owner).get(url).content.decode()
        assert "周以宁" not in browser(district.neighbour).get(url).content.decode()
        rows = workbook_rows(browser(district.owner).get(reverse("people:export_leavers")))
        assert rows[1][0] == "周以宁"
        assert rows[1][-1] == "退休"

    def test_queries_of_leavers_do_not_grow(self, district) -> None:
        def leaver() -> None:
            end_employment(person=person_in(district.unit), reason="left", last_day=clock.today(), actor=district.owner)

        few, many = cost(district.owner, reverse("people:leavers"), leaver)
        assert few == many
        assert many <= 12


class TestPerson:
    def test_queries_do_not_grow_with_what_hangs_on_a_person(self, district) -> None:
        person = full_person(district.unit)

        def more() -> None:
            year = 1990 + Title.objects.count()
            Title.objects.create(person=person, name="助理", is_current=False)
            Certificate.objects.create(person=person, number=f"{year}")
            leave_of(district, "approved", person=person, starts_on=date(year, 1, 1), ends_on=date(year, 2, 1))
            update_person(person=person, actor=district.owner, note=f"{year}")

        few, many = cost(district.owner, person.get_absolute_url(), more)
        assert few == many
        assert many <= 20

    def test_medical_leave_is_not_shown_to_the_seal_keeper(self, district) -> None:
        person = person_in(district.unit)
        leave_of(district, "approved", person=person)
        assert list(browser(district.owner).get(person.get_absolute_url()).context["leaves"])
        assert not list(browser(district.keeper).get(person.get_absolute_url()).context["leaves"])

    def test_what_cannot_be_done_is_not_offered(self, district) -> None:
        person = person_in(district.unit)
        seen_by = {
            who: browser(getattr(district, who)).get(person.get_absolute_url()).content.decode()
            for who in ("owner", "handler", "audit_admin")
        }
        edit, move = reverse("people:edit", args=[person.pk]), reverse("people:move", args=[person.pk])
        assert [edit in page for page in seen_by.values()] == [True, True, False]
        assert [move in page for page in seen_by.values()] == [False, True, False]


def post(number: str | None = None, **facts) -> dict:
    return {
        "name": "陈若溪", "kind": "resident", "number": number or id_number(), "category": "general",
        "started_on": "2024-09-01", "do": "submit", **facts,
    }  # fmt: skip


class TestTakingOn:
    def test_somebody_new(self, district) -> None:
        response = browser(district.owner).post(NEW, post(title="农艺师", level="middle", department="推广科"))
        person = Person.objects.get()
        assert response.headers["Location"] == person.get_absolute_url()
        assert (person.job.unit, person.job.department, person.title.name) == (district.unit, "推广科", "农艺师")

    def test_errors_stand_together_and_keep_what_was_typed(self, district) -> None:
        response = browser(district.owner).post(NEW, post("123", name="", started_on="昨天", since="2999-01-01"))
        page = response.content.decode()
        assert response.status_code == 422
        errors = page[page.index("lj-errors") : page.index("</div>", page.index("lj-errors"))]
        for field in ("name", "number", "started_on", "since"):
            assert f'href="#id_{field}"' in errors
        assert 'value="123"' in page

    def test_a_passport_needs_sex_and_birth(self, district) -> None:
        page = browser(district.owner).post(NEW, post("E1234567", kind="passport")).content.decode()
        assert "护照上看不出的，请填性别" in page
        assert "护照上看不出的，请填出生日期" in page

    def test_who_works_elsewhere_is_refused(self, district) -> None:
        number = id_number()
        person_in(district.neighbour_unit, "陈若溪", number=number)
        page = browser(district.owner).post(NEW, post(number)).content.decode()
        assert "可能此人已在其他单位登记" in page
        assert district.neighbour_unit.name not in page

    def test_a_known_person_is_offered_and_then_taken_on(self, district) -> None:
        number = id_number()
        known = person_in(district.neighbour_unit, "陈若溪", number=number)
        end_employment(person=known, reason="left", last_day=date(2024, 8, 30), actor=district.neighbour)
        client = browser(district.owner)
        offer = client.post(NEW, post(number)).content.decode()
        assert "此人已在系统中登记" in offer
        assert 'value="take_on"' in offer
        assert district.neighbour_unit.name not in offer
        client.post(NEW, post(number, do="take_on"))
        assert Employment.objects.get(ended_on=None).unit == district.unit
        assert Person.objects.count() == 1

    def test_posting_twice_registers_once(self, district) -> None:
        client, typed = browser(district.owner), post()
        client.post(NEW, typed)
        assert "已在本单位名册中" in client.post(NEW, typed).content.decode()
        assert Person.objects.count() == 1


class TestEditing:
    def test_who_is_slower_sees_what_changed_and_may_save_again(self, district) -> None:
        person = person_in(district.unit)
        url = reverse("people:edit", args=[person.pk])
        slow = browser(district.owner)
        typed = {
            "category": "general",
            "department": "推广科",
            "note": "我的备注",
            "version": person.version,
        }
        assert f'name="version" id="version" value="{typed["version"]}"' in slow.get(url).content.decode()
        update_person(person=person, actor=district.colleague, category="teacher", note="别人的备注")
        response = slow.post(url, typed)
        page = response.content.decode()
        assert response.status_code == 422
        assert district.colleague.name in page
        assert [(d.label, d.stored, d.typed) for d in response.context["form"].conflict.differences] == [
            ("人员类别", "教师", "一般"),
            ("部门或岗位", "未填", "推广科"),
            ("备注", "别人的备注", "我的备注"),
        ]
        assert Person.objects.get().note == "别人的备注"
        again = {**typed, "version": response.context["form"].version_shown}
        assert slow.post(url, again).status_code == 302
        assert Person.objects.get().note == "我的备注"

    @pytest.mark.parametrize("version", ["", "昨天"])
    def test_a_form_without_its_mark_is_not_taken(self, district, version) -> None:
        person = person_in(district.unit)
        response = browser(district.owner).post(
            reverse("people:edit", args=[person.pk]), {"category": "teacher", "version": version}
        )
        assert response.status_code == 422
        assert Person.objects.get().category == "general"

    def test_leaving_leads_to_the_list_of_leavers(self, district) -> None:
        person = person_in(district.unit)
        response = browser(district.owner).post(
            reverse("people:leaving", args=[person.pk]),
            {"reason": "retired", "last_day": str(clock.today()), "version": person.version},
        )
        assert response.headers["Location"] == reverse("people:leavers")
        assert person.employments.get().end_reason == "retired"

    def test_leaving_asked_twice_meets_a_change_meanwhile(self, district) -> None:
        """The tick that the form asks for before an early day is no part of what two people may differ in."""
        person = person_in(district.unit)
        typed = {"reason": "retired", "last_day": str(clock.today()), "version": person.version, "sure": "on"}
        Person.objects.filter(pk=person.pk).update(version=person.version + 1)
        response = browser(district.owner).post(reverse("people:leaving", args=[person.pk]), typed)
        assert response.status_code == 422
        labels = [each.label for each in response.context["form"].conflict.differences]
        assert labels == ["离开原因", "最后一天"]

    def test_a_title_is_corrected_and_taken_off(self, district) -> None:
        person, client = full_person(district.unit), browser(district.owner)
        title = person.title
        url = reverse("people:record", args=[person.pk, "titles", title.pk])
        client.post(url, {"name": "高级农艺师", "level": "associate", "is_current": "on", "version": person.version})
        title.refresh_from_db()
        assert title.level == "associate"
        person.refresh_from_db()
        client.post(
            reverse("people:remove_record", args=[person.pk, "titles", title.pk]),
            {"reason": "录入有误", "version": person.version},
        )
        assert not Title.objects.filter(pk=title.pk).exists()


class TestRevealing:
    def test_it_is_shown_once_not_kept_by_browsers_and_on_record(self, district) -> None:
        number = id_number()
        person = person_in(district.unit, number=number)
        url = reverse("people:reveal", args=[person.pk])
        client = browser(district.owner)
        assert number not in client.get(url).content.decode()
        shown = client.post(url, {"why": "核对毕业证书"})
        assert shown.content.decode().count(number) == 1
        assert "no-store" in shown.headers["Cache-Control"]
        assert history(person).get().note_row.text == "核对毕业证书"
        assert number not in client.get(person.get_absolute_url()).content.decode()

    def test_without_a_reason_nothing(self, district) -> None:
        number = id_number()
        person = person_in(district.unit, number=number)
        response = browser(district.owner).post(reverse("people:reveal", args=[person.pk]), {"why": " "})
        assert response.status_code == 422
        assert number not in response.content.decode()
        assert not history(person).exists()


def test_a_clerk_of_two_units_chooses(district) -> None:
    from luojiang_ce.access import Role
    from units.models import Assignment

    Assignment.objects.create(
        account=district.owner, role=Role.UNIT_CLERK, unit=district.neighbour_unit,
        valid_from=clock.today() - timedelta(days=1),
    )  # fmt: skip
    client = browser(district.fresh(district.owner))
    client.post(NEW, {**post(), "unit": district.neighbour_unit.pk})
    assert Person.objects.get().job.unit == district.neighbour_unit
