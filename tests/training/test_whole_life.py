"""From the plan to the correction and the decision on an inspection, in whatever order people act: a machine of rules
over the real database.

What must hold after every act: the ledger is what a count from scratch gives; no entry was ever changed or taken away;
a class that was not published and approved has earned nobody an hour; every state is the one that the record of acts
leads to; whoever has less than was stamped is looked at again.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.training.inspections.decisions.factories import WAY, a_draft, moved, withdrawn
from tests.training.recognition.corrections import as_written, from_scratch, in_ledger
from tests.training.whole_life import SLOTS, UpToRecognition, amounts, listed, people, possibly, slots
from tests.verification.batches.samples import quick_batch
from training.classes.models import ClassApplication
from training.inspections.decisions import services as deciding
from training.inspections.decisions.models import Decision
from training.plans.models import PlanItem
from training.recognition.corrections import services as correcting
from training.recognition.models import Recognition, RecognitionCorrection
from units.models import Person
from verification.batches.models import AnnualRecord
from verification.batches.second_look import to_look_at_again
from verification.ledger.models import LedgerEntry

STAGES = ("nothing", "published", "approved", "attended", "recognised", "decided")
# Where a run begins: most of what can go wrong needs hours in the ledger, and a decision that holds.
BEGINNINGS = (*["decided"] * 4, *["recognised"] * 3, *STAGES[:4])


class WholeLife(UpToRecognition):
    """The same class, and everything that becomes of its hours."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[int, Any] = {}
        self.stamped: dict[int, tuple[Decimal, int]] = {}

    # --- how far it has got at the beginning --------------------------------------------------------------------------

    @initialize(
        until=st.sampled_from(BEGINNINGS),
        changed=st.none() | st.integers(0, len(SLOTS) - 1),
        stamped=st.none() | listed,
    )
    def begins(self, until: str, changed: int | None, stamped: int | None) -> None:
        self.begin_plan_and_class()
        for stage in STAGES[1 : STAGES.index(until) + 1]:
            getattr(self, f"until_{stage}")()
            if stage == "approved" and changed is not None:
                self.class_is_changed(changed, False)
                assert self.changed, "nothing stands in the way of a change before the class begins"
            if stage == "recognised" and stamped is not None:
                self.year_is_stamped(stamped)

    def until_decided(self) -> None:
        """On the first half-day that counts, of the first trainee: nobody else is touched by it."""
        counting = self.course.timetable.filter(counts=True).order_by("pk").values_list("date", "half_day")
        assert self.decided(counting[0], 0, Decimal(4))

    # --- corrections --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.case)
    @rule()
    def correction_begins(self) -> None:
        with possibly():
            correcting.begin(recognition=self.case, reason="检查发现有误", actor=self.district.handler)

    @precondition(lambda self: self.correction)
    @rule(who=people, hours=amounts)
    def one_is_corrected(self, who: int, hours: Decimal) -> None:
        said = {"amounts": {(2026, "professional"): hours}, "reason": "代签", **self.prepared()}
        with possibly():
            if enrolment := self.enrolment(who):
                correcting.set_amounts(enrolment=enrolment, **said)
            else:
                person = self.people[who]
                correcting.add_left_out(name=person.name, id_number=person.id_number, **said)

    @precondition(lambda self: self.correction)
    @rule(who=st.none() | listed, slot=slots, counts=st.booleans())
    def half_day_is_corrected(self, who: int | None, slot: tuple[date, str], counts: bool) -> None:
        enrolment = None if who is None else self.enrolment(who)
        with possibly():
            correcting.set_half_day(
                day=slot[0],
                half_day=slot[1],
                enrolments=[enrolment] if enrolment else [],
                counts=counts,
                reason="检查记录",
                **self.prepared(),
            )

    @precondition(lambda self: self.correction)
    @rule(keep=st.booleans())
    def rest_is_settled(self, keep: bool) -> None:
        with possibly():
            correcting.settle_rest(keep=keep, reason="其余", **self.prepared())

    @precondition(lambda self: self.correction)
    @rule()
    def whole_is_taken_back(self) -> None:
        with possibly():
            correcting.set_whole(reason="没有办班", **self.prepared())

    @precondition(lambda self: self.correction)
    @rule(data=st.data())
    def earlier_one_is_undone(self, data: st.DataObject) -> None:
        held = list(RecognitionCorrection.objects.filter(state="corrected").order_by("pk"))
        with possibly():
            if held:
                correcting.undo(earlier=data.draw(st.sampled_from(held)), **self.prepared())

    @precondition(lambda self: self.correction)
    @rule(name=st.sampled_from(["propose", "correct", "correct", "refuse", "send_back", "check", "drop"]))
    def correction_moves(self, name: str) -> None:
        handler = name in ("propose", "check", "drop")
        with possibly():
            actor = self.district.handler if handler else self.district.approver
            fire(self.correction, name, actor=actor, note="已核对")

    @precondition(lambda self: self.correction)
    @rule()
    def correction_is_decided(self) -> None:
        """What becomes of most of them."""
        for name in ("propose", "check", "correct"):
            self.correction_moves(name)

    @precondition(lambda self: self.case)
    @rule(who=people, hours=amounts)
    def one_is_corrected_in_one_go(self, who: int, hours: Decimal) -> None:
        self.correction_begins()
        if self.correction:
            self.one_is_corrected(who, hours)
            self.correction_is_decided()

    @precondition(lambda self: self.case)
    @rule(who=st.none() | listed, slot=slots, counts=st.booleans())
    def half_day_is_corrected_in_one_go(self, who: int | None, slot: tuple[date, str], counts: bool) -> None:
        self.correction_begins()
        if self.correction:
            self.half_day_is_corrected(who, slot, counts)
            self.rest_is_settled(True)
            self.correction_is_decided()

    @precondition(lambda self: self.case)
    @rule(data=st.data())
    def earlier_one_is_undone_in_one_go(self, data: st.DataObject) -> None:
        self.correction_begins()
        if self.correction:
            self.earlier_one_is_undone(data)
            self.rest_is_settled(True)
            self.correction_is_decided()

    # --- inspections and decisions ------------------------------------------------------------------------------------

    @rule(slot=st.none() | slots, who=st.none() | listed)
    def decision_is_drafted(self, slot: tuple[date, str] | None, who: int | None) -> None:
        self.drafted(slot, who)

    def drafted(self, slot: tuple[date, str] | None, who: int | None) -> Decision | None:
        self.go_to("attended")
        enrolment = None if who is None else self.enrolment(who)
        with possibly():
            return a_draft(
                self.district,
                self.course,
                half_days=[slot] if slot else [],
                people=[enrolment] if enrolment else [],
            )
        return None

    @precondition(lambda self: self.decisions("draft", "heard"))
    @rule(data=st.data(), hours=amounts)
    def decision_settles_the_rest(self, data: st.DataObject, hours: Decimal) -> None:
        case = data.draw(st.sampled_from(self.decisions("draft", "heard")))
        with possibly():
            given = {(2026, "professional"): hours}
            deciding.settle(decision=case, enrolments=[], amounts=given, reason="余下半日", actor=self.district.handler)

    @precondition(lambda self: self.decisions("draft", "told", "heard", "proposed", "withdrawing"))
    @rule(data=st.data(), name=st.sampled_from(["refuse", "send_back", "redraft", "uphold", *WAY]))
    def decision_moves(self, data: st.DataObject, name: str) -> None:
        open_ones = self.decisions("draft", "told", "heard", "proposed", "withdrawing")
        with possibly():
            moved(self.district, data.draw(st.sampled_from(open_ones)), name)

    @precondition(lambda self: self.decisions("draft"))
    @rule(data=st.data(), hours=amounts)
    def decision_is_made(self, data: st.DataObject, hours: Decimal) -> None:
        """What becomes of most of them."""
        self.make(data.draw(st.sampled_from(self.decisions("draft"))), hours)

    def make(self, case: Decision, hours: Decimal) -> None:
        """Settle what is left open, and decide, as far as nothing stands in the way."""
        with possibly():
            given = {(2026, "professional"): hours}
            deciding.settle(decision=case, enrolments=[], amounts=given, reason="余下半日", actor=self.district.handler)
        for name in WAY:
            with possibly():
                moved(self.district, case, name)

    @rule(slot=st.none() | slots, who=st.none() | listed, hours=amounts)
    def decision_is_made_at_once(self, slot: tuple[date, str] | None, who: int | None, hours: Decimal) -> None:
        self.decided(slot, who, hours)

    def decided(self, slot: tuple[date, str] | None, who: int | None, hours: Decimal) -> Decision | None:
        """From the draft to the decision, with nothing in between; None where something stood in the way."""
        if draft := self.drafted(slot, who):
            self.make(draft, hours)
        return next((each for each in self.decisions("decided") if each == draft), None)

    @precondition(lambda self: self.decisions("decided"))
    @rule(data=st.data())
    def decision_is_withdrawn(self, data: st.DataObject) -> None:
        with possibly():
            withdrawn(self.district, data.draw(st.sampled_from(self.decisions("decided"))))

    @rule(slot=st.none() | slots, who=st.none() | listed, hours=amounts)
    def decided_and_withdrawn_at_once(self, slot: tuple[date, str] | None, who: int | None, hours: Decimal) -> None:
        """A withdrawal is the exact inverse, whatever else holds."""
        before = self.held()
        if made := self.decided(slot, who, hours):
            withdrawn(self.district, made)
        assert self.held() == before

    @rule(slot=slots, who=st.none() | listed, hours=amounts, first_goes_first=st.booleans(), both_go=st.booleans())
    def two_on_one_half_day(
        self, slot: tuple[date, str], who: int | None, hours: Decimal, first_goes_first: bool, both_go: bool
    ) -> None:
        """Of two decisions the withdrawal of one leaves what the other takes; of both, what was there before."""
        before = self.held()
        one = self.decided(slot, None, hours)
        after_one = self.held()
        other = self.decided(slot, who, hours)
        if not (one and other):
            return
        first, second = (one, other) if first_goes_first else (other, one)
        withdrawn(self.district, first)
        assert first == one or self.held() == after_one
        if both_go:
            withdrawn(self.district, second)
            assert self.held() == before

    # --- years that were verified -------------------------------------------------------------------------------------

    @precondition(lambda self: self.case and self.case.state in Recognition.POSTED)
    @rule(who=people)
    def year_is_stamped(self, who: int) -> None:
        """What the ledger holds now is on paper; acts come later than the stamp."""
        self.go_to("stamped")
        person = self.people[who]
        if not AnnualRecord.objects.filter(person=person).exists():
            records = quick_batch(self.district, "stamped").records
            records.update(person=person, decided_at=clock.now())
            self.stamped[records.get().pk] = self.of_the_year(person)
        self.go_to("stamped")

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def no_entry_is_ever_changed(self) -> None:
        now = as_written()
        assert {pk: now.get(pk) for pk in self.seen} == self.seen
        self.seen = dict(now)

    @invariant()
    def ledger_is_what_a_count_from_scratch_gives(self) -> None:
        case = self.case if hasattr(self, "course") else None
        if case is None or case.state not in Recognition.POSTED:
            assert not LedgerEntry.objects.exists()
        else:
            assert in_ledger(case) == from_scratch(case)

    @invariant()
    def whoever_has_less_than_was_stamped_is_looked_at_again(self) -> None:
        waiting = set(to_look_at_again().values_list("pk", flat=True))
        for record in AnnualRecord.objects.filter(pk__in=self.stamped).select_related("person"):
            stamped, now = self.stamped[record.pk], self.of_the_year(record.person)
            assert record.pk in waiting or now[0] >= stamped[0]
            assert record.pk not in waiting or now[1] > stamped[1], "nothing was written since"

    @invariant()
    def nothing_unpublished_earns_an_hour(self) -> None:
        if LedgerEntry.objects.exists():
            assert PlanItem.objects.get(pk=self.item.pk).state == PlanItem.State.PUBLISHED
            assert ClassApplication.objects.get(pk=self.course.pk).state == ClassApplication.State.APPROVED

    @invariant()
    def every_state_is_what_the_acts_led_to(self) -> None:
        if not hasattr(self, "course"):
            return
        rows = [self.plan, self.item, self.course, self.case]
        rows += [*RecognitionCorrection.objects.all(), *Decision.objects.all()]
        for row in filter(None, rows):
            row = type(row)._base_manager.get(pk=row.pk)
            acts = Event.objects.filter(case_type=row._meta.label_lower, case_id=row.pk).order_by("pk")
            state = "listed" if row == self.item else "draft"
            for source, target in acts.exclude(target="").values_list("source", "target"):
                assert source in (state, "")
                state = target
            assert row.state == state, row

    # --- what the rules ask -------------------------------------------------------------------------------------------

    @property
    def correction(self) -> RecognitionCorrection | None:
        """The one that is being prepared or waits to be decided."""
        return RecognitionCorrection.objects.filter(state__in=["draft", "submitted", "checked"]).first()

    def held(self) -> dict[tuple[int, int, str, str], Decimal]:
        """What the class comes to in the ledger."""
        return in_ledger(self.case) if self.case else {}

    def of_the_year(self, person: Person) -> tuple[Decimal, int]:
        """What a person has in the ledger, and in how many entries."""
        amounts = LedgerEntry.objects.filter(person=person, year=2026).values_list("amount", flat=True)
        return sum(amounts, Decimal(0)), len(amounts)

    def decisions(self, *states: str) -> list[Decision]:
        return list(Decision.objects.filter(state__in=states).order_by("pk"))

    def prepared(self) -> dict[str, Any]:
        return {"correction": self.correction, "actor": self.district.handler}


# A failure is shown as it was found: to make it smaller takes minutes of the real database.
LIFE = settings(
    phases=[Phase.generate],
    max_examples=12,
    stateful_step_count=24,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_whatever_people_do_the_ledger_is_what_was_counted(district: District) -> None:
    machine = type("OfThisDistrict", (WholeLife,), {"district": district})
    run_state_machine_as_test(machine, settings=LIFE)
