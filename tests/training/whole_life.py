"""The machine of a whole life as far as the recognition: one unit's plan with one project, one class, its trainees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import id_number, person_in
from tests.luojiang_ce.workflow.test_walk import undone
from tests.training.classes.changes.factories import cells, with_evidence
from tests.training.classes.factories import a_row, an_application
from tests.training.factories import with_package
from tests.training.plans.factories import agreed_by_both, an_item, with_scheme
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs, strike_signs
from training.classes.changes import services as changing
from training.classes.services import trainees
from training.plans import services as planning
from training.recognition import services as recognising
from training.recognition.models import Recognition

MONDAY = date(2026, 5, 11)
TUESDAY = MONDAY + timedelta(days=1)
SLOTS = ((MONDAY, "morning"), (MONDAY, "afternoon"), (TUESDAY, "morning"))
HOURS = {"morning": (time(9), time(12)), "afternoon": (time(14), time(17))}
PEOPLE = 4  # the last of them is put on no list until a correction does
# When things are done: the plan in January, the class filed in April, attended in May, recognised a week later; its
# year is verified in the next one.
MOMENTS = {
    "plan": datetime(2026, 1, 20, 10, tzinfo=clock.SHANGHAI),
    "published": datetime(2026, 3, 20, 10, tzinfo=clock.SHANGHAI),
    "filed": datetime(2026, 4, 10, 10, tzinfo=clock.SHANGHAI),
    "attended": datetime(2026, 5, 12, 20, tzinfo=clock.SHANGHAI),
    "recognised": datetime(2026, 5, 18, 10, tzinfo=clock.SHANGHAI),
    "stamped": datetime(2027, 1, 6, 10, tzinfo=clock.SHANGHAI),
}

people = st.integers(0, PEOPLE - 1)
listed = st.integers(0, PEOPLE - 2)
slots = st.sampled_from(SLOTS)
amounts = st.sampled_from([Decimal(each) for each in ("0", "4", "7.5", "12", "12.5")])


@contextmanager
def possibly() -> Iterator[None]:
    """What is refused changes nothing, which the invariants look at next."""
    with suppress(NotPossible):
        yield


class UpToRecognition(RuleBasedStateMachine):
    """How a class comes to be and how its hours are recognised, by the services that the pages call."""

    district: District

    def __init__(self) -> None:
        super().__init__()
        self.undoing = ExitStack()
        self.undoing.enter_context(undone())
        self.moment = self.undoing.enter_context(ExitStack())
        self.changed = 0

    def teardown(self) -> None:
        self.undoing.close()

    # --- how far it gets at the beginning -----------------------------------------------------------------------------

    def begin_plan_and_class(self) -> None:
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

    def enrolment(self, who: int) -> Any:
        return self.course.enrolments.present().filter(person=self.people[who]).first()
