"""Extensions and lapses at work: refused, granted, opened again, recorded once (product.md P2, R4, S1)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, owed_to, running
from luojiang_ce.jobs.recording import record_run
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.badges import case_badges
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.luojiang_ce.workdays.rules import PLAN
from tests.training.classes.factories import an_application
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan, an_item, with_scheme
from tests.units.extensions.cases import extension_of, lapse_of, with_evidence
from tests.verification.declarations.cases import declaration_of
from tests.verification.declarations.cases import with_evidence as declare_evidence
from training.classes.models import ClassApplication
from training.plans.models import Plan
from units.extensions import services
from units.extensions.models import Extension, Lapse, Reminder
from units.extensions.reading import current_terms
from units.extensions.services import ForMany
from units.filed_case import reply
from units.lapses import answering, lapsing, reminding
from units.models import Unit

pytestmark = pytest.mark.django_db


def at(*when: int):
    return clock.at(datetime(*when, tzinfo=clock.SHANGHAI))


@pytest.fixture
def draft(district: District) -> Plan:
    """The owner's unit, the only one that trains, has its plan of 2026 ready and has not filed it."""
    Unit.objects.filter(pk=district.neighbour_unit.pk).update(is_provider=False)
    plan = a_plan(district.unit, 2026, Plan.State.DRAFT)
    an_item(plan)
    with_scheme(plan, district.owner)
    return plan


def granted(district: District, due: date = date(2026, 3, 20)) -> Extension:
    """The unit asked, the handler checked, the approver granted."""
    duty = next(each for each in services.duties_of(frozenset({district.unit.pk})) if each.deadline.kind is PLAN)
    asked = services.ask_for(duty=duty, asked_due=due, reason="台风停课", actor=district.owner)
    with_evidence(district, asked)
    fire(asked, "submit", actor=district.owner)
    fire(asked, "check", actor=district.handler)
    fire(asked, "grant", actor=district.approver, data={"due": due, "document": ""})
    return asked


@pytest.mark.notice("一(五)1")
def test_late_is_refused_with_rule_date_clause_and_whom_to_ask_and_the_draft_stays(district, draft) -> None:
    with at(2026, 3, 1, 0, 0, 0), pytest.raises(Refused) as refused:
        fire(draft, "submit", actor=district.owner)
    said = str(refused.value)
    for part in ("通知 一(五)1", "2月最后一日是 2026年2月28日", "促进就业和培训股", "草稿会保留"):
        assert part in said
    draft.refresh_from_db()
    assert draft.state == Plan.State.DRAFT


def test_an_extension_opens_a_lapsed_case_again_until_its_own_last_moment(district, draft) -> None:
    with at(2026, 3, 5, 9):
        assert lapsing.record_overdue() == (1, 0)
        extension = granted(district)
        assert Lapse.objects.get().state == Lapse.State.LIFTED
        assert extension.number == "2026-YQ-001"
    with at(2026, 3, 20, 23, 59, 59):
        fire(draft, "submit", actor=district.owner)
    assert draft.state == Plan.State.SUBMITTED


def test_the_record_is_the_same_if_the_worker_slept_before_the_grant(district, draft) -> None:
    with at(2026, 3, 5, 9):
        granted(district)
        assert list(Lapse.objects.values_list("state", "due")) == [("lifted", date(2026, 2, 28))]


def test_after_the_later_day_it_lapses_again(district, draft) -> None:
    with at(2026, 3, 5, 9):
        granted(district)
    with at(2026, 3, 21, 0, 0, 1):
        with pytest.raises(Refused, match="经区人社局批准延期"):
            fire(draft, "submit", actor=district.owner)
        assert lapsing.record_overdue() == (1, 0)
    assert list(Lapse.objects.values_list("state", "due")) == [("recorded", date(2026, 3, 20))]


def test_lapses_are_recorded_once_and_told_once(district, draft) -> None:
    with at(2026, 3, 5, 9):
        assert [lapsing.record_overdue() for _ in range(3)] == [(1, 0), (0, 0), (0, 0)]
    assert Event.objects.filter(name="lapsed").count() == 1
    told = Notice.objects.filter(case_type="terms.lapse").values_list("recipient_id", flat=True)
    assert sorted(told) == sorted([district.owner.pk, district.colleague.pk])


def test_the_day_before_nothing_lapses(district, draft) -> None:
    with at(2026, 2, 28, 23, 59, 59):
        assert lapsing.record_overdue() == (0, 0)


@pytest.mark.notice("一(五)3")
def test_a_recognition_that_was_not_filed_is_proposed_and_the_approver_confirms(district) -> None:
    course = class_of(district.unit, opens_on=date(2026, 9, 3))
    with at(2026, 10, 9, 9):
        lapsing.record_overdue()
        lapse = Lapse.objects.get(kind="recognition")
        assert (lapse.state, lapse.subject, lapse.due) == ("proposed", str(course.pk), date(2026, 10, 8))
        with pytest.raises(Refused):
            fire(lapse, "confirm", actor=district.handler, note="逾期")
        fire(lapse, "confirm", actor=district.approver, note="逾期未报")
    assert lapse.confirmed_by == district.approver


def test_a_grant_for_a_kind_of_unit_needs_no_application(district, draft) -> None:
    with at(2026, 3, 5, 9):
        whom = ForMany(PLAN, 2026, district.unit.nature)
        offered = services.offer_many(
            whom=whom,
            asked_due=date(2026, 3, 31),
            reason="疫情",
            document="泉洛政人社〔2026〕9号",
            actor=district.handler,
        )
        fire(offered, "propose", actor=district.handler)
        fire(offered, "grant", actor=district.approver, data={"due": date(2026, 3, 31), "document": ""})
        fire(draft, "submit", actor=district.owner)
    assert draft.state == Plan.State.SUBMITTED
    assert Notice.objects.filter(recipient=district.owner, title__startswith="准予延期").exists()


def test_a_day_that_is_no_later_is_refused(district, draft) -> None:
    with at(2026, 2, 10, 9):
        (duty, *_) = services.duties_of(frozenset({district.unit.pk}))
        with pytest.raises(NotPossible, match="延期须晚于这一天"):
            services.ask_for(duty=duty, asked_due=date(2026, 2, 28), reason="x", actor=district.owner)


def test_an_extension_that_is_no_later_is_neither_kept_nor_granted(district, draft) -> None:
    with at(2026, 2, 10, 9):
        (duty, *_) = services.duties_of(frozenset({district.unit.pk}))
        asked = services.ask_for(duty=duty, asked_due=date(2026, 3, 5), reason="x", actor=district.owner)
        with pytest.raises(NotPossible, match="延期须晚于这一天"):
            services.edit(extension=asked, asked_due=date(2026, 2, 28), reason="x", actor=district.owner)
        with_evidence(district, asked)
        fire(asked, "submit", actor=district.owner)
        fire(asked, "check", actor=district.handler)
        with pytest.raises(Refused, match="延期须晚于这一天"):
            fire(asked, "grant", actor=district.approver, data={"due": date(2026, 2, 28), "document": ""})


@pytest.mark.notice("一(五)1")
def test_a_plan_is_never_filed_after_its_own_year(district, draft) -> None:
    with at(2026, 2, 10, 9):
        (duty, *_) = services.duties_of(frozenset({district.unit.pk}))
        said = "最晚只能延至 2026年12月31日 周四：其后计划年度已经结束"
        with pytest.raises(NotPossible, match=said):
            services.ask_for(duty=duty, asked_due=date(2027, 1, 20), reason="x", actor=district.owner)
        for_all = {"whom": ForMany(PLAN, 2026), "document": "洛人社〔2026〕1号"}
        with pytest.raises(NotPossible, match=said):
            services.offer_many(**for_all, asked_due=date(2027, 1, 1), reason="x", actor=district.handler)
        asked = services.ask_for(duty=duty, asked_due=date(2026, 12, 31), reason="x", actor=district.owner)
        with pytest.raises(NotPossible, match=said):
            services.edit(extension=asked, asked_due=date(2027, 1, 1), reason="x", actor=district.owner)
        with_evidence(district, asked)
        fire(asked, "submit", actor=district.owner)
        fire(asked, "check", actor=district.handler)
        with pytest.raises(Refused, match=said):
            fire(asked, "grant", actor=district.approver, data={"due": date(2027, 1, 20), "document": ""})
    Extension.objects.filter(pk=asked.pk).update(state="granted", due=date(2027, 1, 20))  # granted before this held
    assert current_terms().due_for(PLAN, 2026, district.unit, "2026").due == date(2026, 12, 31)


@pytest.mark.notice("一(五)2")
class TestNeverPastTheEvent:
    """An extension of the opening's filing ends before the opening."""

    @pytest.fixture
    def opening(self, district) -> ClassApplication:
        return an_application(district.unit, opens_on=date(2026, 10, 12))  # due on 21 September

    def ask(self, district, day: date):
        duties = services.duties_of(frozenset({district.unit.pk}))
        duty = next(each for each in duties if each.clock.kind.code == "opening")
        return services.ask_for(duty=duty, asked_due=day, reason="x", actor=district.owner)

    def test_neither_asked_for_nor_changed_to(self, district, opening) -> None:
        with at(2026, 9, 15, 9):
            for day in (date(2026, 10, 12), date(2026, 12, 1)):
                with pytest.raises(NotPossible, match="最晚只能延至 2026年10月11日 周日：其后已经开班") as refused:
                    self.ask(district, day)
                assert list(refused.value.by_field) == ["asked_due"]
            asked = self.ask(district, date(2026, 10, 9))
            with pytest.raises(NotPossible, match="最晚只能延至"):
                services.edit(extension=asked, asked_due=date(2026, 10, 12), reason="x", actor=district.owner)

    def test_nor_granted(self, district, opening) -> None:
        with at(2026, 9, 15, 9):
            asked = self.ask(district, date(2026, 9, 30))
            with_evidence(district, asked)
            fire(asked, "submit", actor=district.owner)
            fire(asked, "check", actor=district.handler)
            with pytest.raises(Refused, match="其后已经开班"):
                fire(asked, "grant", actor=district.approver, data={"due": date(2026, 10, 12), "document": ""})

    def test_a_second_one_is_later_than_what_was_granted(self, district, draft) -> None:
        with at(2026, 2, 10, 9):
            (duty, *_) = services.duties_of(frozenset({district.unit.pk}))
            two = [
                services.ask_for(duty=duty, asked_due=date(2026, 3, day), reason="x", actor=district.owner)
                for day in (20, 10)
            ]
            for asked in two:
                with_evidence(district, asked)
                fire(asked, "submit", actor=district.owner)
                fire(asked, "check", actor=district.handler)
            longer, shorter = two
            fire(longer, "grant", actor=district.approver, data={"due": date(2026, 3, 20), "document": ""})
            with pytest.raises(Refused, match="现在的最后一日是 2026年3月20日"):
                fire(shorter, "grant", actor=district.approver, data={"due": date(2026, 3, 10), "document": ""})


class TestReminders:
    def test_ten_three_and_one_working_days_before_one_digest_a_day(self, district, draft) -> None:
        """28 February 2026 is a working Saturday; the Spring Festival rests from the 15th to the 23rd."""
        person_in(district.unit)  # the verification of 2025 falls due on the same day
        told = {}
        for day in range(1, 29):
            with at(2026, 2, day, 9):
                people, _ = reminding.remind()
                if people:
                    told[day] = Notice.objects.filter(recipient=district.owner).latest("pk").text
        assert sorted(told) == [9, 25, 27]
        assert "报送 2026 年度培训办班计划" in told[25]
        assert "报送 2025 年度验证花名册" in told[25]
        assert Notice.objects.filter(recipient=district.owner, url=reverse("deadlines:board")).count() == 3
        assert not Notice.objects.filter(recipient=district.handler).exists()

    def test_what_was_missed_is_written_down_and_not_sent_later(self, district, draft) -> None:
        with at(2026, 2, 24, 9):
            reminding.remind()
        with at(2026, 2, 26, 9):
            assert reminding.remind() == (0, 1)
        assert list(Reminder.objects.values_list("days_before", "day", "state")) == [(3, date(2026, 2, 25), "skipped")]
        assert not Notice.objects.exists()

    def test_nothing_for_what_is_done(self, district, draft) -> None:
        with at(2026, 2, 24, 9):
            fire(draft, "submit", actor=district.owner)
        with at(2026, 2, 25, 9):
            assert reminding.remind() == (0, 0)

    def test_the_bureau_is_reminded_of_its_own_five_days(self, district, draft) -> None:
        with at(2026, 2, 25, 9):
            fire(draft, "submit", actor=district.owner)
        with at(2026, 3, 2, 9):
            reminding.remind()
        notice = Notice.objects.filter(recipient=district.handler).latest("pk")
        assert notice.title == f"还剩 1 个工作日：审核：{draft}"


def test_without_an_answer_the_case_counts_as_received_once_and_is_not_approved(district, draft) -> None:
    with at(2026, 2, 25, 9):
        fire(draft, "submit", actor=district.owner)
    with at(2026, 3, 3, 23, 59, 59):
        assert answering.deem_received() == 0
    with at(2026, 3, 4, 0, 0, 0):
        assert [answering.deem_received() for _ in range(2)] == [1, 0]
    draft.refresh_from_db()
    assert draft.state == Plan.State.SUBMITTED
    event = Event.objects.get(name="deemed_received")
    assert (event.actor_id, event.source, event.target) == (None, "submitted", "submitted")
    assert Notice.objects.filter(recipient=district.owner, title__startswith="视为已受理").count() == 1


def test_what_was_answered_late_is_found_though_a_clock_was_once_ahead(district, draft) -> None:
    """A run that it put on record for next year is not the last one."""
    with at(2027, 2, 25, 9):
        record_run(answering.TASK, lambda: "视为已受理 1 件")
    with at(2026, 2, 25, 9):
        fire(draft, "submit", actor=district.owner)
    with at(2026, 3, 20, 9):
        asked = [{"where": "计划", "wrong": "缺课时", "mend": "补齐"}]
        fire(draft, "return", actor=district.handler, data={"items": asked})
        assert answering.deem_received() == 1


def test_a_step_back_in_the_office_is_no_new_filing(district, draft) -> None:
    with at(2026, 2, 25, 9):
        fire(draft, "submit", actor=district.owner)
    with at(2026, 2, 26, 9):
        fire(draft, "check", actor=district.handler)
    with at(2026, 3, 20, 9):
        fire(draft, "uncheck", actor=district.handler, note="看错了")
        assert answering.deem_received() == 0
        fire(draft, "check", actor=district.handler)
        assert answering.deem_received() == 0


def test_the_bureaus_days_run_only_while_the_case_lies_with_the_bureau(district, draft) -> None:
    """Answered in time and brought back weeks later: its days begin with that, on the page and for the worker."""
    with at(2026, 2, 25, 9):
        fire(draft, "submit", actor=district.owner)
    with at(2026, 2, 26, 9):
        fire(draft, "check", actor=district.handler)
        assert case_badges(draft)[-1].meaning != "is-late"
    with at(2026, 3, 20, 9):
        fire(draft, "uncheck", actor=district.handler, note="看错了")
        (owed,) = [each for each in running(Asked(terms_in_force())) if each.title == f"审核：{draft}"]
        assert owed.clock.due == reply(Plan.objects.get(pk=draft.pk), terms_in_force()).due == date(2026, 3, 27)
    with at(2026, 3, 27, 23, 59, 59):
        assert answering.deem_received() == 0
    with at(2026, 3, 28, 0, 0, 1):
        assert [answering.deem_received() for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("slept", [False, True])
def test_what_lies_with_another_authority_is_no_debt_of_the_bureau(district, slept) -> None:
    """Neither while it lies there, nor when the authority has answered while the worker slept."""
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.education)
    with at(2026, 2, 25, 9):
        case = declare_evidence(declaration_of(district.unit), district.owner)
        fire(case, "submit", actor=district.owner)
    with at(2026, 3, 20, 9):
        if slept:
            fire(case, "accept", actor=district.education_reviewer)
        assert answering.deem_received() == 0
        kinds = [each.clock.kind.code for each in running(Asked(terms_in_force())) if each.about == case]
        assert kinds == ([] if slept else ["authority_reply"])
        assert not [each for each in owed_to(district.fresh(district.handler)) if each.about == case]
        mine = [each for each in owed_to(district.fresh(district.education_reviewer)) if each.about == case]
        assert bool(mine) is not slept


def test_where_nobody_reviews_at_the_authority_it_lies_with_the_bureau(district) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.neighbour_unit)
    with at(2026, 2, 25, 9):
        case = declare_evidence(declaration_of(district.unit), district.owner)
        fire(case, "submit", actor=district.owner)
    with at(2026, 3, 20, 9):
        assert answering.deem_received() == 1


def test_a_unit_is_told_of_many_received_cases_at_once(district) -> None:
    with at(2026, 2, 25, 9):
        declarations = [declaration_of(district.unit) for _ in range(3)]
        for each in declarations:
            declare_evidence(each, district.owner)
            fire(each, "submit", actor=district.owner)
    with at(2026, 3, 20, 9):
        assert [answering.deem_received() for _ in range(2)] == [3, 0]
    notice = Notice.objects.get(recipient=district.owner, title__startswith="视为已受理")
    assert notice.title == "视为已受理：学时申报 3 件"
    assert all(each.number in notice.text and each.person.name not in notice.text for each in declarations)


def test_the_bureau_offers_one_unit_more_time_through_the_page(client, district, draft) -> None:
    client.force_login(district.handler)
    with at(2026, 3, 5, 9):
        key = f"plan-{district.unit.pk}-2026"
        answer = client.post(
            reverse("terms:offer_one"),
            {"duty": key, "asked_due": "2026-03-20", "document": "〔2026〕9号", "reason": "网络中断"},
        )
        offered = Extension.objects.get()
        assert answer.headers["Location"] == offered.get_absolute_url()
        assert (offered.by_bureau, offered.unit, offered.subject) == (True, district.unit, "2026")


def test_a_clerk_asks_through_the_page_only_for_the_own_duties(client, district, draft) -> None:
    client.force_login(district.neighbour)
    with at(2026, 3, 5, 9):
        foreign = {"duty": f"plan-{district.unit.pk}-2026", "asked_due": "2026-03-20", "reason": "x"}
        assert client.post(reverse("terms:ask"), foreign).status_code == 422
        client.force_login(district.owner)
        assert client.post(reverse("terms:ask"), foreign).status_code == 302
    assert Extension.objects.get().created_by == district.owner


def test_lists_make_as_many_queries_for_thirty_as_for_three(client, district, django_assert_max_num_queries) -> None:
    client.force_login(district.handler)
    for name, make in (("extensions", extension_of), ("lapses", lapse_of)):
        counted = []
        for number in (3, 27):
            for n in range(number):
                make(district, *(["submitted"] if name == "extensions" else []), unit=UnitFactory(), subject=str(n))
            with django_assert_max_num_queries(12) as captured:
                assert client.get(reverse(f"terms:{name}")).status_code == 200
            counted.append(len(captured))
        assert counted[0] == counted[1]
