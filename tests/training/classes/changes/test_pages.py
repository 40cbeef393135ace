"""The pages of changes: as many queries for 30 rows as for 3, old beside new, who is shown what."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.queries import statements
from tests.training.classes.changes.factories import a_change, a_class, later
from tests.training.classes.factories import a_lecturer, a_row, an_application, enrolled, far_monday
from tests.units.views.helpers import browser
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication

pytestmark = pytest.mark.django_db
State = ClassApplication.State


def queries(client: Client, address: str) -> int:
    with statements() as found:
        assert client.get(address).status_code == 200
    return len(found)


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


class TestQueries:
    @pytest.mark.parametrize("who", ["owner", "handler"])
    def test_the_list(self, district: District, who: str) -> None:
        client, counted = browser(getattr(district, who)), []
        for count in (3, 27):
            for _ in range(count):
                a_change(district, "submitted", rows={"room": "305"})
            counted.append(queries(client, reverse("changes:list")))
        assert counted[0] == counted[1] <= 12

    @pytest.mark.parametrize("who", ["owner", "handler", "approver"])
    @pytest.mark.parametrize("state", ["draft", "submitted", "checked", "approved"])
    def test_the_case_page(self, district: District, state: str, who: str) -> None:
        if state == "draft" and who != "owner":
            return
        client, counted = browser(getattr(district, who)), []
        for count in (3, 30):
            opens = far_monday() + timedelta(days=count * 7)
            facts = {"ends_on": opens + timedelta(days=count), "days": Decimal(1 + count)}
            application = a_class(district, opens_on=opens, **facts)
            for number in range(count):
                lecturer = a_lecturer(district.unit, f"教师{'甲' * (number + 1)}", resume_by=district.owner)
                a_row(application, lecturer=lecturer, date=application.opens_on + timedelta(days=number + 1))
            change = a_change(district, state, application=application, rows={"room": "305"}, **later(application, 7))
            counted.append(queries(client, change.get_absolute_url()))
        assert counted[0] == counted[1] <= 20

    def test_the_grid(self, district: District) -> None:
        client, counted = browser(district.owner), []
        for count in (3, 30):
            application = a_class(district)
            for number in range(count):
                a_row(application, date=application.opens_on + timedelta(days=number + 1))
            change = a_change(district, application=application)
            counted.append(queries(client, reverse("changes:timetable", args=[change.pk])))
        assert counted[0] == counted[1]

    def test_the_page_of_a_class_with_its_changes(self, district: District) -> None:
        client, counted = browser(district.handler), []
        for count in (3, 30):
            application = a_class(district)
            for _ in range(count):
                a_change(district, "approved", application=application)
            counted.append(queries(client, application.get_absolute_url()))
        assert counted[0] == counted[1] <= 20

    def test_own_trainees_of_changed_classes(self, district: District) -> None:
        client, counted = browser(district.owner), []
        for count in (3, 27):
            for _ in range(count):
                application = a_class(district)
                a_change(district, "approved", application=application)
                enrolled(application, person_in(district.unit))
            counted.append(queries(client, reverse("classes:own_trainees")))
        assert counted[0] == counted[1] <= 12


class TestWhoSees:
    def test_the_class_says_what_was_changed_to_all_who_see_it(self, district: District) -> None:
        change = a_change(district, "approved")
        for who in (district.owner, district.handler, district.approver, district.audit_admin):
            said = page(browser(who), "classes:class", change.application_id)
            assert "区文化馆 3 楼" in said
            assert change.number in said

    def test_a_draft_is_its_unit_s_own(self, district: District) -> None:
        change = a_change(district)
        assert "变更草稿" in page(browser(district.owner), "classes:class", change.application_id)
        assert "变更草稿" not in page(browser(district.handler), "classes:class", change.application_id)

    def test_another_organiser_reads_it(self, district: District) -> None:
        application = a_class(district)
        application.organisers.create(part="helper", name="协办", unit=district.neighbour_unit, position=2)
        change = a_change(district, "submitted", application=application)
        assert ClassChange.objects.visible_to(district.neighbour).filter(pk=change.pk).exists()
        assert browser(district.neighbour).get(reverse("changes:edit", args=[change.pk])).status_code == 404

    @pytest.mark.parametrize("name", ["own_trainees", "enrol", "trainees"])
    def test_the_trainees_units_see_old_and_new(self, district: District, name: str) -> None:
        application = a_class(district)
        enrolled(application, person_in(district.neighbour_unit))
        a_change(district, "approved", application=application, place="区文化馆 3 楼")
        who = district.owner if name == "trainees" else district.neighbour
        said = page(browser(who), f"classes:{name}", *([] if name == "own_trainees" else [application.pk]))
        assert "已调整" in said
        assert f"地点 区文化馆 3 楼，原为 {application.place}" in said

    def test_what_is_only_asked_for_is_not_told_to_them(self, district: District) -> None:
        application = a_class(district)
        enrolled(application, person_in(district.neighbour_unit))
        a_change(district, "submitted", application=application)
        assert "已调整" not in page(browser(district.neighbour), "classes:own_trainees")

    def test_the_list_of_open_classes_marks_them(self, district: District) -> None:
        a_change(district, "approved")
        assert "已调整" in page(browser(district.neighbour), "classes:open")


class TestForm:
    def test_a_class_moved_from_its_page(self, district: District) -> None:
        application, client = a_class(district), browser(district.owner)
        assert reverse("changes:new", args=[application.pk]) in page(client, "classes:class", application.pk)
        opens = application.opens_on + timedelta(days=7)
        typed = {"opens_on": opens.isoformat(), "place": "区文化馆", "reason": "会议室检修"}
        answer = client.post(reverse("changes:new", args=[application.pk]), typed)
        change = ClassChange.objects.get()
        assert answer.headers["Location"] == change.get_absolute_url()
        said = page(client, "changes:classchange", change.pk)
        assert "最后哪天报送" in said
        assert "区文化馆" in said
        assert [row["date"] for row in change.proposed["rows"]] == [opens.isoformat()]

    def test_a_second_click_leads_to_the_open_one(self, district: District) -> None:
        change = a_change(district)
        answer = browser(district.colleague).get(reverse("changes:new", args=[change.application_id]))
        assert answer.headers["Location"] == change.get_absolute_url()

    def test_no_change_of_a_class_that_is_over_or_not_approved(self, district: District) -> None:
        client = browser(district.owner)
        over = a_class(district, opens_on=clock.today() - timedelta(days=3))
        filed = an_application(district.unit, State.SUBMITTED)
        for application in (over, filed):
            assert "申请变更" not in page(client, "classes:class", application.pk)
            answer = client.get(reverse("changes:new", args=[application.pk]))
            assert answer.headers["Location"] == application.get_absolute_url()

    def test_a_day_outside_the_calendar_is_said_beside_its_field(self, district: District) -> None:
        answer = browser(district.owner).post(
            reverse("changes:new", args=[a_class(district).pk]), {"opens_on": "9999-01-01", "reason": "改"}
        )
        assert answer.status_code == 422
        assert "请核对年份" in answer.content.decode()

    def test_everything_that_is_wrong_is_listed_with_where_it_is_mended(self, district: District) -> None:
        change = a_change(district, rows={"hours": 9}, place="")
        said = page(browser(district.owner), "changes:classchange", change.pk)
        for text in ("还没有填地点", "最多 4.0 学时", "超过半日上限"):
            assert text in said
        assert f"{reverse('changes:timetable', args=[change.pk])}#grid" in said
        assert f"{reverse('changes:edit', args=[change.pk])}#id_place" in said

    def test_rows_of_the_past_are_shown_and_not_offered(self, district: District) -> None:
        application = a_class(
            district, opens_on=clock.today() - timedelta(days=1), ends_on=clock.today() + timedelta(days=1)
        )
        a_row(application, date=clock.today() + timedelta(days=1), course="最后一讲")
        change = a_change(district, application=application)
        answer = browser(district.owner).get(reverse("changes:timetable", args=[change.pk]))
        assert [row.date for row in answer.context["fixed"]] == [application.opens_on]
        assert answer.context["lines"][0]["number"] == 2
        assert answer.context["grid"].forms[0].initial["course"] == "最后一讲"


def test_the_form_for_the_stamp_has_old_and_new(district: District) -> None:
    change = a_change(district, "submitted", rows={"room": "305"}, place="区文化馆 3 楼")
    answer = browser(district.owner).get(reverse("changes:form_pdf", args=[change.pk]))
    said = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).replace("\n", "")
    for text in ("变更申请表", "原批准", "变更为", "区文化馆3楼", "305", "会议室检修", "施教机构意见"):
        assert text.replace(" ", "") in said.replace(" ", "")


def test_the_workbook_of_the_list(district: District) -> None:
    a_change(district, "submitted")
    assert browser(district.handler).get(reverse("changes:export")).status_code == 200


def test_a_unit_of_another_class_sees_nothing(district: District) -> None:
    application = an_application(UnitFactory(), State.APPROVED)
    assert browser(district.owner).get(reverse("changes:new", args=[application.pk])).status_code == 404
