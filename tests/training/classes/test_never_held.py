"""A class that never took place: reported by its provider or proposed by the bureau, closed, its clock ended (C7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, running
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.factories import person_in
from tests.training.classes.factories import an_application, enrolled
from tests.training.classes.test_letters import text_of
from tests.training.factories import sign_all
from tests.units.views.helpers import browser
from training.attendance.freezing import reasons_against
from training.attendance.models import Sign
from training.classes.models import ClassApplication
from training.classes.published import sessions, state_of
from training.classes.services.applications import free_sessions
from training.classes.services.trainees import remove, why_closed
from training.plans.reach import reach_of
from training.recognition.services import open_recognition
from units.extensions.models import Lapse
from units.lapses.lapsing import record_overdue

pytestmark = pytest.mark.notice("一(五)3")
State = ClassApplication.State
OPENS = date(2026, 10, 12)
WHY = "报名不足，当天没有开班"


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI)


@pytest.fixture
def case(district: District) -> ClassApplication:
    """An approved class with its notice and one trainee of the neighbour."""
    found = an_application(district.unit, State.CHECKED, opens_on=OPENS)
    with clock.at(at(OPENS - timedelta(days=20))):
        fire(found, "approve", actor=district.approver)
        enrolled(found, person_in(district.neighbour_unit))
        with blank_papers():
            sweep()
    return found


def refused(case: ClassApplication, name: str, actor) -> str:
    with pytest.raises(Refused) as raised:
        fire(case, name, actor=actor, note=WHY)
    case.refresh_from_db()
    return "\n".join(raised.value.reasons)


def owed_of(case: ClassApplication) -> list[str]:
    """What anybody owes about the class on the 20th day after it."""
    with clock.at(at(OPENS + timedelta(days=20))):
        return [each.title for each in running(Asked(terms_in_force())) if str(case) in each.title]


def test_the_provider_reports_and_the_handler_confirms(case, district):
    assert any("申报学时认定" in title for title in owed_of(case))
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "report_not_held", actor=district.owner, note=WHY)
        assert case.state == State.REPORTED
        fire(case, "confirm_not_held", actor=district.handler)
        sweep()
    assert case.state == State.NOT_HELD
    assert owed_of(case) == []
    notice, letter = (Paper.objects.of(case).get(kind=kind) for kind in ("opening_notice", "class_called_off"))
    assert (notice.state, notice.revoke_reason) == (Paper.State.REVOKED, "培训班未举办，已结案")
    said = text_of(letter)
    assert f"你单位报告未举办，原因：{WHY}。经核实，按未举办结案。" in said
    assert notice.number in said


def test_the_bureau_closes_it_without_the_provider(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "propose_not_held", actor=district.handler, note=WHY)
        assert "只有区人社局审批" in refused(case, "close_not_held", district.handler)
        fire(case, "close_not_held", actor=district.approver)
        sweep()
    assert case.state == State.NOT_HELD
    assert f"经查未举办，情况：{WHY}。经审批，按未举办结案。" in text_of(
        Paper.objects.of(case).get(kind="class_called_off")
    )


def test_two_persons_of_the_bureau_close_it(case, district):
    district.handler.assignments.create(role="bureau_approver", unit=district.bureau, valid_from=date(2017, 1, 1))
    both = district.fresh(district.handler)
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "propose_not_held", actor=both, note=WHY)
        assert "须为两人" in refused(case, "close_not_held", both)


def test_everybody_who_relied_on_it_is_told(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "report_not_held", actor=district.owner, note=WHY)
        Notice.objects.all().delete()
        fire(case, "confirm_not_held", actor=district.handler)
    told = set(Notice.objects.values_list("recipient", flat=True))
    assert told == {district.owner.pk, district.colleague.pk, district.neighbour.pk}


def test_its_session_is_free_again_and_no_more_than_planned(case, district):
    project = case.project
    project.sessions = 1
    project.save()
    assert free_sessions(project) == []
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "report_not_held", actor=district.owner, note=WHY)
        assert free_sessions(project) == []
        fire(case, "confirm_not_held", actor=district.handler)
    assert free_sessions(project) == [1]
    again = an_application(district.unit, project=project, opens_on=OPENS, session=1)
    assert again.session == case.session
    assert free_sessions(project) == []


@pytest.mark.parametrize("days", [-1, 0])
def test_nothing_is_reported_before_its_first_day_is_over(case, district, days):
    with clock.at(at(OPENS + timedelta(days=days))):
        for name, actor in (("report_not_held", district.owner), ("propose_not_held", district.handler)):
            said = refused(case, name, actor)
            assert "还没有过" in said
            assert "取消办班" in said


def test_a_class_with_signs_was_held(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        sign_all(case, list(case.enrolments.all()))
        said = refused(case, "report_not_held", district.owner)
        assert "条签到签退" in said
        assert "考勤" in said
        Sign.objects.update(struck_at=clock.now(), struck_by=district.owner, struck_reason="误登")
        fire(case, "report_not_held", actor=district.owner, note=WHY)


def test_signs_that_come_after_the_report_keep_it_open(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, "propose_not_held", actor=district.handler, note=WHY)
        sign_all(case, list(case.enrolments.all()))
        assert "条签到签退" in refused(case, "close_not_held", district.approver)


def test_a_class_whose_recognition_is_begun_was_held(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        open_recognition(application=case, actor=district.owner)
        said = refused(case, "propose_not_held", district.handler)
    assert "已开始学时认定（草稿）" in said
    assert "删除认定草稿" in said


def test_a_lapse_that_was_written_down_is_lifted(case, district):
    with clock.at(at(OPENS + timedelta(days=60))):
        record_overdue()
        lapse = Lapse.objects.get(kind="recognition", subject=str(case.pk))
        assert lapse.state == Lapse.State.PROPOSED
        fire(case, "propose_not_held", actor=district.handler, note=WHY)
        fire(case, "close_not_held", actor=district.approver)
        lapse.refresh_from_db()
        assert lapse.state == Lapse.State.LIFTED
        record_overdue()
        lapse.refresh_from_db()
    assert lapse.state == Lapse.State.LIFTED


@pytest.mark.parametrize(
    ("first", "back", "who"),
    [
        ("report_not_held", "withdraw_report", "owner"),
        ("report_not_held", "reject_report", "handler"),
        ("propose_not_held", "keep_open", "approver"),
    ],
)
def test_there_is_a_way_back_and_the_clock_runs_on(case, district, first, back, who):
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, first, actor=district.owner if first.startswith("report") else district.handler, note=WHY)
        fire(case, back, actor=getattr(district, who), note="当天已开班")
    assert case.state == State.APPROVED
    assert any("申报学时认定" in title for title in owed_of(case))


def test_a_neighbour_has_no_part_in_it(case, district):
    with clock.at(at(OPENS + timedelta(days=3))):
        assert actions_for(case, district.neighbour) == []
        assert browser(district.neighbour).get(case.get_absolute_url()).status_code == 404
        fire(case, "report_not_held", actor=district.colleague, note=WHY)
        fire(case, "confirm_not_held", actor=district.handler)
        page = browser(district.neighbour).get("/classes/trainees/").content.decode()
    assert "未举办" in page


@pytest.mark.parametrize(("name", "who"), [("report_not_held", "owner"), ("propose_not_held", "handler")])
def test_its_days_go_by_while_somebody_looks_whether_it_was_held(case, district, name, who):
    """The public is not told that it enrols, and nobody is taken off the list of a class that has ended."""
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, name, actor=getattr(district, who), note=WHY)
        assert state_of(sessions().get(pk=case.pk)) == "已结束"
        assert "报告撤回或不同意结案以后才能报名" in (why_closed(case) or "")
        (reason,) = reasons_against(case, [(OPENS, "morning")], district.owner)
        assert "报告撤回或不同意结案以后才能登记签到" in reason
        with pytest.raises(NotPossible, match="名单不能再改"):
            remove(
                application=case,
                enrolment_ids=[case.enrolments.get().pk],
                reason="工作需要",
                actor=district.owner,
            )


@pytest.mark.notice("三2")
@pytest.mark.parametrize(("name", "who"), [("report_not_held", "owner"), ("propose_not_held", "handler")])
def test_its_project_can_be_withdrawn_meanwhile(case, district, name, who):
    """It goes its own way: neither cancelled with the project nor said to go on."""
    with clock.at(at(OPENS + timedelta(days=3))):
        fire(case, name, actor=getattr(district, who), note=WHY)
        (reached,) = reach_of(case.project)
        assert (reached.begun, reached.ends_with_project, reached.fate(withdrawn=True)) == (False, False, "不受影响")
        fire(case.project, "withdraw", actor=district.approver, note="本年度不办")
        case.refresh_from_db()
        assert case.state in ClassApplication.CLOSING
        name, who = ("confirm_not_held", "handler") if who == "owner" else ("close_not_held", "approver")
        fire(case, name, actor=getattr(district, who))
        sweep()
        said = text_of(Paper.objects.of(case).get(kind="class_called_off"))
    assert f"计划项目（{case.project.number}）已撤销，不再受理" in said
