"""What a decision does at once and whole, and what its withdrawal gives back (notice 一(五)4, product.md I3, I4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import Asked, everything_owed
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.issue_form import names_on_papers
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import assignment, person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from tests.training.factories import sign as was_there
from tests.training.inspections.decisions.factories import WAY, a_draft, an_inspection, decided, moved, withdrawn
from tests.training.recognition.corrections import amounts as corrected_to
from tests.training.recognition.corrections import as_written, begun, corrected, from_scratch, in_ledger, recognised
from tests.training.recognition.corrections import decided as posted
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.inspections.decisions import services
from training.inspections.decisions.models import Decision
from training.inspections.decisions.reach import reach_of
from training.inspections.models import Inspection
from training.inspections.services import attach_class
from training.recognition.corrections import services as correcting
from training.recognition.counting import tally
from training.recognition.models import Recognition, RecognitionCorrection, Ruled, Ruling
from training.recognition.services import decide as fix
from units.extensions.reading import current_terms
from units.models import Employment, ProviderRemark
from verification.choices import Measure
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(五)4")]


def first(case: Recognition) -> tuple[date, str]:
    return case.application.opens_on, "morning"


def hours(case: Recognition) -> list[Decimal]:
    """What each trainee has of the class in the ledger, in the order of the list."""
    sums = in_ledger(case)
    people = case.application.enrolments.order_by("pk").values_list("person", flat=True)
    return [sum((amount for key, amount in sums.items() if key[0] == pk), Decimal(0)) for pk in people]


class TestOfARecognisedClass:
    def test_a_half_day_is_taken_from_everybody_and_given_back(self, district):
        case = recognised(district, people=3)
        before, written = in_ledger(case), as_written()
        made = decided(district, case.application, half_days=[first(case)])
        assert hours(case) == [12, 12, 12]
        assert in_ledger(case) == from_scratch(case)
        assert {pk: row for pk, row in as_written().items() if pk in written} == written
        withdrawn(district, made)
        assert in_ledger(case) == before == from_scratch(case)

    def test_the_whole_class_and_single_persons(self, district):
        case = recognised(district, people=3)
        one, *_ = case.application.enrolments.order_by("pk")
        of_one = decided(district, case.application, people=[one])
        assert hours(case) == [0, 16, 16]
        whole = decided(district, case.application)
        assert hours(case) == [0, 0, 0]
        withdrawn(district, of_one)
        assert hours(case) == [0, 0, 0], "the second still takes everything"
        withdrawn(district, whole)
        assert hours(case) == [16, 16, 16]

    def test_a_half_day_of_one_person(self, district):
        case = recognised(district, people=2)
        _, other = case.application.enrolments.order_by("pk")
        decided(district, case.application, half_days=[first(case)], people=[other])
        assert hours(case) == [16, 12]

    def test_a_second_decision_on_the_same_half_day_outlives_the_withdrawal_of_the_first(self, district):
        case = recognised(district)
        one = decided(district, case.application, half_days=[first(case)])
        two = decided(district, case.application, half_days=[first(case), (first(case)[0], "afternoon")])
        assert hours(case) == [8, 8]
        withdrawn(district, one)
        assert hours(case) == [8, 8]
        withdrawn(district, two)
        assert hours(case) == [16, 16]
        assert in_ledger(case) == from_scratch(case)

    def test_what_was_corrected_in_between_stays(self, district):
        case = recognised(district)
        made = decided(district, case.application, half_days=[first(case)])
        correction = begun(district, case)
        corrected_to(correction, 0, "4", district.handler)
        corrected(district, correction)
        assert hours(case) == [4, 12]
        withdrawn(district, made)
        assert hours(case) == [4, 16], "what the approver fixed in between holds, the rest is back"
        assert in_ledger(case) == from_scratch(case)

    def test_an_earlier_correction_that_gave_back_the_half_day_holds_again_after_the_withdrawal(self, district):
        case = recognised(district)
        correction = begun(district, case)
        correcting.set_half_day(
            correction=correction, day=first(case)[0], half_day="morning", enrolments=[], counts=False, reason="停电",
            actor=district.handler,
        )  # fmt: skip
        corrected(district, correction)
        made = decided(district, case.application, half_days=[first(case)])
        assert hours(case) == [12, 12]
        withdrawn(district, made)
        assert hours(case) == [12, 12], "the correction took it, not the decision"

    def test_no_correction_goes_round_a_decision(self, district):
        case = recognised(district)
        decided(district, case.application, half_days=[first(case)])
        correction = begun(district, case)
        with pytest.raises(services.NotPossible, match="由处理决定 2026-CL-0001 不予认定"):
            correcting.set_half_day(
                correction=correction, day=first(case)[0], half_day="morning", enrolments=[], counts=True,
                reason="恢复", actor=district.handler,
            )  # fmt: skip
        with pytest.raises(services.NotPossible, match="超过处理决定以外的半日的 12"):
            corrected_to(correction, 0, "16", district.handler)

    def test_fixed_amounts_are_settled_with_the_decision_and_come_back(self, district):
        case = recognised(district)
        correction = begun(district, case)
        corrected_to(correction, 0, "14", district.handler)
        corrected(district, correction)
        draft = a_draft(district, case.application, half_days=[first(case)])
        with pytest.raises(Refused, match="还有 1 人须另行核定学时（学分）：学员00"):
            moved(district, draft, "tell")
        services.settle(
            decision=draft, enrolments=[], amounts={(2026, "professional"): Decimal("10")}, reason="余下半日",
            actor=district.handler,
        )  # fmt: skip
        made = moved(district, draft, *WAY)
        assert hours(case) == [10, 12]
        withdrawn(district, made)
        assert hours(case) == [14, 16]
        assert in_ledger(case) == from_scratch(case)

    def test_nobody_is_given_more_than_the_half_days_that_are_left(self, district):
        case = recognised(district)
        correction = begun(district, case)
        corrected_to(correction, 0, "14", district.handler)
        corrected(district, correction)
        draft = a_draft(district, case.application, half_days=[first(case)])
        with pytest.raises(services.NotPossible, match="超过处理决定以外的半日的 12"):
            services.settle(
                decision=draft, enrolments=[], amounts={(2026, "professional"): Decimal("13")}, reason="余下半日",
                actor=district.handler,
            )  # fmt: skip

    def test_credits_that_the_half_days_leave_open_are_settled(self, district):
        case = recognised(district, measure=Measure.CREDITS, credits={"class_2": "5.0"})
        draft = a_draft(district, case.application, half_days=[first(case)])
        with pytest.raises(Refused, match="还有 2 人须另行核定"):
            moved(district, draft, "tell")
        services.settle(
            decision=draft, enrolments=[], amounts={(2026, "class_2"): Decimal("3")}, reason="余下半日",
            actor=district.handler,
        )  # fmt: skip
        made = moved(district, draft, *WAY)
        assert hours(case) == [3, 3]
        withdrawn(district, made)
        assert hours(case) == [5, 5]

    def test_over_new_year_each_year_has_its_own(self, district):
        with clock.at(datetime(2026, 1, 12, 10, tzinfo=clock.SHANGHAI)):
            course = class_of(district.unit, opens_on=date(2025, 12, 31), days=2)
            case = recognised(district, course)
            made = decided(district, course, half_days=[(date(2026, 1, 1), "morning")])
            assert {key[1]: amount for key, amount in in_ledger(case).items()} == {2025: 8, 2026: 4}
            withdrawn(district, made)
            assert {key[1]: amount for key, amount in in_ledger(case).items()} == {2025: 8, 2026: 8}

    def test_who_has_moved_is_reached_and_both_units_hear_of_it(self, district):
        case = recognised(district)
        person = case.application.enrolments.order_by("pk")[0].person
        Employment.objects.filter(person=person).update(ended_on=clock.today())
        Employment.objects.create(person=person, unit=district.health, started_on=clock.today())
        decided(district, case.application)
        assert hours(case) == [0, 0]
        told = Notice.objects.filter(title__startswith="本单位人员的培训学时经监督检查不予认定")
        assert district.neighbour.pk in told.values_list("recipient", flat=True)

    def test_the_sheet_is_replaced_each_time(self, district):
        case = recognised(district)
        made = decided(district, case.application, half_days=[first(case)])
        sheets = Paper.objects.of(case).order_by("pk")
        assert [each.state for each in sheets] == ["revoked", "pending"]
        withdrawn(district, made)
        assert [each.state for each in Paper.objects.of(case).order_by("pk")] == ["revoked", "revoked", "pending"]


class TestOfAClassUnderWay:
    def filed(self, district: Any, *steps: str) -> Recognition:
        course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
        sign_all(course, [enrol(course, person_in(district.neighbour_unit, f"学员{n}")) for n in range(2)])
        case = recognition_of(course)
        with_package(case, district.owner)
        for name in steps:
            fire(case, name, actor=district.owner if name == "submit" else district.handler)
        return case

    def test_it_is_recognised_without_the_half_day(self, district):
        case = self.filed(district, "submit", "check")
        made = decided(district, case.application, half_days=[first(case)])
        with pytest.raises(Refused, match="应作“部分认定”"):
            fire(case, "recognise", actor=district.approver)
        fire(case, "recognise_partly", actor=district.approver)
        assert hours(case) == [12, 12]
        withdrawn(district, made)
        assert hours(case) == [16, 16], "also where it was recognised after the decision"

    def test_a_whole_class_cannot_be_recognised_while_it_holds(self, district):
        case = self.filed(district, "submit", "check")
        made = decided(district, case.application)
        for name in ("recognise", "recognise_partly"):
            with pytest.raises(Refused, match="2026-CL-0001 对本班学时全部不予认定"):
                fire(case, name, actor=district.approver)
        withdrawn(district, made)
        fire(Recognition.objects.get(pk=case.pk), "recognise", actor=district.approver)
        assert hours(case) == [16, 16]

    @pytest.mark.parametrize("half_days", [False, True], ids=["whole", "each half-day"])
    @pytest.mark.parametrize("steps", [(), ("draft",), ("submit", "return")], ids=["none", "draft", "returned"])
    def test_no_clock_runs_for_what_nothing_is_left_of(self, district, steps, half_days):
        course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
        sign_all(course, [enrol(course, person_in(district.neighbour_unit))])
        if steps:
            case = recognition_of(course)
            with_package(case, district.owner)
            for name in steps[: steps != ("draft",) and len(steps)]:
                fire(case, name, actor=district.owner if name == "submit" else district.handler)
        before = self.owed(course)
        assert before
        slots = [(row.date, row.half_day) for row in course.timetable.all()] if half_days else []
        made = decided(district, course, half_days=slots)
        assert not self.owed(course)
        withdrawn(district, made)
        assert self.owed(course) == before

    def owed(self, course: Any) -> list[str]:
        found = everything_owed(Asked(current_terms()))
        return [each.title for each in found if isinstance(each.about, (ClassApplication, Recognition))]

    def test_of_half_the_class_the_clock_goes_on(self, district):
        course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
        one, _ = [enrol(course, person_in(district.neighbour_unit, f"学员{n}")) for n in range(2)]
        decided(district, course, people=[one])
        assert self.owed(course)

    def test_what_was_refused_for_it_is_decided_anew_after_the_withdrawal(self, district):
        case = self.filed(district, "submit", "check")
        made, other = decided(district, case.application), decided(district, case.application)
        fire(case, "refuse", actor=district.approver, note="检查处理决定")
        withdrawn(district, made)
        assert Recognition.objects.get(pk=case.pk).state == "refused", "the other decision still takes all of it"
        withdrawn(district, other)
        case = Recognition.objects.get(pk=case.pk)
        assert case.state == "checked"
        fire(case, "recognise", actor=district.approver)
        assert hours(case) == [16, 16]

    def test_what_was_refused_for_another_reason_stays_refused(self, district):
        case = self.filed(district, "submit", "check")
        made = decided(district, case.application, half_days=[first(case)])
        fire(case, "refuse", actor=district.approver, note="材料不实")
        withdrawn(district, made)
        assert Recognition.objects.get(pk=case.pk).state == "refused"

    def test_of_a_class_that_nobody_has_filed(self, district):
        course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
        sign_all(course, [enrol(course, person_in(district.neighbour_unit, f"学员{n}")) for n in range(2)])
        draft = a_draft(district, course, half_days=[(course.opens_on, "morning")])
        assert (reach_of(draft).taken, reach_of(draft).people, reach_of(draft).hours) == (1, 2, 0)
        moved(district, draft, *WAY)
        case = recognition_of(course)
        assert [each.total("professional") for each in tally(case).trainees] == [12, 12]

    def test_credits_that_nobody_has_yet_are_for_the_recognition_to_say(self, district):
        course = class_of(
            district.unit, opens_on=clock.today() - timedelta(days=7), measure=Measure.CREDITS,
            credits={"class_2": "5.0"},
        )  # fmt: skip
        trainee = enrol(course, person_in(district.neighbour_unit, "王小明"))
        sign_all(course, [trainee])
        draft = a_draft(district, course, half_days=[(course.opens_on, "morning")])
        assert reach_of(draft).to_decide == []
        moved(district, draft, *WAY)
        assert [each.enrolment for each in tally(recognition_of(course)).undecided] == [trainee]

    def test_the_handler_is_told_what_is_left_to_decide(self, district):
        case = self.filed(district, "submit")
        trainee = case.application.enrolments.order_by("pk")[0]
        decided(district, case.application, half_days=[first(case)])
        with pytest.raises(services.NotPossible, match="超过处理决定以外的半日的 12"):
            fix(
                recognition=case, enrolment=trainee, amounts={(2026, "professional"): Decimal(16)}, reason="补签",
                actor=district.handler,
            )  # fmt: skip


class TestOfAProject:
    def test_every_session_loses_its_hours_and_no_further_one_is_opened(self, district):
        case = recognised(district)
        other = recognised(
            district,
            class_of(district.unit, opens_on=clock.today() - timedelta(days=9), project=case.application.project),
        )
        ahead = class_of(district.unit, opens_on=clock.today() + timedelta(days=30), project=case.application.project)
        type(ahead).objects.filter(pk=ahead.pk).update(state="checked")
        made = decided(district, case.application, unqualified=True)
        assert (hours(case), hours(other)) == ([0, 0], [0, 0])
        ahead.refresh_from_db()
        with pytest.raises(Refused, match="认定不合格，不能再"):
            fire(ahead, "approve", actor=district.approver)
        withdrawn(district, made)
        assert (hours(case), hours(other)) == ([16, 16], [16, 16])

    def test_a_session_that_was_applied_for_since_is_reached_too(self, district):
        case = recognised(district)
        draft = moved(district, a_draft(district, case.application, unqualified=True), *WAY[:-1])
        late = class_of(district.unit, opens_on=clock.today() - timedelta(days=2), project=case.application.project)
        moved(district, draft, "decide")
        assert Ruling.objects.in_force().filter(application=late).exists()


class TestWhatElseFollows:
    def test_the_providers_record_says_so_until_it_is_withdrawn(self, district):
        case = recognised(district)
        made = decided(district, case.application)
        remark = ProviderRemark.objects.get(unit=district.unit)
        assert remark.kind == "通报批评、学时不予认定"
        assert remark.text == f"2026-CL-0001：{case.application}，弄虚作假"
        withdrawn(district, made)
        assert not ProviderRemark.objects.filter(unit=district.unit).exists()

    def test_the_inspection_ends_with_it_and_is_open_again_after_the_withdrawal(self, district):
        made = decided(district, recognised(district).application)
        assert made.inspection.state == Inspection.State.CLOSED
        made = withdrawn(district, made)
        assert Inspection.objects.get(pk=made.inspection_id).state == Inspection.State.TO_DECIDE

    def test_its_notice_is_revoked_with_it(self, district):
        made = decided(district, recognised(district).application)
        assert Paper.objects.of(made).get(kind="inspection_decision").state == "pending"
        withdrawn(district, made)
        assert Paper.objects.of(made).get(kind="inspection_decision").state == "revoked"

    def test_a_decision_that_takes_no_hours_touches_no_entry(self, district):
        case = recognised(district)
        written = as_written()
        made = decided(district, case.application, unrecognised=False)
        assert as_written() == written
        withdrawn(district, made)
        assert as_written() == written

    def test_of_a_visit_to_what_nobody_published(self, district):
        made = decided(district, None, visit=an_inspection(district, None))
        assert (made.state, made.stated) == ("decided", "silent")
        assert not LedgerEntry.objects.exists()

    def test_who_was_not_there_loses_nothing_and_is_not_named(self, district):
        course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
        sign_all(course, [enrol(course, person_in(district.health, f"学员{n}")) for n in range(2)])
        late = enrol(course, person_in(district.neighbour_unit, "午后才来"))
        for each in slots_of_class(course)[1:]:
            was_there(late, *each.key, time_in=each.starts_at, time_out=each.ends_at)
        case = posted(district, recognition_of(course))
        draft = a_draft(district, course, half_days=[first(case)])
        found = reach_of(draft)
        assert (found.people, found.units, found.hours) == (2, 1, 8)
        made = moved(district, draft, *WAY)
        assert hours(case) == [12, 12, 12]
        assert [each.enrolment.name for each in Ruled.objects.order_by("pk")] == ["学员0", "学员1"]
        withdrawn(district, made)
        assert not Ruled.objects.filter(enrolment=late).exists()
        assert not Notice.objects.filter(recipient=district.neighbour, title__contains="监督检查").exists()

    def test_the_reach_is_what_then_happens(self, district):
        case = recognised(district, people=3)
        one, *_ = case.application.enrolments.order_by("pk")
        draft = a_draft(district, case.application, half_days=[first(case)], people=[one])
        found = reach_of(draft)
        before = sum(hours(case))
        assert (found.taken, found.people, found.units, found.hours) == (1, 1, 1, 4)
        moved(district, draft, *WAY)
        assert before - sum(hours(case)) == found.hours


class TestWhoAndWhen:
    def test_two_persons(self, district):
        draft = moved(district, a_draft(district, recognised(district).application), *WAY[:-1])
        with pytest.raises(Refused, match="只有区人社局审批可以"):
            fire(draft, "decide", actor=district.handler)

    def test_decided_twice_by_double_click(self, district):
        case = recognised(district)
        made = decided(district, case.application)
        with pytest.raises(Refused, match="现在的状态是“已决定”"):
            fire(made, "decide", actor=district.approver)
        assert LedgerEntry.objects.exclude(counter_of=None).count() == 2

    def test_a_second_draft_on_the_same_inspection_is_refused(self, district):
        draft = a_draft(district, recognised(district).application)
        with pytest.raises(services.NotPossible, match="请在原件上接着办"):
            a_draft(district, draft.inspection.application, visit=draft.inspection)

    def test_silence_is_recorded_with_a_reason_where_no_days_are_set(self, district):
        draft = moved(district, a_draft(district, recognised(district).application), "tell", "stay_silent")
        assert draft.stated == Decision.Statement.SILENT

    @pytest.mark.parametrize("name", ["decide", "refuse"])
    def test_who_signed_the_record_of_the_visit_decides_nothing(self, district, name):
        draft = moved(district, a_draft(district, recognised(district).application), *WAY[:-1])
        inspector = draft.inspection.inspectors.exclude(pk=district.inspector.pk).get()
        assignment(inspector, Role.BUREAU_APPROVER, district.bureau).save()
        with pytest.raises(Refused, match="您是这次检查的检查人"):
            fire(draft, name, actor=district.fresh(inspector), note="无")

    def test_a_half_day_that_a_change_moved_is_chosen_again(self, district):
        course = class_of(district.unit, opens_on=clock.today() + timedelta(days=3))
        draft = a_draft(district, course, half_days=[(course.opens_on, "morning")])
        course.timetable.filter(date=course.opens_on, half_day="morning").delete()
        with pytest.raises(Refused, match=r"课程表有变动，所选的 .*上午 不再有课"):
            moved(district, draft, "tell")

    def test_a_visit_gets_no_class_while_its_treatment_is_told(self, district):
        visit = an_inspection(district, None)
        draft = a_draft(district, None, visit=visit)
        course = recognised(district).application
        told = moved(district, draft, "tell")
        with pytest.raises(services.NotPossible, match="检查的处理已告知单位或已决定"):
            attach_class(case=visit, application=course, actor=district.handler)
        moved(district, told, "redraft")
        attach_class(case=visit, application=course, actor=district.handler)
        assert moved(district, told, "tell").unit == district.unit
        assert Decision.objects.visible_to(district.owner).exists()

    def test_names_that_the_notice_prints_are_asked_about(self, district):
        course = recognised(district).application
        one = course.enrolments.first()
        draft = a_draft(district, course, people=[one])
        assert one.name in "".join(names_on_papers(draft))

    def test_a_paper_statement_needs_its_scan(self, district):
        draft = moved(district, a_draft(district, recognised(district).application), "tell")
        with pytest.raises(Refused, match="请先上传书面陈述"):
            fire(draft, "answer_on_paper", actor=district.handler, note="承认代签")

    def test_a_correction_under_way_is_counted_with_the_decision(self, district):
        case = recognised(district)
        correction = begun(district, case)
        corrected_to(correction, 0, "15", district.handler)
        fire(RecognitionCorrection.objects.get(pk=correction.pk), "propose", actor=district.handler)
        decided(district, case.application, half_days=[first(case)])
        with pytest.raises(Refused, match="超过处理决定以外的半日"):
            fire(RecognitionCorrection.objects.get(pk=correction.pk), "correct", actor=district.approver)
