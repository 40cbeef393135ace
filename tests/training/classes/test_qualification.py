"""Approved scopes and fees (notice 三2): what stops an application, what lets it pass, what is printed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from luojiang_ce.workflow.events import history
from tests.training.classes.factories import an_application
from tests.training.plans.factories import a_plan, an_item
from tests.units.views.helpers import browser
from training.classes.models import ClassApplication
from training.classes.papers import build_opening_notice, opinions
from training.classes.qualification import standing_of_class
from training.plans.qualification import OUTSIDE, UNDECIDED, UNRECORDED, WITHIN, standing
from units.models import ProviderScope, Unit

pytestmark = pytest.mark.notice("三2")
State = ClassApplication.State
DAY = date(2026, 12, 14)
PASS = "区农业农村局委托，本年度承办一期"


def a_scope(categories: list[str], first: date = date(2020, 1, 1), last: date | None = None) -> ProviderScope:
    return ProviderScope(subject="农业技术", categories=categories, valid_from=first, valid_to=last)


@pytest.mark.parametrize(
    ("scopes", "kind"),
    [
        ([], UNRECORDED),
        ([a_scope(["professional"])], WITHIN),
        ([a_scope(["public"])], OUTSIDE),
        ([a_scope([])], UNDECIDED),
        ([a_scope(["public"]), a_scope([])], UNDECIDED),
        ([a_scope(["professional"]), a_scope([])], WITHIN),
        ([a_scope(["professional"], date(2020, 1, 1), date(2026, 12, 13))], OUTSIDE),
        ([a_scope(["professional"], date(2026, 12, 15))], OUTSIDE),
        ([a_scope(["professional"], DAY, DAY)], WITHIN),
        ([a_scope(["professional"], date(2020, 1, 1), date(2025, 1, 1)), a_scope(["public"])], OUTSIDE),
    ],
)
def test_kinds_of_subject_and_days_decide_and_words_never_do(scopes, kind):
    assert standing(scopes, "professional", DAY).kind == kind


def in_state(district, state: str, categories: list[str] | None) -> ClassApplication:
    """An application of a provider with this scope; None: without any on record."""
    case = an_application(district.unit, state, actor=district.owner)
    if categories is None:
        case.unit.scopes.all().delete()
    else:
        case.unit.scopes.update(categories=categories)
    return case


def refused(case: ClassApplication, name: str, actor, **data: str) -> str:
    with pytest.raises(Refused) as raised:
        fire(case, name, actor=actor, data=data)
    case.refresh_from_db()
    return "\n".join(raised.value.reasons)


@pytest.mark.parametrize(("categories", "says"), [(None, "未登记范围"), (["public"], "不在范围")])
def test_a_class_outside_the_scope_is_stopped_with_the_clause(district, categories, says):
    case = in_state(district, State.CHECKED, categories)
    said = refused(case, "approve", district.approver)
    assert says in said
    assert "通知 三2" in said
    assert "写明原因" in refused(case, "approve", district.approver, scope_passed="  ")
    assert case.state == State.CHECKED


def test_a_scope_that_ends_before_the_opening_stops_it(district):
    case = in_state(district, State.CHECKED, ["professional"])
    case.unit.scopes.update(valid_to=case.opens_on - timedelta(days=1))
    assert "没有有效的核定培训资质" in refused(case, "approve", district.approver)


def test_the_approver_lets_it_pass_with_a_reason_on_record_and_in_print(district):
    case = in_state(district, State.CHECKED, None)
    fire(case, "approve", actor=district.approver, data={"scope_passed": PASS})
    assert (case.state, case.scope_passed) == (State.APPROVED, PASS)
    event = history(case).get(name="scope_passed")
    assert (event.actor, event.note_row.text) == (district.approver, PASS)
    notice = build_opening_notice(Paper.objects.of(case).get())["paragraphs"]
    assert any(PASS in paragraph and "三2" in paragraph for paragraph in notice)
    assert "申报材料齐全，准予开班" in notice[0]  # not: in accord with the notice that it goes beyond
    assert [paragraph[0] for paragraph in notice[1:]] == ["一", "二", "三", "四", "五"]
    assert PASS in opinions(case, ("申请学时", "专业 4"))[-1].text


def test_what_was_allowed_stays_on_the_form_of_a_class_that_was_cancelled(district):
    case = in_state(district, State.CHECKED, ["professional"])
    fire(case, "approve", actor=district.approver)
    fire(case, "cancel", actor=district.owner, note="场地停用")
    box = opinions(case, ("申请学时", "专业 4"))[-1]
    assert (case.state, box.signer) == (State.CANCELLED, district.approver.name)
    assert "准予开班" in box.text


def test_the_reason_is_of_one_application(district):
    first = in_state(district, State.CHECKED, None)
    fire(first, "approve", actor=district.approver, data={"scope_passed": PASS})
    second = in_state(district, State.CHECKED, None)
    assert "未登记范围" in refused(second, "approve", district.approver)


def test_a_class_within_the_scope_keeps_no_reason_that_was_typed(district):
    case = in_state(district, State.CHECKED, ["professional"])
    fire(case, "approve", actor=district.approver, data={"scope_passed": "不需要的话"})
    assert case.scope_passed == ""
    assert len(build_opening_notice(Paper.objects.of(case).get())["paragraphs"]) == 5


def test_where_no_record_decides_the_handler_does(district):
    case = in_state(district, State.SUBMITTED, [])
    assert "请先判断" in refused(case, "check", district.handler)
    fire(case, "check", actor=district.handler, data={"scope": OUTSIDE})
    assert "经办判断本班内容不在核定范围内" in refused(case, "approve", district.approver)
    fire(case, "send_back", actor=district.approver, note="请再核对")
    fire(case, "check", actor=district.handler, data={"scope": WITHIN})
    fire(case, "approve", actor=district.approver)
    assert case.state == State.APPROVED


def test_a_scope_that_lost_its_kinds_after_the_check_goes_back_to_the_handler(district):
    case = in_state(district, State.CHECKED, [])
    assert "退回经办审核" in refused(case, "approve", district.approver, scope_passed=PASS)


def test_what_is_filed_anew_is_judged_anew(district):
    case = in_state(district, State.DRAFT, [])
    ClassApplication.objects.filter(pk=case.pk).update(scope_judged=WITHIN, scope_passed=PASS)
    fire(case, "submit", actor=district.owner)
    assert (case.scope_judged, case.scope_passed) == ("", "")
    assert standing_of_class(case).kind == UNDECIDED


def test_the_bureaus_own_classes_need_no_scope(district):
    case = an_application(district.bureau, State.CHECKED, actor=district.owner)
    case.unit.scopes.all().delete()
    fire(case, "approve", actor=district.approver)
    assert case.state == State.APPROVED


@pytest.mark.parametrize(("name", "state"), [("submit", "draft"), ("check", "submitted"), ("approve", "checked")])
def test_a_fee_without_its_approval_number_stops_it_without_exception(district, name, state):
    actor = {"submit": district.owner, "check": district.handler, "approve": district.approver}[name]
    case = an_application(district.unit, state, actor=district.owner, charges=True, fee=100)
    assert "收费批准文号" in refused(case, name, actor, scope_passed=PASS)
    assert case.state == state


def act_url(case: ClassApplication, name: str) -> str:
    return reverse("workflow:act", args=["training_classes.classapplication", case.pk, name])


def test_the_forms_ask_only_where_it_is_needed(district):
    case = in_state(district, State.CHECKED, ["professional"])
    client = browser(district.approver)
    assert "scope_passed" not in client.get(act_url(case, "approve")).content.decode()
    case.unit.scopes.all().delete()
    page = client.post(act_url(case, "approve"), {"note": ""})
    assert page.status_code == 422
    assert "未登记范围" in page.content.decode()
    client.post(act_url(case, "approve"), {"note": "", "scope_passed": PASS})
    case.refresh_from_db()
    assert case.scope_passed == PASS


def test_the_handlers_form_asks_for_a_judgement(district):
    case = in_state(district, State.SUBMITTED, [])
    client = browser(district.handler)
    assert client.post(act_url(case, "check"), {"note": ""}).status_code == 422
    client.post(act_url(case, "check"), {"note": "", "scope": WITHIN})
    case.refresh_from_db()
    assert (case.state, case.scope_judged) == (State.CHECKED, WITHIN)


def test_handler_and_filer_are_shown_how_it_stands(district):
    case = in_state(district, State.SUBMITTED, None)
    draft = in_state(district, State.DRAFT, None)
    assert "未登记范围" in browser(district.handler).get(case.get_absolute_url()).content.decode()
    assert "未登记范围" in browser(district.owner).get(reverse("classes:review", args=[draft.pk])).content.decode()
    fire(draft, "submit", actor=district.owner)  # the bureau decides: filing is not what is stopped


def test_a_row_of_a_plan_is_only_marked(district):
    plan = a_plan(district.unit, state="submitted", first_submitted_at=clock.now(), submitted_at=clock.now())
    an_item(plan)
    page = browser(district.handler).get(plan.get_absolute_url()).content.decode()
    assert "第 1 行：未登记范围" in page
    assert all("范围" not in reason for action in actions_for(plan, district.handler) for reason in action.reasons)


def test_the_kinds_of_subject_are_registered_with_the_scope(district):
    url = reverse("units:add_scope", args=[district.unit.pk])
    facts = {"subject": "农业技术", "valid_from": "2025-01-01", "categories": ["professional", "seminar"]}
    browser(district.handler).post(url, facts)
    scope = Unit.objects.get(pk=district.unit.pk).scopes.get()
    assert scope.categories == ["professional", "seminar"]
    assert "专业、研修" in browser(district.handler).get(district.unit.get_absolute_url()).content.decode()
