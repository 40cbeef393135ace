"""Who may be sent where, and who hears of it (product.md I1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import owed_to, running_for
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import account_with, assignment
from tests.training.inspections.factories import (
    a_class,
    a_finding,
    a_report,
    a_visit,
    recorded,
    second_inspector,
    visit_in,
)
from training.classes.models import ClassOrganiser
from training.inspections import services
from training.inspections.models import Inspection, OutsideReport
from units.lapses.reminding import remind

pytestmark = pytest.mark.django_db


def seen_by(account: Any) -> list[int]:
    return list(Inspection.objects.visible_to(account).values_list("pk", flat=True))


def told(account: Any) -> list[str]:
    return list(Notice.objects.filter(recipient=account).values_list("title", flat=True))


@pytest.mark.notice("一(五)4")
def test_nothing_of_a_visit_reaches_the_unit_before_it_is_recorded(district: District) -> None:
    case = a_visit(district)
    for clerk in (district.owner, district.colleague):
        assert seen_by(clerk) == []
        assert told(clerk) == []
        assert [each for each in (*owed_to(clerk), *running_for(clerk)) if each.about == case] == []
    fire(case, "cancel", actor=district.handler, note="改期")
    assert seen_by(district.owner) == []
    assert told(district.owner) == []
    case = recorded(district)
    assert seen_by(district.owner) == [case.pk]
    assert told(district.owner) == [f"监督检查 {case.number} 已记录：{case}"]


def test_who_sees_a_visit(district: District) -> None:
    case = a_visit(district)
    everybody = (district.handler, district.approver, district.audit_admin, district.inspector)
    assert all(seen_by(each) == [case.pk] for each in everybody)
    other = account_with(Role.INSPECTOR, district.bureau, name="岑书白")
    strangers = (other, district.neighbour, district.overseer, district.keeper, district.consent)
    assert all(seen_by(each) == [] for each in strangers)
    recorded(district, case=case)
    assert all(seen_by(each) == [] for each in strangers)


def test_the_inspectors_are_told_and_find_the_visit_on_their_start_page(district: District) -> None:
    case = a_visit(district)
    for one in (district.inspector, second_inspector(district)):
        assert [title for title in told(one) if str(case.subject) in title]
        assert [each.about for each in owed_to(one) if each.is_owed_by(one)] == [case]
    assert [each.clock.due for each in running_for(district.handler) if each.about == case] == [clock.today()]


def test_one_inspector_is_not_enough_nor_one_person_with_two_accounts(district: District) -> None:
    again = account_with(Role.INSPECTOR, district.bureau, name=district.inspector.name)
    for pair in ([district.inspector], [district.inspector, again]):
        with pytest.raises(NotPossible, match="至少 2 人"):
            a_visit(district, inspectors=pair)


def test_who_is_no_inspector_is_not_sent(district: District) -> None:
    with pytest.raises(NotPossible, match="不是监督检查人员"):
        a_visit(district, inspectors=[district.inspector, district.keeper])


def test_an_inspector_of_the_inspected_unit_is_refused(district: District) -> None:
    """With the same account, or with another one of the same person."""
    mate = second_inspector(district)
    assignment(mate, Role.UNIT_CLERK, district.unit).save()
    with pytest.raises(NotPossible, match=f"{mate.name}是{district.unit.name}的人"):
        a_visit(district)
    double = account_with(Role.UNIT_CLERK, district.neighbour_unit, name=district.inspector.name)
    with pytest.raises(NotPossible, match=f"{double.name}是{district.neighbour_unit.name}的人"):
        a_visit(district, None, unit=district.neighbour_unit, place="3 楼")


def test_an_inspector_of_another_organiser_is_refused(district: District) -> None:
    course = a_class(district)
    ClassOrganiser.objects.create(application=course, part="helper", name="协办", unit=district.neighbour_unit)
    assignment(second_inspector(district), Role.UNIT_CLERK, district.neighbour_unit).save()
    with pytest.raises(NotPossible, match="不能检查本单位"):
        a_visit(district, course)


def test_a_declared_conflict_is_refused_until_it_is_ended(district: District) -> None:
    facts = {"account": district.inspector, "unit": district.unit, "reason": "近亲属在该单位工作"}
    conflict = services.declare_conflict(**facts, actor=district.inspector)
    with pytest.raises(NotPossible, match="已申报回避"):
        a_visit(district)
    with pytest.raises(NotPossible, match="不必再申报"):
        services.declare_conflict(**facts, actor=district.handler)
    with pytest.raises(PermissionDenied):
        services.end_conflict(conflict=conflict, actor=district.inspector)
    services.end_conflict(conflict=conflict, actor=district.handler)
    assert a_visit(district).state == "assigned"


def test_of_a_conflict_declared_after_the_sending_the_handlers_hear_at_once(district: District, client: Any) -> None:
    case, elsewhere = a_visit(district), a_visit(district, None, place="云海酒店", provider_name="某公司")
    services.declare_conflict(
        account=district.inspector, unit=district.unit, reason="近亲属任职", actor=district.inspector
    )
    told = Notice.objects.filter(recipient=district.handler, title__startswith="请改派：")
    assert [(district.inspector.name in each.title, district.inspector.name in each.text) for each in told] == [
        (False, True)
    ]
    client.force_login(district.handler)
    page = client.get(case.get_absolute_url()).content.decode()
    assert f"{district.inspector.name}已申报回避{district.unit.name}" in page
    assert "请改派检查人" not in client.get(elsewhere.get_absolute_url()).content.decode()
    client.force_login(district.inspector)
    assert "请改派检查人" not in client.get(case.get_absolute_url()).content.decode()


def test_nobody_declares_for_another_but_a_handler(district: District) -> None:
    facts = {"account": second_inspector(district), "unit": district.unit, "reason": "原单位"}
    with pytest.raises(PermissionDenied):
        services.declare_conflict(**facts, actor=district.inspector)


def test_every_reason_is_told_at_once(district: District) -> None:
    assignment(second_inspector(district), Role.UNIT_CLERK, district.unit).save()
    services.declare_conflict(account=district.inspector, unit=district.unit, reason="原单位", actor=district.handler)
    with pytest.raises(NotPossible) as refused:
        a_visit(district)
    assert len(refused.value.by_field["inspectors"]) == 2


def test_the_same_visit_is_not_arranged_twice(district: District) -> None:
    course = a_class(district)
    a_visit(district, course)
    with pytest.raises(NotPossible, match="已安排检查"):
        a_visit(district, course)
    a_visit(district, course, planned_half_day="afternoon")


@pytest.mark.parametrize("state", ["cancelled", "not_held", "approved"])
def test_a_class_that_was_called_off_is_visited_all_the_same(district: District, state: str) -> None:
    course = a_class(district)
    type(course).objects.filter(pk=course.pk).update(state=state)
    assert a_visit(district, course).unit == district.unit


def test_a_draft_is_no_class_to_visit(district: District) -> None:
    course = a_class(district)
    type(course).objects.filter(pk=course.pk).update(state="draft")
    with pytest.raises(NotPossible, match="还没有准予开班"):
        a_visit(district, course)


def test_a_place_that_nobody_published_is_visited_and_attached_to_a_class_later(district: District) -> None:
    case = a_visit(district, None, place="云海酒店 3 楼", event_name="技能提升班", provider_name="云海培训中心")
    assert (str(case), case.provider) == ("技能提升班现场检查", "云海培训中心")
    case = recorded(district, case=case)
    assert seen_by(district.owner) == []
    course = a_class(district)
    services.attach_class(case=case, application=course, actor=district.handler)
    assert seen_by(district.owner) == [case.pk]
    assert len(told(district.owner)) == 1
    with pytest.raises(NotPossible, match="已归入"):
        services.attach_class(case=case, application=course, actor=district.handler)


def test_a_visit_is_not_attached_to_the_class_of_another_unit_or_of_an_inspector(district: District) -> None:
    case = a_visit(district, None, place="3 楼", unit=district.neighbour_unit)
    with pytest.raises(NotPossible, match="请核对编号"):
        services.attach_class(case=case, application=a_class(district), actor=district.handler)
    case = a_visit(district, None, place="4 楼")
    assignment(second_inspector(district), Role.UNIT_CLERK, district.unit).save()
    with pytest.raises(NotPossible, match="另行安排"):
        services.attach_class(case=case, application=a_class(district), actor=district.handler)


def test_nobody_but_a_handler_sends_inspectors(district: District) -> None:
    for other in (district.approver, district.inspector, district.owner):
        with pytest.raises(PermissionDenied):
            services.assign(inspectors=[], planned_on=clock.today(), place="3 楼", actor=other)


def test_a_visit_is_changed_until_it_is_recorded(district: District) -> None:
    case, other = a_visit(district), account_with(Role.INSPECTOR, district.bureau, name="岑书白")
    facts: dict[str, Any] = {
        **{"planned_half_day": "", "place": "5 楼", "focus": "", "actor": district.handler},
        **{"inspectors": [district.inspector, other], "planned_on": clock.today() + timedelta(days=1)},
    }
    services.change(case=case, version=0, **facts)
    assert seen_by(other) == [case.pk]
    assert seen_by(second_inspector(district)) == []
    assert f"不再由您检查：{case.subject}" in told(second_inspector(district))
    with pytest.raises(Conflict):
        services.change(case=case, version=0, **facts)
    done = visit_in(district, "recorded")
    with pytest.raises(NotPossible, match="不能再改"):
        services.change(case=done, version=done.version, **facts)


def test_a_report_starts_a_visit_and_nobody_inspected_or_inspecting_reads_it(district: District) -> None:
    report = a_report(district, text="来电人 110101199003074514 反映")
    assert "110101199003074514" not in report.text
    case = a_visit(district, None, unit=district.unit, place="3 楼", report=report, origin="report")
    report.refresh_from_db()
    assert report.state == "inspected"
    assert case.origin == "report"
    for one in (district.inspector, district.owner, district.overseer, district.audit_admin):
        assert not OutsideReport.objects.visible_to(one).exists()
    with pytest.raises(Refused):
        a_visit(district, None, unit=district.unit, place="4 楼", report=report, origin="report")


def test_who_asked_for_secrecy_is_named_to_few(district: District) -> None:
    colleague = account_with(Role.BUREAU_HANDLER, district.bureau)
    secret, open_ = a_report(district), a_report(district, secret=False)
    assert [secret.names_reporter_to(one) for one in (district.handler, district.approver, colleague)] == [
        True,
        True,
        False,
    ]
    assert open_.names_reporter_to(colleague)


def test_a_report_is_closed_with_a_reason(district: District) -> None:
    report = a_report(district)
    fire(report, "close", actor=district.handler, note="内容不明，无法联系")
    assert report.state == "closed"


def test_an_inspector_does_not_decide_about_what_was_found(district: District) -> None:
    case = recorded(district, a_finding())
    fire(case, "take_up", actor=district.handler)
    assignment(second_inspector(district), Role.BUREAU_APPROVER, district.bureau).save()
    judge = district.fresh(second_inspector(district))
    with pytest.raises(Refused, match="您是这次检查的检查人"):
        fire(case, "close_without", actor=judge, note="轻微")
    fire(case, "close_without", actor=district.approver, note="情节轻微，已改正")
    assert case.state == "closed"


def test_a_clean_visit_is_closed_and_one_with_findings_is_not(district: District) -> None:
    clean, dirty = recorded(district), recorded(district, a_finding(), case=a_visit(district, a_class(district)))
    with pytest.raises(Refused, match="没有发现问题"):
        fire(clean, "take_up", actor=district.handler)
    with pytest.raises(Refused, match="请转入处理"):
        fire(dirty, "close", actor=district.handler)
    fire(clean, "close", actor=district.handler)
    assert clean.state == "closed"


def test_a_report_waits_again_when_the_visit_that_it_started_is_called_off(district: District) -> None:
    report = a_report(district)
    case = a_visit(district, report=report)
    assert OutsideReport.objects.get(pk=report.pk).state == "inspected"
    fire(case, "cancel", actor=district.handler, note="地点有误")
    assert OutsideReport.objects.get(pk=report.pk).state == "received"
    assert report in [each.about for each in owed_to(district.handler)]


def test_the_inspectors_alone_are_reminded_of_the_day_once(district: District) -> None:
    wednesday = datetime(2026, 5, 13, 9, tzinfo=clock.SHANGHAI)
    with clock.at(wednesday):
        ahead = a_visit(district, day=date(2026, 5, 14))
        recorded(district, case=a_visit(district, day=date(2026, 5, 13)))
        later = a_visit(district, day=date(2026, 5, 20))
        Notice.objects.all().delete()
        remind()
        assert remind() == (0, 0)
    for inspector in ahead.inspectors.all():
        heard = Notice.objects.get(recipient=inspector)
        assert str(ahead.subject) in f"{heard.title}{heard.text}"
        assert later.when not in f"{heard.title}{heard.text}"
    clerks = [district.owner, district.colleague, district.neighbour]
    assert not Notice.objects.filter(recipient__in=clerks, text__contains=str(ahead.subject)).exists()


def test_the_unit_reads_no_plans_of_the_visit_in_its_history(client: Any, district: District) -> None:
    """What inspectors were to look at may point at who told."""
    case = a_visit(district, focus="核对签名")
    services.change(
        case=case, inspectors=list(case.inspectors.all()), planned_on=case.planned_on, planned_half_day="",
        place="二号楼", focus="学员来电说收了费", version=case.version, actor=district.handler,
    )  # fmt: skip
    recorded(district, a_finding(), case=case)
    for reader, reads in ((district.owner, False), (district.inspector, True), (district.handler, True)):
        client.force_login(reader)
        page = client.get(case.get_absolute_url()).content.decode()
        assert "完成现场检查" in page
        assert ("学员来电说收了费" in page, "核对签名" in page, "安排检查" in page) == (reads,) * 3


def test_a_conflict_is_lifted_by_another_and_the_log_says_by_whom(district: District) -> None:
    """Whoever is both would else send himself to the unit that he stays away from."""
    both = account_with(Role.BUREAU_HANDLER, district.bureau, name=district.inspector.name)
    facts = {"account": district.inspector, "unit": district.neighbour_unit, "reason": "近亲属在该单位工作"}
    conflict = services.declare_conflict(**facts, actor=district.inspector)
    with pytest.raises(NotPossible, match="请另一名经办撤销"):
        services.end_conflict(conflict=conflict, actor=both)
    for _ in range(2):
        services.end_conflict(conflict=conflict, actor=district.handler)
    said = [(event.name, event.actor) for event in reversed(history(conflict))]
    assert said == [("conflict_declared", district.inspector), ("conflict_ended", district.handler)]
