"""From the plan to the correction and the decision on an inspection, in whatever order people act: a machine of rules
over the real database.

What must hold after every act: the ledger is what a count from scratch gives; no entry was ever changed or taken away;
a class that was not published and approved has earned nobody an hour; every state is the one that the record of acts
leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import id_number, person_in
from tests.luojiang_ce.workflow.test_walk import undone
from tests.training.classes.changes.factories import cells, with_evidence
from tests.training.classes.factories import a_row, an_application
from tests.training.factories import with_package
from tests.training.inspections.decisions.factories import WAY, a_draft, moved, withdrawn
from tests.training.plans.factories import agreed_by_both, an_item, with_scheme
from tests.training.recognition.corrections import as_written, from_scratch, in_ledger
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs, strike_signs
from training.classes.changes import services as changing
from training.classes.models import ClassApplication
from training.classes.services import trainees
from training.inspections.decisions import services as deciding
from training.inspections.decisions.models import Decision
from training.plans import services as planning
from training.plans.models import PlanItem
from training.recognition import services as recognising
from training.recognition.corrections import services as correcting
from training.recognition.models import Recognition, RecognitionCorrection
from verification.ledger.models import LedgerEntry

MONDAY = date(2026, 5, 11)
TUESDAY = MONDAY + timedelta(days=1)
SLOTS = ((MONDAY, "morning"), (MONDAY, "afternoon"), (TUESDAY, "morning"))
HOURS = {"morning": (time(9), time(12)), "afternoon": (time(14), time(17))}
PEOPLE = 4  # the last of them is put on no list until a correction does
# When things are done: the plan in January, the class filed in April, attended in May, recognised a week later.
MOMENTS = {
    "plan": datetime(2026, 1, 20, 10, tzinfo=clock.SHANGHAI),
    "published": datetime(2026, 3, 20, 10, tzinfo=clock.SHANGHAI),
    "filed": datetime(2026, 4, 10, 10, tzinfo=clock.SHANGHAI),
    "attended": datetime(2026, 5, 12, 20, tzinfo=clock.SHANGHAI),
    "recognised": datetime(2026, 5, 18, 10, tzinfo=clock.SHANGHAI),
}
STAGES = ("nothing", "published", "approved", "attended", "recognised")

people = st.integers(0, PEOPLE - 1)
listed = st.integers(0, PEOPLE - 2)
slots = st.sampled_from(SLOTS)
amounts = st.sampled_from([Decimal(each) for each in ("0", "4", "7.5", "12", "12.5")])


@contextmanager
def possibly() -> Iterator[None]:
    """What is refused changes nothing, which the invariants look at next."""
    with suppress(NotPossible):
        yield


class WholeLife(RuleBasedStateMachine):
    """One unit's plan with one project, one class, and everything that becomes of it."""

    district: District

    def __init__(self) -> None:
        super().__init__()
        self.undoing = ExitStack()
        self.undoing.enter_context(undone())
        self.moment = self.undoing.enter_context(ExitStack())
        self.seen: dict[int, Any] = {}
        self.changed = 0

    def teardown(self) -> None:
        self.undoing.close()

    # --- how far it has got at the beginning --------------------------------------------------------------------------

    @initialize(
        until=st.sampled_from(["recognised"] * 4 + ["attended", "approved", "published", "nothing"]),
        changed=st.none() | st.integers(0, len(SLOTS) - 1),
    )
    def begins(self, until: str, changed: int | None) -> None:
        self.go_to("plan")
        district = self.district
        self.people = [person_in(district.unit, f"学员{n}", number=id_number(900 + n)) for n in range(PEOPLE)]
        self.plan = planning.open_plan(unit=district.unit, year=2026, actor=district.owner)
        facts = {"starts_on": MONDAY, "ends_on": TUESDAY, "days": Decimal(2), "professional_amount": Decimal(12)}
        self.item = an_item(self.plan, title="检测技术培训班", sessions=3, **facts)
        self.course = an_application(
            district.unit, opens_on=MONDAY, ends_on=TUESDAY, project=self.item, actor=district.owner
        )
        lecturer = self.course.timetable.get().lecturer
        for day, half_day in SLOTS[1:]:
            starts_at, ends_at = HOURS[half_day]
            a_row(self.course, date=day, half_day=half_day, starts_at=starts_at, ends_at=ends_at, lecturer=lecturer)
        for stage in STAGES[1 : STAGES.index(until) + 1]:
            getattr(self, f"until_{stage}")()
            if stage == "approved" and changed is not None:
                self.class_is_changed(changed, False)
                assert self.changed, "nothing stands in the way of a change before the class begins"

    def until_published(self) -> None:
        self.plan_is_filed()
        self.plan_is_checked()
        self.plan_is_published()

    def until_approved(self) -> None:
        for name in ("submit", "check", "approve"):
            self.class_moves(name)
        self.people_are_enrolled()
        self.item.refresh_from_db()
        assert (self.item.state, self.course.state) == ("published", "approved")

    def until_attended(self) -> None:
        for n in range(PEOPLE - 1):
            for slot in SLOTS:
                self.somebody_signs(n, slot, True)

    def until_recognised(self) -> None:
        for name in ("open", "submit", "check", "recognise"):
            self.recognition_moves(name)
        assert self.case is not None
        assert self.case.state == "recognised"

    # --- plan and class -----------------------------------------------------------------------------------------------

    @rule()
    def plan_is_filed(self) -> None:
        with possibly():
            with_scheme(self.plan, self.district.owner)
            fire(self.plan, "submit", actor=self.district.owner)

    @rule()
    def plan_is_checked(self) -> None:
        with possibly():
            fire(self.plan, "check", actor=self.district.handler)

    @rule()
    def plan_is_published(self) -> None:
        self.go_to("published")
        with possibly():
            batch = planning.open_batch(year=2026, actor=self.district.handler)
            planning.gather(batch=batch, items=[self.item], actor=self.district.handler)
            fire(batch, "send", actor=self.district.handler)
            agreed_by_both(batch, self.district.handler)
            document = {"document_number": "泉洛政人社〔2026〕15号", "published_on": clock.today()}
            fire(batch, "publish", actor=self.district.approver, data=document)

    @rule(name=st.sampled_from(["submit", "check", "approve", "take_back", "cancel", "refuse"]))
    def class_moves(self, name: str) -> None:
        self.go_to("filed")
        who = {"check": self.district.handler, "approve": self.district.approver, "refuse": self.district.approver}
        with possibly():
            fire(self.course, name, actor=who.get(name, self.district.owner), note="改期另报")

    @rule()
    def people_are_enrolled(self) -> None:
        unit = self.district.unit
        wanted = [trainees.trainee_of(person, unit.pk, unit.name) for person in self.people[:-1]]
        with possibly():
            trainees.enrol_roster(application=self.course, trainees=wanted, actor=self.district.owner)

    @rule(lesson=st.integers(0, len(SLOTS) - 1), counts=st.booleans())
    def class_is_changed(self, lesson: int, counts: bool) -> None:
        """To another place, and with a lesson that counts, or does not count any more."""
        self.go_to("filed")
        district = self.district
        with possibly():
            asked = {"reason": "场地检修", "place": "区文化馆 3 楼", "opens_on": None, "actor": district.owner}
            change = changing.begin(application=self.course, **asked)
            rows = cells(self.course)
            rows[lesson] |= {"counts": counts, "hours": Decimal(4 if counts else 0)}
            changing.save_rows(change=change, rows=rows, version=None, actor=district.owner)
            with_evidence(district, change)
            change.refresh_from_db()
            for name, actor in (
                ("submit", district.owner),
                ("check", district.handler),
                ("approve", district.approver),
            ):
                fire(change, name, actor=actor)
            self.changed += 1
        self.course.refresh_from_db()

    # --- attendance and recognition -----------------------------------------------------------------------------------

    @rule(who=listed, slot=slots, both=st.booleans())
    def somebody_signs(self, who: int, slot: tuple[date, str], both: bool) -> None:
        self.go_to("attended")
        enrolment = self.enrolment(who)
        starts_at, ends_at = HOURS[slot[1]]
        wanted = [Wanted(enrolment.pk, *slot, starts_at, ends_at if both else None)] if enrolment else []
        with possibly():
            record_signs(application=self.course, wanted=wanted, source=Sign.Source.LIST, actor=self.district.owner)

    @rule(who=listed, slot=slots)
    def signs_are_struck(self, who: int, slot: tuple[date, str]) -> None:
        enrolment = self.enrolment(who)
        with possibly():
            strike_signs(
                application=self.course,
                key=slot,
                enrolments=[enrolment.pk] if enrolment else [],
                reason="代签",
                actor=self.district.owner,
            )

    @rule(name=st.sampled_from(["open", "submit", "check", "send_back", "recognise", "recognise_partly", "refuse"]))
    def recognition_moves(self, name: str) -> None:
        self.go_to("recognised")
        district = self.district
        with possibly():
            if name == "open":
                recognising.open_recognition(application=self.course, actor=district.owner)
            elif self.case and name == "submit":
                with_package(self.case, district.owner)
                fire(self.case, name, actor=district.owner)
            elif self.case:
                actor = district.handler if name == "check" else district.approver
                fire(self.case, name, actor=actor, note="按材料")

    @precondition(lambda self: self.case)
    @rule(who=listed, hours=amounts)
    def handler_decides(self, who: int, hours: Decimal) -> None:
        if enrolment := self.enrolment(who):
            said = {"amounts": {(2026, "professional"): hours}, "reason": "核定", "actor": self.district.handler}
            with possibly():
                recognising.decide(recognition=self.case, enrolment=enrolment, **said)

    @precondition(lambda self: self.case)
    @rule(slot=slots)
    def handler_excludes(self, slot: tuple[date, str]) -> None:
        with possibly():
            recognising.exclude(
                recognition=self.case,
                day=slot[0],
                half_day=slot[1],
                enrolment=None,
                reason="老师未到",
                actor=self.district.handler,
            )

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
        self.go_to("attended")
        enrolment = None if who is None else self.enrolment(who)
        with possibly():
            a_draft(
                self.district,
                self.course,
                half_days=[slot] if slot else [],
                people=[enrolment] if enrolment else [],
            )

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
        case = data.draw(st.sampled_from(self.decisions("draft")))
        with possibly():
            given = {(2026, "professional"): hours}
            deciding.settle(decision=case, enrolments=[], amounts=given, reason="余下半日", actor=self.district.handler)
        for name in WAY:
            with possibly():
                moved(self.district, case, name)

    @precondition(lambda self: self.decisions("decided"))
    @rule(data=st.data())
    def decision_is_withdrawn(self, data: st.DataObject) -> None:
        with possibly():
            withdrawn(self.district, data.draw(st.sampled_from(self.decisions("decided"))))

    @rule(slot=st.none() | slots, who=st.none() | listed, hours=amounts)
    def decided_and_withdrawn_at_once(self, slot: tuple[date, str] | None, who: int | None, hours: Decimal) -> None:
        """A withdrawal is the exact inverse, whatever else holds."""
        known, before = set(self.decisions("draft")), in_ledger(self.case) if self.case else {}
        self.decision_is_drafted(slot, who)
        for case in [each for each in self.decisions("draft") if each not in known]:
            with possibly():
                given = {(2026, "professional"): hours}
                deciding.settle(
                    decision=case, enrolments=[], amounts=given, reason="余下半日", actor=self.district.handler
                )
            with possibly():
                withdrawn(self.district, moved(self.district, case, *WAY))
        assert (in_ledger(self.case) if self.case else {}) == before

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

    def go_to(self, when: str) -> None:
        """It is this moment, or later: time does not run back."""
        if not hasattr(self, "now") or MOMENTS[when] > self.now:
            self.now = MOMENTS[when]
        else:
            self.now += timedelta(minutes=1)
        self.moment.close()
        self.moment.enter_context(clock.at(self.now))

    @property
    def case(self) -> Recognition | None:
        return Recognition.objects.filter(application=self.course).first()

    @property
    def correction(self) -> RecognitionCorrection | None:
        """The one that is being prepared or waits to be decided."""
        return RecognitionCorrection.objects.filter(state__in=["draft", "submitted", "checked"]).first()

    def decisions(self, *states: str) -> list[Decision]:
        return list(Decision.objects.filter(state__in=states).order_by("pk"))

    def prepared(self) -> dict[str, Any]:
        return {"correction": self.correction, "actor": self.district.handler}

    def enrolment(self, who: int) -> Any:
        return self.course.enrolments.present().filter(person=self.people[who]).first()


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
