"""Changes to an approved class: what may be changed, who decides, what becomes of the class (product.md C5)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.check import verdict_of
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import assignment, person_in
from tests.training.classes.changes.factories import a_change, a_class, cells, with_evidence
from tests.training.classes.factories import a_lecturer, a_row, enrolled
from tests.training.factories import add_lessons, sign
from tests.units.views.helpers import browser
from training.attendance.timetable import slots_of_class
from training.classes.changes import services
from training.classes.changes.assess import findings
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication
from training.classes.papers import build_opening_notice, request_opening_notice
from training.classes.services.trainees import enrol_own
from units.extensions.models import Lapse
from units.lapses.lapsing import record_overdue
from units.models import Assignment

pytestmark = pytest.mark.django_db
State = ClassChange.State
AFTERNOON: dict[str, Any] = {"starts_at": time(14), "ends_at": time(17), "half_day": "afternoon"}
ISSUED: dict[str, Any] = {"issued_at": clock.now(), "sha256": "0" * 64}
MONDAY = date(2026, 12, 14)  # its last filing day is 30 November


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.SHANGHAI)


def refused(change: ClassChange, name: str, actor: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as raised:
        fire(change, name, actor=actor, **kwargs)
    return "\n".join(raised.value.reasons)


def begun(district: District, **kwargs: Any) -> ClassChange:
    """A draft as the page makes it."""
    application = kwargs.pop("application", None) or a_class(district)
    facts = {"reason": "会议室检修", "place": "", "opens_on": None, **kwargs}
    change = services.begin(application=application, actor=district.owner, **facts)
    with_evidence(district, change)
    return change


def approved(district: District, change: ClassChange) -> ClassChange:
    fire(change, "submit", actor=district.owner)
    fire(change, "check", actor=district.handler)
    fire(change, "approve", actor=district.approver)
    return change


def in_grid(district: District, change: ClassChange, rows: list[dict[str, Any]]) -> ClassChange:
    return services.save_rows(change=change, rows=rows, version=None, actor=district.owner)


def texts(change: ClassChange) -> str:
    return "\n".join(each.text for each in findings(ClassChange.objects.get(pk=change.pk)))


class TestTheClassStaysUntilItIsApproved:
    def test_only_what_differs_is_stored_and_the_class_is_untouched(self, district: District) -> None:
        application = a_class(district)
        a_row(
            application, starts_at=time(14), ends_at=time(17), half_day="afternoon", lecturer=a_lecturer(district.unit)
        )
        change = begun(district, application=application, place="区文化馆")
        rows = cells(application)
        rows[1]["room"] = "5B"
        in_grid(district, change, rows)
        change.refresh_from_db()
        assert change.proposed["head"] == {"place": "区文化馆"}
        assert [row["room"] for row in change.proposed["rows"]] == ["5B"]
        assert [row["room"] for row in change.former["rows"]] == ["4A"]
        before = ClassApplication.objects.get(pk=application.pk)
        assert (before.place, before.version) == (application.place, 0)
        assert "4A" in [row.room for row in before.timetable.all()]

    def test_what_is_changed_back_is_no_change(self, district: District) -> None:
        application = a_class(district)
        change = begun(district, application=application, opens_on=application.opens_on + timedelta(days=7))
        services.move(change=change, opens_on=application.opens_on, version=None, actor=district.owner)
        change.refresh_from_db()
        assert change.proposed == change.former == {}
        assert "还没有改动任何内容" in refused(change, "submit", district.owner)

    def test_a_class_has_one_open_change(self, district: District) -> None:
        change = begun(district, place="区文化馆")
        assert begun(district, application=change.application, place="别处") == change
        fire(change, "cancel", actor=district.owner)
        assert begun(district, application=change.application, place="别处") != change


class TestOnApproval:
    @pytest.mark.notice("一(五)2")
    def test_the_class_moves_with_all_its_sessions_in_one_piece(self, district: District) -> None:
        application = a_class(district)
        a_row(
            application, starts_at=time(14), ends_at=time(17), half_day="afternoon", lecturer=a_lecturer(district.unit)
        )
        kept = set(application.timetable.values_list("pk", flat=True))
        opens = application.opens_on + timedelta(days=14)
        approved(district, begun(district, application=application, opens_on=opens, place="区文化馆"))
        now = ClassApplication.objects.get(pk=application.pk)
        assert (now.opens_on, now.ends_on, now.place, now.version) == (opens, opens, "区文化馆", 1)
        assert {row.date for row in now.timetable.all()} == {opens}
        assert set(now.timetable.values_list("pk", flat=True)) == kept
        assert {slot.date for slot in slots_of_class(now)} == {opens}, "attendance has the new days"
        assert history(now).filter(name="changed").get().note_row.text.startswith("开班日期：")
        due = current_rules().due(deadline_kind("recognition"), now.ends_on)
        assert due.start == opens, "the clock of recognition follows"

    def test_an_amended_notice_takes_the_place_of_the_former(self, district: District) -> None:
        application = a_class(district)
        former = request_opening_notice(application, district.approver)
        Paper.objects.filter(pk=former.pk).update(number="洛人社开〔2026〕1号")
        change = approved(district, begun(district, application=application, place="区文化馆"))
        former.refresh_from_db()
        change.refresh_from_db()
        assert former.state == Paper.State.REVOKED
        assert change.notice.replaces == former
        Paper.objects.filter(pk=change.notice.pk).update(
            state=Paper.State.ISSUED, number="洛人社开〔2026〕2号", **ISSUED
        )
        assert former.replacement == change.notice, "the public check leads from the former one to the new one"
        verdict = verdict_of(former)
        assert verdict.word == "已被 洛人社开〔2026〕2号 替代，不能使用"
        assert "以变更后的准予开班通知为准" in verdict.sentence
        said = "\n".join(build_opening_notice(change.notice)["paragraphs"])
        assert f"地点由“{application.place}”改为“区文化馆”" in said
        assert "原通知（洛人社开〔2026〕1号）自本通知印发之日起停止使用" in said
        assert "地点：区文化馆" in said

    def test_the_units_of_the_trainees_are_told(self, district: District) -> None:
        application = a_class(district)
        enrolled(application, person_in(district.neighbour_unit))
        opens = application.opens_on + timedelta(days=7)
        approved(district, begun(district, application=application, opens_on=opens))
        told = Notice.objects.get(recipient=district.neighbour)
        assert told.title == f"培训班有调整：{application}"
        assert "原为" in told.text
        assert not Notice.objects.filter(recipient=district.health_reviewer).exists()

    def test_so_are_those_of_people_who_wait_for_a_place(self, district: District) -> None:
        application = a_class(district, people=1)
        enrolled(application, person_in(district.unit))
        enrol_own(application=application, person_ids=[person_in(district.neighbour_unit).pk], actor=district.neighbour)
        Notice.objects.all().delete()
        approved(district, begun(district, application=application, place="区文化馆"))
        assert Notice.objects.filter(recipient=district.neighbour, title=f"培训班有调整：{application}").exists()
        (row,) = browser(district.neighbour).get("/classes/trainees/").context["in_line"]
        assert row.adjusted[0].texts == [f"地点 区文化馆，原为 {application.place}"]

    def test_of_two_officers_one_decides(self, district: District) -> None:
        change = a_change(district, "checked")
        same = ClassChange.objects.get(pk=change.pk)
        fire(change, "approve", actor=district.approver)
        assert "现在的状态是“已同意变更”" in refused(same, "refuse", district.approver, note="迟了")

    def test_four_eyes(self, district: District) -> None:
        Assignment.objects.bulk_create([assignment(district.handler, Role.BUREAU_APPROVER, district.bureau)])
        change = a_change(district, "submitted")
        handler = district.fresh(district.handler)
        fire(change, "check", actor=handler)
        assert "须为两人" in refused(change, "approve", handler)


class TestMeanwhile:
    def test_a_class_that_was_changed_is_not_changed_over(self, district: District) -> None:
        change = a_change(district, "checked")
        ClassApplication.objects.filter(pk=change.application_id).update(version=5)
        assert "有过改动" in refused(change, "approve", district.approver)
        assert ClassApplication.objects.get(pk=change.application_id).place != "区文化馆 3 楼"

    def test_a_class_of_which_it_is_asked_whether_it_was_held_is_not_changed(self, district: District) -> None:
        change = a_change(district, "checked")
        ClassApplication.objects.filter(pk=change.application_id).update(state="reported")
        assert "已报告未举办" in refused(change, "approve", district.approver)
        fire(change, "refuse", actor=district.approver, note="培训班没有举办")
        assert change.state == State.REFUSED

    def test_a_draft_is_compared_anew_when_it_is_saved(self, district: District) -> None:
        change = begun(district, place="区文化馆")
        ClassApplication.objects.filter(pk=change.application_id).update(version=3, people=39)
        assert "请打开申请核对" in refused(change, "submit", district.owner)
        services.save_head(change=change, reason="改地点", version=None, actor=district.owner, place="区文化馆")
        change.refresh_from_db()
        assert change.proposed["head"] == {"place": "区文化馆"}
        fire(change, "submit", actor=district.owner)

    def test_two_tabs_the_second_sees_both(self, district: District) -> None:
        change = begun(district, place="甲地")
        services.save_head(change=change, reason="甲", version=0, actor=district.owner)
        with pytest.raises(Conflict):
            services.save_head(change=change, reason="乙", version=0, actor=district.colleague)
        with pytest.raises(Conflict):
            services.move(change=change, opens_on=change.application.opens_on, version=0, actor=district.colleague)


@pytest.mark.notice("一(五)2")
class TestTenWorkingDays:
    """A new opening on 2026-12-14: filed until 30 November, 24:00."""

    def moved(self, district: District, opens_on: date = MONDAY) -> ClassChange:
        with clock.at(at(date(2026, 11, 20))):
            application = a_class(district, opens_on=date(2026, 12, 21))
            return begun(district, application=application, opens_on=opens_on)

    def test_the_last_minute_is_in_time(self, district: District) -> None:
        change = self.moved(district)
        with clock.at(at(date(2026, 11, 30), 23, 59)):
            fire(change, "submit", actor=district.owner)

    def test_the_next_day_is_too_late(self, district: District) -> None:
        change = self.moved(district)
        with clock.at(at(date(2026, 12, 1), 0)):
            assert "已过开班申请期限" in refused(change, "submit", district.owner)

    def test_a_class_that_is_put_off_is_announced_as_early(self, district: District) -> None:
        change = self.moved(district, date(2026, 12, 28))
        with clock.at(at(date(2026, 12, 15))):
            assert "已过开班申请期限" in refused(change, "submit", district.owner)

    def test_a_return_does_not_let_it_come_forward(self, district: District) -> None:
        change = self.moved(district)
        with clock.at(at(date(2026, 11, 30))):
            fire(change, "submit", actor=district.owner)
            fire(change, "return", actor=district.handler, data={"items": [{"wrong": "理由", "where": "", "mend": ""}]})
        with clock.at(at(date(2026, 12, 2))):
            services.move(change=change, opens_on=date(2026, 12, 11), version=None, actor=district.owner)
            assert "已过开班申请期限" in refused(change, "resubmit", district.owner)
            services.move(change=change, opens_on=MONDAY, version=None, actor=district.owner)
            fire(change, "resubmit", actor=district.owner)
        assert change.state == State.SUBMITTED

    def test_a_change_of_the_place_has_no_such_day(self, district: District) -> None:
        with clock.at(at(date(2026, 12, 11))):
            change = begun(district, application=a_class(district, opens_on=MONDAY), place="区文化馆")
            fire(change, "submit", actor=district.owner)
        assert change.state == State.SUBMITTED

    def test_its_new_opening_day_has_come_before_it_was_agreed_to(self, district: District) -> None:
        change = self.moved(district)
        with clock.at(at(date(2026, 11, 30))):
            fire(change, "submit", actor=district.owner)
            fire(change, "check", actor=district.handler)
        with clock.at(at(MONDAY)):
            assert "新的开班日期 12月14日 已到" in refused(change, "approve", district.approver)

    def test_a_change_that_nobody_filed_is_no_lapse(self, district: District) -> None:
        self.moved(district)
        with clock.at(at(date(2026, 12, 10))):
            record_overdue()
        assert not Lapse.objects.filter(kind="opening").exists()


def test_an_opening_moved_to_yesterday(district: District) -> None:
    application = a_class(district)
    yesterday = clock.today() - timedelta(days=1)
    change = begun(district, application=application, opens_on=yesterday)
    said = refused(change, "submit", district.owner)
    assert "不在今天以后，请改为以后的日期" in said
    assert "已过开班申请期限" in said


class TestAClassThatHasBegun:
    """The class of 14 and 15 December; on the 14th at noon its first half-day is over."""

    def half_over(self, district: District) -> ClassChange:
        with clock.at(at(date(2026, 11, 2))):
            lecturer = a_lecturer(district.unit, resume_by=district.owner)
            application = a_class(district, opens_on=MONDAY, days=Decimal(2), ends_on=MONDAY + timedelta(days=1))
            application.timetable.all().delete()
            keys = [(MONDAY, "morning"), (MONDAY, "afternoon"), (MONDAY + timedelta(days=1), "morning")]
            add_lessons(application, keys, lecturer=lecturer, room="4A", hours=Decimal(1))
        with clock.at(at(MONDAY, 12)):
            return begun(district, application=application)

    def test_half_days_that_are_ahead_can_change(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 12)):
            rows = cells(change.application, room="5B")[1:]
            in_grid(district, change, rows)
            change.refresh_from_db()
            assert len(change.proposed["rows"]) == 2
            approved(district, change)
        assert [row.room for row in change.application.timetable.all()] == ["4A", "5B", "5B"]

    def test_what_is_past_stays_whatever_the_grid_sends(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 12)):
            in_grid(district, change, [])
            change.refresh_from_db()
            kept = list(change.former["rows"])
        assert [row["half_day"] for row in kept] == ["afternoon", "morning"]
        assert str(kept[1]["date"]) == "2026-12-15"

    def test_what_has_begun_meanwhile_is_put_right_by_saving_the_rest(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 12)):
            in_grid(district, change, cells(change.application, room="5B")[1:])
        with clock.at(at(MONDAY, 15)):
            assert "12月14日下午已经开始" in texts(change)
            in_grid(district, change, cells(change.application, room="5B")[2:])
            assert texts(change) == ""
            change.refresh_from_db()
            assert [row["date"] for row in change.proposed["rows"]] == ["2026-12-15"]

    def test_an_opening_that_cannot_be_moved_any_more_is_moved_back(self, district: District) -> None:
        with clock.at(at(date(2026, 11, 2))):
            change = begun(district, application=a_class(district, opens_on=MONDAY), opens_on=date(2026, 12, 28))
        with clock.at(at(MONDAY, 7)):
            services.move(change=change, opens_on=MONDAY, version=None, actor=district.owner)
            change.refresh_from_db()
            assert change.proposed == {}

    def test_a_half_day_that_began_while_it_lay_with_the_bureau(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 12)):
            in_grid(district, change, cells(change.application, room="5B")[1:])
            change.refresh_from_db()
            fire(change, "submit", actor=district.owner)
        with clock.at(at(MONDAY, 15)):
            assert "12月14日下午已经开始或已有签到，不能再改" in refused(change, "settle", district.handler)

    def test_a_half_day_in_which_somebody_signed_early(self, district: District) -> None:
        change = self.half_over(district)
        trainee = enrolled(change.application, person_in(district.unit))
        with clock.at(at(MONDAY, 12)):
            in_grid(district, change, cells(change.application, room="5B")[1:])
            sign(trainee, MONDAY, "afternoon", time_in=time(13, 50), time_out=None)
            change.refresh_from_db()
            assert "12月14日下午已经开始或已有签到" in refused(change, "submit", district.owner)

    def test_no_lesson_is_moved_into_the_past(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 15)):
            rows = cells(change.application)[2:]
            rows[0] |= {"date": MONDAY, "half_day": "morning"}
            in_grid(district, change, rows)
            assert "改到的时间已过" in texts(change)

    def test_its_opening_and_its_fee_stay(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(MONDAY, 12)):
            with pytest.raises(NotPossible, match="已经开班，不能再改开班日期"):
                services.move(change=change, opens_on=date(2026, 12, 28), version=None, actor=district.owner)
            services.save_head(
                change=change,
                reason="改",
                version=None,
                actor=district.owner,
                charges=True,
                fee=Decimal(90),
                fee_document="1号",
            )
            assert "培训班已经开班，不能再改收费" in texts(change)

    def test_a_change_of_the_opening_that_was_filed_before_it(self, district: District) -> None:
        with clock.at(at(date(2026, 11, 2))):
            application = a_class(district, opens_on=MONDAY)
            change = begun(district, application=application, opens_on=date(2026, 12, 28))
            fire(change, "submit", actor=district.owner)
            fire(change, "check", actor=district.handler)
        with clock.at(at(MONDAY, 15)):
            said = refused(change, "approve", district.approver)
        assert "培训班已于 2026年12月14日 开班，不能再改开班日期" in said
        application.refresh_from_db()
        assert application.opens_on == MONDAY

    def test_a_class_that_has_ended_is_not_changed(self, district: District) -> None:
        change = self.half_over(district)
        with clock.at(at(date(2026, 12, 16))):
            assert "已于 2026年12月15日 结束，不能再变更" in refused(change, "submit", district.owner)
            fire(change, "cancel", actor=district.owner)
            with pytest.raises(NotPossible, match="不能再变更"):
                begun(district, application=change.application)


# --- a class that ends ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "checked"])
def test_a_change_ends_with_the_class_that_is_called_off(district: District, state: str) -> None:
    """Nobody is left with a change to decide of a class that is not held any more."""
    change = a_change(district, state)
    fire(change.application, "cancel", actor=district.owner, note="报名不足")
    change.refresh_from_db()
    assert (change.state, history(change).last().note_row.text) == ("cancelled", "培训班已取消")
    assert Notice.objects.filter(title__contains="随同作废").exists() == (state != "draft")


def test_a_decided_change_stays_decided_when_the_class_is_called_off(district: District) -> None:
    change = a_change(district, "approved")
    fire(change.application, "cancel", actor=district.owner, note="报名不足")
    change.refresh_from_db()
    assert change.state == "approved"
