"""What was found wrong after the decision (R3): from the draft to counter-entries, the sheet and everybody told."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce.access import Role
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from tests.factories import account_with, id_number, person_in
from tests.todos import todos
from tests.training.factories import add_lessons, class_of, enrol, recognition_of, sign_all, stranger
from tests.training.recognition.corrections import (
    amounts,
    as_written,
    asked_for,
    begun,
    corrected,
    decided,
    from_scratch,
    in_ledger,
    recognised,
)
from training.recognition.arrivals import enter_hours
from training.recognition.corrections import services
from training.recognition.corrections.reach import reach_of
from training.recognition.counting import class_case
from training.recognition.hours import count_hours
from training.recognition.models import RecognitionCorrection
from units.identity.id_numbers import lookup_hash
from verification.choices import Measure
from verification.ledger.models import LedgerEntry, people_entries
from verification.requirements.assess import _count_trainings

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 11)


def on(year, month, day, hour=9):
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _a_week_later(time_machine):
    time_machine.move_to(on(2026, 5, 18), tick=True)


@pytest.fixture
def case(district):
    return recognised(district)


def fresh(made):
    return RecognitionCorrection.objects.get(pk=made.pk)


def reasons(made, name, actor):
    with pytest.raises(Refused) as refused:
        fire(made, name, actor=actor)
    return "；".join(refused.value.reasons)


def trainees(case):
    return list(case.application.enrolments.order_by("pk"))


def sums(case):
    """Hours in the ledger by the trainee's place in the list."""
    found = in_ledger(case)
    return [sum(amount for key, amount in found.items() if key[0] == each.person_id) for each in trainees(case)]


def half_day(made, key, district, *, whom=(), counts=False):
    services.set_half_day(
        correction=made, day=key[0], half_day=key[1], enrolments=list(whom), counts=counts, reason="老师未到",
        actor=district.handler,
    )  # fmt: skip


class TestWhatIsCorrected:
    def test_one_person_to_another_figure(self, district, case):
        before = as_written()
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        made = corrected(district, made)
        assert sums(case) == [6, 16]
        assert in_ledger(case) == from_scratch(case)
        assert made.state == "corrected"
        now = as_written()
        assert {pk: now[pk] for pk in before} == before, "no entry is changed"
        counter, new = LedgerEntry.objects.exclude(pk__in=before).order_by("pk")
        assert (counter.amount, new.amount) == (-16, 6)
        assert counter.reason == f"学时更正 {made.number}：检查发现签到不实"
        assert new.reason == "代签"
        assert counter.source_id == new.source_id == made.pk

    def test_to_nothing(self, district, case):
        made = begun(district, case)
        amounts(made, 0, 0, district.handler)
        corrected(district, made)
        assert sums(case) == [0, 16]
        outcome = case.outcomes.order_by("enrolment").first()
        assert (outcome.posted, outcome.amounts[0]["amount"]) == (False, "0.0")

    def test_one_half_day_for_everybody(self, district, case):
        made = begun(district, case)
        half_day(made, (DAY, "morning"), district)
        corrected(district, made)
        assert sums(case) == [12, 12]
        assert in_ledger(case) == from_scratch(case)
        why = {each["why"] for row in case.outcomes.all() for each in row.half_days[:1]}
        assert why == {"excluded"}

    def test_one_half_day_for_some_and_again_for_others(self, district, case):
        made = begun(district, case)
        half_day(made, (DAY, "morning"), district)
        half_day(made, (DAY, "morning"), district, whom=trainees(case)[1:], counts=True)
        corrected(district, made)
        assert sums(case) == [12, 16]

    def test_a_half_day_that_was_taken_out_before_the_decision_counts_again(self, district):
        course = class_of(district.unit)
        sign_all(course, [enrol(course, person_in(district.neighbour_unit))])
        draft = recognition_of(course)
        draft.exclusions.create(date=DAY, half_day="morning", reason="老师未到", decided_by=district.handler)
        case = decided(district, draft, "recognise_partly")
        made = begun(district, case)
        half_day(made, (DAY, "morning"), district, counts=True)
        corrected(district, made)
        assert sums(case) == [16]

    def test_the_whole(self, district, case):
        made = begun(district, case)
        services.set_whole(correction=made, reason="没有办班", actor=district.handler)
        corrected(district, made)
        assert sums(case) == [0, 0]
        assert in_ledger(case) == from_scratch(case) == {}

    def test_the_whole_but_for_one_of_whom_it_is_proved(self, district, case):
        made = begun(district, case)
        services.set_whole(correction=made, reason="没有办班", actor=district.handler)
        amounts(made, 1, 8, district.handler)
        corrected(district, made)
        assert sums(case) == [0, 8]

    def test_somebody_who_was_left_off_the_list(self, district, case):
        number = id_number()
        person = person_in(district.neighbour_unit, "漏报者", number=number)
        made = begun(district, case)
        said = {"correction": made, "amounts": {(2026, "professional"): Decimal(8)}, "reason": "签到表上有签名"}
        with pytest.raises(NotPossible, match="本区人员中没有"):
            services.add_left_out(name="另一人", id_number=number, actor=district.handler, **said)
        services.add_left_out(name="漏报者", id_number=number, actor=district.handler, **said)
        assert case.application.enrolments.count() == 2, "nobody is enrolled before the decision"
        assert [each.enrolment.name for each in reach_of(fresh(made)).changes] == ["漏报者"]
        corrected(district, made)
        assert sums(case) == [16, 16, 8]
        assert case.application.enrolments.get(person=person).late_reason.endswith("补列")
        assert in_ledger(case) == from_scratch(case)
        with pytest.raises(NotPossible, match="已在本班学员名单里"):
            services.add_left_out(
                name="漏报者", id_number=number, actor=district.handler, **said | {"correction": begun(district, case)}
            )

    def test_hours_moved_over_new_year(self, district, time_machine):
        time_machine.move_to(on(2027, 1, 5))
        case = recognised(district, class_of(district.unit, opens_on=date(2026, 12, 31)))
        made = begun(district, case)
        who = trainees(case)[0]
        moved = {(2026, "professional"): Decimal(4), (2027, "professional"): Decimal(8)}
        services.set_amounts(correction=made, enrolment=who, amounts=moved, reason="代签", actor=district.handler)
        corrected(district, made)
        found = {key[1]: amount for key, amount in in_ledger(case).items() if key[0] == who.person_id}
        assert found == {2026: 4, 2027: 8}
        assert set(LedgerEntry.objects.filter(amount__lt=0).values_list("year", flat=True)) == {2026}, (
            "a year without a difference is left alone"
        )
        assert in_ledger(case) == from_scratch(case)

    def test_credits_left_open_by_a_half_day_are_decided_before_it_goes_on(self, district):
        course = class_of(district.unit, measure=Measure.CREDITS, credits={"class_2": "5.0"})
        people = [enrol(course, person_in(district.neighbour_unit, name, category="medical")) for name in ("甲", "乙")]
        sign_all(course, people)
        case = decided(district, recognition_of(course))
        made = begun(district, case)
        half_day(made, (DAY, "morning"), district)
        assert "还有 2 人须逐人核定学时（学分）：甲、乙" in reasons(fresh(made), "propose", district.handler)
        key = {(2026, "class_2"): Decimal(3)}
        services.set_amounts(correction=made, enrolment=people[0], amounts=key, reason="缺半日", actor=district.handler)
        services.settle_rest(correction=made, keep=True, reason="不影响", actor=district.handler)
        corrected(district, made)
        assert sums(case) == [3, 5]
        assert in_ledger(case) == from_scratch(case)

    def test_fixed_hours_are_decided_again_where_their_half_days_change(self, district, case):
        first = begun(district, case)
        amounts(first, 0, 10, district.handler)
        corrected(district, first)
        second = begun(district, case)
        half_day(second, (DAY, "morning"), district)
        assert "还有 1 人须逐人核定" in reasons(fresh(second), "propose", district.handler)
        services.settle_rest(correction=second, keep=False, reason="不予认定", actor=district.handler)
        corrected(district, second)
        assert sums(case) == [0, 12]

    def test_the_amount_that_this_correction_gives_is_what_is_kept(self, district, case):
        made = begun(district, case)
        amounts(made, 0, 3, district.handler)
        said = fresh(made).lines.get(amount__isnull=False).reason
        half_day(made, (DAY, "morning"), district)
        assert "还有 1 人须逐人核定" in reasons(fresh(made), "propose", district.handler)
        services.settle_rest(correction=made, keep=True, reason="不受影响", actor=district.handler)
        assert fresh(made).lines.get(amount__isnull=False).reason == said, "with its own reason"
        corrected(district, made)
        assert sums(case)[0] == 3, "not what the ledger had before"
        assert in_ledger(case) == from_scratch(case)

    @pytest.mark.notice("一(三)3")
    def test_an_intensive_training_stays_one_training(self, district):
        """Entries of one class are counted by their source: a correction leaves neither none nor two."""
        course = class_of(district.unit, half_days=(), days=1, intensive=True)
        add_lessons(course, [(DAY, "morning")], subject="public")
        add_lessons(course, [(DAY, "afternoon")])
        case = recognised(district, course, people=1)
        person = trainees(case)[0].person
        for key, hours in (("professional", 2), ("public", 3), ("public", 0), ("public", 4)):
            made = begun(district, case)
            now = {(2026, subject): Decimal(0) for subject in ("public", "professional")}
            now |= {(k[1], k[2]): v for k, v in in_ledger(case).items()} | {(2026, key): Decimal(hours)}
            services.set_amounts(
                correction=made, enrolment=trainees(case)[0], amounts=now, reason="更正", actor=district.handler
            )
            corrected(district, made)
            entries = [each for each in people_entries([person], 2026, 2026)[person.pk] if not each.is_void]
            assert _count_trainings(entries, None)[0] == 1, (key, hours)
            assert in_ledger(case) == from_scratch(case)


class TestOneAfterAnother:
    def test_a_correction_of_a_correction(self, district, case):
        for hours in (6, 10, 0, 16):
            made = begun(district, case)
            amounts(made, 0, hours, district.handler)
            corrected(district, made)
            assert sums(case) == [hours, 16]
            assert in_ledger(case) == from_scratch(case)

    def test_one_is_undone_by_another_and_that_again(self, district, case):
        first = begun(district, case)
        amounts(first, 0, 6, district.handler)
        first = corrected(district, first)
        second = begun(district, case)
        services.undo(correction=second, earlier=first, actor=district.handler)
        second = corrected(district, second)
        assert sums(case) == [16, 16]
        assert (fresh(first).state, fresh(second).state) == ("undone", "corrected")
        third = begun(district, case)
        services.undo(correction=third, earlier=second, actor=district.handler)
        corrected(district, third)
        assert sums(case) == [6, 16]
        assert (fresh(first).state, fresh(second).state) == ("corrected", "undone")
        assert in_ledger(case) == from_scratch(case)

    def test_half_days_of_an_undone_one_count_again_wherever_the_class_is_counted(self, district, case):
        first = begun(district, case)
        taken = {"day": case.application.opens_on, "half_day": "morning", "enrolments": [], "counts": False}
        services.set_half_day(correction=first, **taken, reason="教师未到", actor=district.handler)
        first = corrected(district, first)
        assert [each.total("professional") for each in count_hours(class_case(case.application))] == [12, 12]
        second = begun(district, case)
        services.undo(correction=second, earlier=first, actor=district.handler)
        corrected(district, second)
        assert sums(case) == [16, 16]
        assert [each.total("professional") for each in count_hours(class_case(case.application))] == [16, 16]

    def test_only_one_of_the_same_class_lies_with_the_bureau(self, district, case):
        made = begun(district, case)
        with pytest.raises(NotPossible, match="正在办理（草稿），办结后再提出"):
            begun(district, case)
        amounts(made, 0, 6, district.handler)
        asked = RecognitionCorrection.objects.create(
            recognition=case, unit=case.unit, reason="漏报", created_by=district.owner
        )
        fire(made := fresh(made), "propose", actor=district.handler)
        assert f"这个班的学时更正 {made.number}正在办理" in reasons(asked, "submit", district.owner)

    def test_correcting_twice_in_two_tabs(self, district, case):
        made = begun(district, case)
        opened = made.version
        who, handler = trainees(case)[0], district.handler
        key = {(2026, "professional"): Decimal(6)}
        said = {"correction": made, "enrolment": who, "amounts": key, "reason": "代签", "actor": handler}
        services.set_amounts(**said, version=opened)
        with pytest.raises(Conflict):
            services.set_amounts(**said | {"amounts": {(2026, "professional"): Decimal(2)}}, version=opened)
        made = corrected(district, made)
        stale = RecognitionCorrection(**{f.attname: getattr(made, f.attname) for f in made._meta.concrete_fields})
        stale.state = "checked"
        assert "现在的状态是“已更正”" in reasons(stale, "correct", district.approver)
        assert sums(case) == [6, 16]
        with pytest.raises(NotPossible, match="现在不能再改"):
            services.set_amounts(**said)


class TestWhatIsRefused:
    def test_more_than_the_timetable_holds(self, district, case):
        made = begun(district, case)
        with pytest.raises(NotPossible, match=r"核定 16\.5，超过全程参加的 16"):
            amounts(made, 0, "16.5", district.handler)
        with pytest.raises(NotPossible, match="没有这一科目"):
            amounts(made, 0, 1, district.handler, year=2025)
        assert not made.lines.exists()

    def test_nothing_said_or_nothing_changed(self, district, case):
        made = begun(district, case)
        assert "还没有写明更正什么" in reasons(made, "propose", district.handler)
        half_day(made, (DAY, "morning"), district, counts=True)
        assert "没有人的学时或半日有变化" in reasons(fresh(made), "propose", district.handler)

    def test_a_half_day_that_is_not_in_the_timetable(self, district, case):
        made = begun(district, case)
        with pytest.raises(NotPossible, match="没有计学时的课程"):
            half_day(made, (DAY, "evening"), district)

    @pytest.mark.parametrize("state", ["draft", "submitted", "refused"])
    def test_of_a_class_of_which_nothing_was_recognised(self, district, state):
        draft = recognition_of(class_of(district.unit), state=state)
        with pytest.raises(NotPossible, match="没有已入账的学时可以更正"):
            begun(district, draft)

    def test_who_prepared_does_not_decide(self, district, case):
        both = account_with(Role.BUREAU_HANDLER, district.bureau)
        made = services.begin(recognition=case, reason="签到不实", actor=both)
        amounts(made, 0, 6, both)
        fire(made := fresh(made), "propose", actor=both)
        both.assignments.update(role=Role.BUREAU_APPROVER)
        assert "须为两人" in reasons(made, "correct", district.fresh(both))

    @pytest.mark.parametrize("person", ["neighbour", "approver", "inspector"])
    def test_by_nobody_else(self, district, case, person):
        with pytest.raises(NotPossible, match="只有区人社局经办和办班单位"):
            services.begin(recognition=case, reason="我的少了", actor=getattr(district, person))

    def test_the_provider_prepares_nothing(self, district, case):
        made = asked_for(district, case)
        with pytest.raises(NotPossible, match="现在不能再改"):
            amounts(made, 0, 6, district.owner)


class TestAskedForByTheProvider:
    def test_from_the_application_to_the_correction(self, district, case):
        made = asked_for(district, case)
        assert not RecognitionCorrection.objects.visible_to(district.handler).exists()
        fire(made, "submit", actor=district.owner)
        assert made.number == "2026-G-0001"
        assert "核实更正" in "".join(todo.title for todo in todos(district.fresh(district.handler)))
        amounts(made, 0, 6, district.handler)
        fire(made := fresh(made), "check", actor=district.handler)
        fire(made, "correct", actor=district.approver)
        assert sums(case) == [6, 16]
        assert Notice.objects.filter(recipient=district.owner, title__contains="学时更正 2026-G-0001 同意更正").exists()

    def test_without_evidence_it_is_not_filed(self, district, case):
        made = services.begin(recognition=case, reason="漏报一人", actor=district.owner)
        assert "还缺材料：证明材料" in reasons(made, "submit", district.owner)

    def test_it_is_returned_once_and_answered(self, district, case):
        made = asked_for(district, case)
        fire(made, "submit", actor=district.owner)
        fire(made, "return", actor=district.handler, data={"items": [{"wrong": "没有写明是谁"}]})
        fire(made, "resubmit", actor=district.owner, data={"answers": {}})
        assert made.state == "submitted"

    def test_what_the_bureau_found_itself_is_not_returned(self, district, case):
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        fire(made := fresh(made), "propose", actor=district.handler)
        fire(made, "send_back", actor=district.approver, note="再核对")
        said = [each.reason for each in actions_for(made, district.handler, "return")]
        assert said == ["这件更正是区人社局提出的，不退回施教机构；请直接修改，或作废"]

    def test_it_may_be_refused_and_nothing_changes(self, district, case):
        made = asked_for(district, case)
        fire(made, "submit", actor=district.owner)
        amounts(made, 0, 6, district.handler)
        fire(made := fresh(made), "check", actor=district.handler)
        fire(made, "refuse", actor=district.approver, note="签到表上没有签名")
        assert sums(case) == [16, 16]
        assert LedgerEntry.objects.count() == 2

    def test_what_the_bureau_prepares_is_not_the_provider_s_to_see_until_decided(self, district, case):
        made = begun(district, case)
        assert not RecognitionCorrection.objects.visible_to(district.owner).exists()
        amounts(made, 0, 6, district.handler)
        corrected(district, made)
        assert RecognitionCorrection.objects.visible_to(district.owner).get() == made
        assert not RecognitionCorrection.objects.visible_to(district.neighbour).exists()


class TestWhatFollows:
    def test_a_new_sheet_takes_the_place_of_the_old_one(self, district, case):
        sweep()
        old = Paper.objects.get()
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        corrected(district, made)
        sweep()
        old.refresh_from_db()
        new = Paper.objects.exclude(pk=old.pk).get()
        assert (old.state, old.superseded_by, new.state, new.replaces) == ("revoked", new.number, "issued", old)
        client = Client()
        said = client.get(reverse("papers:check_code", args=[old.code])).content.decode()
        assert f"已被 {new.number} 替代，不能使用" in said
        assert "所载学时已更正（2026-G-0001），以更正后的认定表为准" in said
        assert "已撤销" not in said
        assert reverse("papers:check_code", args=[new.code]) in said
        assert ["认定结论", "部分认定（更正后）"] in new.facts
        assert "现在有效" in client.get(reverse("papers:check_code", args=[new.code])).content.decode()

    def test_a_sheet_that_the_worker_had_not_issued_yet_is_not_named_and_the_correction_is(self, district, case):
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        corrected(district, made)
        sweep()
        new = Paper.objects.get(state="issued")
        assert Paper.objects.exclude(pk=new.pk).get().number is None
        with new.file.open() as file:
            text = "".join("".join(page.extract_text() for page in PdfReader(file).pages).split())
        assert "本表为更正后的认定表。" in text
        assert "更正（2026-G-0001）：检查发现签到不实" in text
        assert "代替" not in text

    def test_the_units_of_those_concerned_are_told(self, district, case):
        Notice.objects.all().delete()
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        corrected(district, made)
        told = Notice.objects.filter(title__contains="本单位人员的培训学时有更正")
        assert set(told.values_list("recipient", flat=True)) == {district.neighbour.pk}
        assert Notice.objects.filter(recipient=district.owner, title__contains="更正").exists()

    def test_what_it_changed_is_kept_for_later_years(self, district, case):
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        made = corrected(district, made)
        row = made.changed.get()
        assert (row.before[0]["amount"], row.after[0]["amount"]) == ("16.0", "6.0")
        later = begun(district, case)
        amounts(later, 0, 2, district.handler)
        corrected(district, later)
        assert made.changed.get().after[0]["amount"] == "6.0"

    def test_who_is_registered_later_gets_what_holds_then(self, district, case):
        course = class_of(district.unit, opens_on=DAY)
        number = id_number()
        waiting = stranger(course, "后登记者", unit=district.neighbour_unit, id_hash=lookup_hash(number))
        known = enrol(course, person_in(district.neighbour_unit))
        sign_all(course, [waiting, known])
        other = decided(district, recognition_of(course))
        made = begun(district, other)
        half_day(made, (DAY, "morning"), district)
        corrected(district, made)
        person = person_in(district.neighbour_unit, "后登记者", number=number)
        assert enter_hours() == 1
        assert LedgerEntry.objects.get(person=person).amount == 12
        assert in_ledger(other) == from_scratch(other)
