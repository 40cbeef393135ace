"""A changed class is as sound as one that is filed, and what is so small that the handler decides alone (C5)."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.engine import actions_for, fire
from tests.conftest import District
from tests.factories import person_in
from tests.training.classes.changes.cases import another_room
from tests.training.classes.changes.factories import a_change, a_class
from tests.training.classes.changes.test_changes import (
    AFTERNOON,
    State,
    approved,
    begun,
    cells,
    in_grid,
    refused,
    texts,
)
from tests.training.classes.factories import a_lecturer, a_row, enrolled
from tests.training.factories import class_of
from tests.units.views.helpers import browser
from training.classes.changes import services
from training.classes.changes.assess import content_of, why_not_small
from training.classes.models import ClassApplication, Lecturer, TimetableRule

pytestmark = pytest.mark.django_db


class TestAsSoundAsAnyClass:
    def test_thirteen_hours_in_a_day(self, district: District) -> None:
        change = begun(district)
        row = cells(change.application)[0]
        times = [(8, 12, "morning"), (13, 17, "afternoon"), (18, 22, "evening")]
        spread = [{"starts_at": time(a), "ends_at": time(b), "half_day": h} for a, b, h in times]
        rows = [row | each | {"hours": Decimal(h)} for each, h in zip(spread, (5, 4, 4), strict=True)]
        in_grid(district, change, rows)
        said = texts(change)
        assert "共 13 学时，超过全日上限 8" in said
        assert "共 5 学时，超过半日上限 4" in said
        assert "多于公布的计划和原批准的 4" in said
        assert "超过全日上限" in refused(change, "submit", district.owner)

    def test_a_lecturer_in_two_rooms(self, district: District) -> None:
        application = a_class(district)
        a_row(
            application,
            **AFTERNOON,
            lecturer=a_lecturer(district.unit, "沈听澜", resume_by=district.owner),
            room="5B",
            counts=False,
            hours=Decimal(0),
        )
        change = begun(district, application=application)
        rows = cells(application)
        rows[1] |= {
            "starts_at": time(9),
            "ends_at": time(12),
            "half_day": "morning",
            "lecturer_id": rows[0]["lecturer_id"],
        }
        in_grid(district, change, rows)
        assert "上午与第 1 行时间重叠" in texts(change)

    def test_a_lecturer_in_two_rooms_of_two_classes(self, district: District) -> None:
        first, second = a_class(district), a_class(district)
        change = begun(district, application=second)
        taken = first.timetable.get().lecturer_id
        in_grid(district, change, cells(second, lecturer_id=taken))
        assert f"在“{first}”授课" in refused(change, "submit", district.owner)

    def test_a_lecturer_without_a_resume(self, district: District) -> None:
        change = begun(district)
        new = Lecturer.objects.create(unit=district.unit, name="宁致远", employer="区质检站")
        in_grid(district, change, cells(change.application, lecturer_id=new.pk))
        assert "缺宁致远的简历" in texts(change)

    @pytest.mark.notice("三2")
    def test_the_fee_never_goes_up_without_a_number(self, district: District) -> None:
        change = begun(district)
        facts = {"reason": "改", "version": None, "actor": district.owner, "charges": True, "fee": Decimal(90)}
        services.save_head(change=change, fee_document="", **facts)
        assert "须填收费批准文号；没有批准的不得收费" in texts(change)
        services.save_head(change=change, fee_document="洛价〔2026〕9号", **facts)
        change.refresh_from_db()
        assert texts(change) == ""
        assert "还缺材料：收费批件" in refused(change, "submit", district.owner)

    def test_a_higher_fee_needs_another_number(self, district: District) -> None:
        application = a_class(district, charges=True, fee=Decimal(80), fee_document="洛价〔2025〕1号")
        change = begun(district, application=application)
        facts = {"reason": "改", "version": None, "actor": district.owner, "fee": Decimal(90)}
        services.save_head(change=change, **facts)
        assert "提高收费须填新的批准文号" in texts(change)

    def test_no_more_than_the_plan(self, district: District) -> None:
        change = begun(district)
        services.save_head(
            change=change, reason="改", version=None, actor=district.owner, days=Decimal(3),
            ends_on=change.application.ends_on + timedelta(days=2),
        )  # fmt: skip
        assert "天数多于公布的计划和原批准的 1 天" in texts(change)

    def test_no_fewer_places_than_trainees(self, district: District) -> None:
        change = begun(district)
        for _ in range(2):
            enrolled(change.application, person_in(district.unit))
        services.save_head(change=change, reason="改", version=None, actor=district.owner, people=1)
        assert "名单里已有 2 人" in texts(change)

    def test_fewer_places_than_the_minimum_are_mended_in_the_change_itself(self, district: District) -> None:
        change = begun(district, application=a_class(district, people=40, minimum=20))
        head = content_of(change).head
        facts = {name: head[name] for name in ("ends_on", "days", "place", "charges", "fee", "fee_document")}
        save = partial(services.save_head, change=change, reason="报名少", version=None, actor=district.owner, **facts)
        save(people=15, minimum=20)
        assert "最低人数 20 人多于计划人数 15 人" in texts(change)
        client = browser(district.owner)
        form = client.get(reverse("changes:edit", args=[change.pk])).context["form"]
        assert form["minimum"].value() == 20
        save(people=15, minimum=10)
        assert texts(change) == ""
        approved(district, change)
        after = ClassApplication.objects.get(pk=change.application_id)
        assert (after.people, after.minimum) == (15, 10)
        page = client.get(change.get_absolute_url()).content.decode()
        assert "最低人数" in page

    def test_into_another_year(self, district: District) -> None:
        application = a_class(district)
        change = begun(district, application=application, opens_on=date(application.opens_on.year + 1, 3, 1))
        assert "不在项目的计划年度" in texts(change)

    @pytest.mark.notice("三2")
    def test_it_is_not_moved_past_the_end_of_the_approved_scope(self, district: District) -> None:
        application = a_class(district)
        change = begun(district, application=application, opens_on=application.opens_on + timedelta(days=7))
        assert "核定培训资质" not in texts(change)
        district.unit.scopes.update(valid_to=application.opens_on + timedelta(days=3))
        assert "没有有效的核定培训资质（通知 三2）" in texts(change)
        assert "没有有效的核定培训资质" in refused(change, "submit", district.owner)
        district.unit.scopes.update(valid_to=application.opens_on - timedelta(days=1))
        assert "核定培训资质" not in texts(change), "the class was let pass without a scope before"

    def test_what_was_wrong_with_the_class_before_is_not_held_against_the_change(self, district: District) -> None:
        application = class_of(district.unit, opens_on=clock.today() + timedelta(days=60))
        change = begun(district, application=application, place="区文化馆")
        assert texts(change) == ""


class TestSmallChanges:
    def test_another_room_is_the_handler_s_alone(self, district: District) -> None:
        change = a_change(district, rows={"room": "305"})
        fire(change, "submit", actor=district.owner)  # no evidence is asked for
        fire(change, "settle", actor=district.handler)
        assert change.state == State.APPROVED
        assert change.application.timetable.get().room == "305"
        assert change.notice is None, "what the notice says is as it was"

    def test_another_place_is_not(self, district: District) -> None:
        assert "有教室、授课教师以外的变更" in refused(a_change(district, "submitted"), "settle", district.handler)

    @pytest.mark.parametrize(
        ("title", "small"), [("研究员", True), ("正高级工程师", True), ("副教授", False), ("", False), ("院长", False)]
    )
    def test_another_lecturer_of_the_same_level(self, district: District, title: str, small: bool) -> None:
        new = a_lecturer(district.unit, "宁致远", resume_by=district.owner, title=title)
        change = a_change(district, rows={"lecturer_id": new.pk})
        assert (why_not_small(change) is None) == small

    def test_a_row_more_is_not_small(self, district: District) -> None:
        change = begun(district)
        rows = cells(change.application)
        in_grid(district, change, [*rows, rows[0] | {"course": "考核", "counts": False, "hours": 0}])
        change.refresh_from_db()
        assert why_not_small(change)

    def test_the_bureau_may_want_the_approver_for_all(self, district: District) -> None:
        TimetableRule.objects.update(small_changes=TimetableRule.SmallChanges.APPROVER)
        change = a_change(district, "submitted", rows={"room": "305"})
        assert "也须送审批" in refused(change, "settle", district.handler)
        names = [each.transition.name for each in actions_for(change, district.handler) if each.enabled]
        assert "check" in names

    def test_another_room_of_a_class_that_was_changed_meanwhile(self, district: District) -> None:
        change = a_change(district, "submitted", rows={"room": "305"})
        another_room(district, change)
        ClassApplication.objects.filter(pk=change.application_id).update(version=2)
        assert "有过改动" in refused(change, "settle", district.handler)
