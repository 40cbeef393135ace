"""Every field of a scenario's acts, each way it may be said: scenarios of a few days, played as whole years are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.simulation.playing import play

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]
Event = dict[str, Any]
UNITS = [
    {"code": "A", "nature": "district", "supervisor": None},
    {"code": "P", "nature": "company", "supervisor": None, "provider": True},
    {"code": "C", "nature": "medical", "supervisor": "H", "medical_level": "first"},
    {"code": "H", "nature": "medical", "supervisor": "HEALTH", "medical_level": "second", "provider": True},
    {"code": "T3", "nature": "medical", "supervisor": None, "medical_level": "third"},
    {"code": "S", "nature": "school", "supervisor": None},
    {"code": "B", "nature": "township", "supervisor": None, "medical_level": None},
]
PEOPLE = [
    {"key": "a", "unit": "A", "category": "general", "booklet": "A1"},
    {"key": "a2", "unit": "A", "category": "general", "booklet": None},
    {"key": "p", "unit": "P", "category": "general"},
    {"key": "c", "unit": "C", "category": "medical", "tenure": [2021, 2025], "booklet": "C1"},
    {"key": "h", "unit": "H", "category": "medical", "booklet": "H1"},
    {"key": "t3", "unit": "T3", "category": "medical", "booklet": "T1"},
    {"key": "s", "unit": "S", "category": "teacher", "cycle": [2023, 2027], "tenure": None, "booklet": "S1"},
]


def played(
    *events: Event, settings: Mapping[str, Any] | None = None, until: str = "", years: Sequence[int] = (2025,)
) -> Any:
    """What became of these events; the day after the last one is the end."""
    scenario = {
        "settings": settings, "catalogue": ["职业道德"], "units": UNITS, "people": PEOPLE, "events": list(events),
        "until": until or max(each["on"] for each in events), "report": list(years),
    }  # fmt: skip
    result, refusals = play(scenario)
    return {**result, "refusals": refusals}


def record_of(result: Any, key: str, year: int = 2025) -> Any:
    return result["people"][key][str(year)]


def declared(key: str, amount: str, on: str = "2025-12-10", **said: Any) -> Event:
    facts = {"year": 2025, "form": "seminar", "subject": "professional"}
    return {"on": on, "act": "declare", "people": [key], "amount": amount, **facts, **said}


FORMS = (
    *("remote", "seminar", "placement", "conference", "lecture", "abroad", "skills", "degree", "self_study"),
    *("paper", "elsewhere", "transfer"),
)


def test_every_form_of_learning_is_declared_with_its_evidence() -> None:
    """Each once, 8 hours; and a public course, and a teacher's course of a class away from school."""
    events = [declared("a", "8", form=form) for form in FORMS]
    events += [
        declared("p", "12", subject="public", course="职业道德", form="remote"),
        declared("p", "12", subject="public", course="没有的课", form="remote"),
        declared("h", "2", subject="class_2", course=None, intensive=None),
        declared("s", "20", form="elsewhere", course="师德修养", intensive=True),
        declared("h", "4", subject="class_2"),
        declared("c", "4", subject="general_practice"),
        declared("h", "4"),
    ]
    result = played(*events)
    assert result["events"] == [*(True for _ in FORMS), True, False, True, True, True, True, True], result["refusals"]
    assert record_of(result, "a")["amounts"] == {"professional": str(8 * len(FORMS))}
    assert record_of(result, "p")["amounts"] == {"public": "12"}
    assert record_of(result, "h")["amounts"] == {"class_2": "6", "professional": "4"}


def test_self_study_of_a_year_that_is_over_was_not_filed_before_it_began() -> None:
    late = declared("a", "8", form="self_study", on="2026-01-10")
    result = played(late, {**late, "year": 2026})
    assert result["events"] == [False, True]


def test_direct_stamping_with_and_without_a_course() -> None:
    """A course of the catalogue, one that is not there, none; professional too; before the year ends and after."""
    direct = {
        "on": "2025-06-10",
        "act": "direct",
        "people": ["a", "p"],
        "year": 2025,
        "subject": "public",
        "amount": "24",
    }
    result = played(
        {**direct, "course": "职业道德"},
        {**direct, "course": "没有的课"},
        {**direct, "people": ["a"]},
        {**direct, "subject": "professional", "people": ["p"], "amount": 6.5},
        {**direct, "subject": "class_2", "people": ["h"]},
        {**direct, "on": "2025-06-11", "year": 2026},
        {**direct, "on": "2025-06-11", "year": 2024, "people": ["a"]},
        years=(2024, 2025),
    )
    assert result["events"] == [True, False, True, True, False, False, True], result["refusals"]
    assert record_of(result, "a")["amounts"] == {"public": "48"}
    assert record_of(result, "a", 2024)["amounts"] == {"public": "24"}
    assert record_of(result, "p")["amounts"] == {"public": "24", "professional": "6.5"}


def half(date: str, half_day: str, subject: str = "professional", hours: float = 4, **more: Any) -> Event:
    return {"date": date, "half_day": half_day, "subject": subject, "hours": hours, **more}


def opened(unit: str, item: Event, *half_days: Event) -> list[Event]:
    """Planned in February, opened in April for May, approved."""
    return [
        {"on": "2025-02-20", "act": "plan", "unit": unit, "year": 2025, "items": [{"key": "i", **item}]},
        {"on": "2025-03-03", "act": "publish", "items": ["i"], "number": "泉洛政人社〔2025〕9号"},
        {"on": "2025-04-14", "act": "open", "class": "k", "item": "i", "half_days": list(half_days)},
        {"on": "2025-04-16", "act": "approve", "class": "k"},
    ]


def signed(date: str, half_day: str, both: Sequence[str], **more: Any) -> Event:
    return {
        "on": date,
        "at": "22:30",
        "act": "sign",
        "class": "k",
        "date": date,
        "half_day": half_day,
        "both": both,
        **more,
    }


def recognised(on: str = "2025-05-20") -> list[Event]:
    return [{"on": on, "act": act, "class": "k"} for act in ("file_recognition", "recognise")]


@pytest.fixture
def without_nights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between February and May nothing of what these tests are about is the worker's to do."""
    monkeypatch.setattr("tests.simulation.playing._work", lambda night: None)


@pytest.mark.usefixtures("without_nights")
def test_a_class_of_both_subjects_with_a_course_in_an_evening() -> None:
    """Only signing in earns nothing of that half-day; who is left open by the unit earns all the same here: of material
    3 the counter is told. A person who comes late to the list is signed for the half-days ahead."""
    days = [half("2025-05-12", "morning"), half("2025-05-12", "evening", "public", 2.5, course="职业道德")]
    result = played(
        *opened("P", {"hours": {"professional": 4, "public": 2.5}, "days": 1, "intensive": True}, *days),
        {"on": "2025-04-20", "act": "enrol", "class": "k", "people": ["a"], "agreed": False},
        {"on": "2025-05-12", "at": "12:30", "act": "enrol", "class": "k", "people": ["s"], "agreed": True},
        signed("2025-05-12", "morning", ["a"]),
        signed("2025-05-12", "evening", ["s"], only_in=["a"]),
        *recognised(),
    )
    assert all(result["events"]), result["refusals"]
    assert record_of(result, "a")["amounts"] == {"professional": "4"}
    assert record_of(result, "s")["amounts"] == {"public": "2.5"}
    assert result["classes"] == {"k": "approved"}


@pytest.mark.usefixtures("without_nights")
def test_credits_are_given_whole_and_to_nobody_in_part() -> None:
    days = [half("2025-05-12", "morning"), half("2025-05-12", "afternoon")]
    result = played(
        *opened("H", {"credits": {"class_1": 2, "class_2": 3}, "days": 1}, *days),
        {"on": "2025-04-20", "act": "enrol", "class": "k", "people": ["h", "c"], "agreed": True},
        signed("2025-05-12", "morning", ["h", "c"]),
        signed("2025-05-12", "afternoon", ["h"]),
        *recognised(),
        {"on": "2025-05-22", "act": "decide", "class": "k", "people": ["h"]},
        {"on": "2025-05-23", "act": "withdraw", "class": "k"},
        {"on": "2025-05-24", "act": "withdraw", "class": "k"},
        {"on": "2025-05-26", "act": "decide", "class": "k", "half_days": None, "people": None},
    )
    assert result["events"] == [*(True for _ in range(11)), False, True], result["refusals"]
    assert record_of(result, "h")["amounts"] == {}
    assert record_of(result, "c")["amounts"] == {}


@pytest.mark.usefixtures("without_nights")
def test_a_class_is_cancelled_or_never_held() -> None:
    days = [half("2025-05-12", "morning")]
    begun = opened("P", {"hours": {"professional": 4}, "days": 1}, *days)
    result = played(*begun, {"on": "2025-04-20", "act": "cancel", "class": "k"})
    assert (result["events"][-1], result["classes"]) == (True, {"k": "cancelled"})


def filed(on: str, people: Sequence[str], path: str, unit: str, **more: Any) -> Event:
    return {"on": on, "act": "file", "unit": unit, "year": 2025, "people": people, "path": path, **more}


def counted(on: str, people: Sequence[str], result: str = "verified") -> Event:
    return {"on": on, "act": "counter", "people": people, "year": 2025, "result": result}


def test_a_third_level_hospital_passes_with_a_note_and_a_booklet_is_given() -> None:
    """Its rules leave the figure open; who has no booklet is issued one. A unit of no supervisor is reviewed too."""
    result = played(
        filed("2026-01-12", ["t3"], "medical", "T3"),
        {"on": "2026-01-13", "act": "review", "people": ["t3"], "year": 2025, "by": "HEALTH"},
        counted("2026-01-14", ["t3"]),
        {"on": "2026-01-15", "act": "stamp", "people": ["t3"], "year": 2025, "by": "BUREAU"},
        declared("a2", "90", on="2026-01-12"),
        filed("2026-01-12", ["a2"], "general", "A"),
        counted("2026-01-14", ["a2"]),
        {"on": "2026-01-15", "act": "stamp", "people": ["a2"], "year": 2025, "by": "BUREAU"},
    )
    assert all(result["events"]), result["refusals"]
    assert (record_of(result, "t3")["record"], record_of(result, "t3")["verdict"]) == ("stamped", "undetermined")
    assert (record_of(result, "a2")["record"], record_of(result, "a2")["verdict"]) == ("stamped", "met")


def test_the_wrong_way_the_wrong_authority_and_the_unmet_are_refused() -> None:
    result = played(
        filed("2026-01-12", ["a"], "medical", "A"),
        filed("2026-01-12", ["a"], "general", "P"),
        filed("2026-01-12", ["s"], "teacher", "S"),
        {"on": "2026-01-13", "act": "review", "people": ["s"], "year": 2025, "by": "HEALTH"},
        filed("2026-01-13", ["a"], "general", "A"),
        counted("2026-01-14", ["a"]),
        counted("2026-01-14", ["a"], "supplement"),
        declared("a", "90", on="2026-01-14"),
        counted("2026-01-15", ["a"]),
        counted("2026-01-15", ["p"]),
    )
    assert result["events"] == [False, False, True, False, True, False, True, True, True, False], result["refusals"]
    assert record_of(result, "a")["record"] == "verified"
    assert record_of(result, "s")["record"] == "in_review"
    assert record_of(result, "p")["record"] == "owed"


def test_figures_that_are_not_set_decide_nothing() -> None:
    result = played(declared("a", "90"), settings={"public_minimum": None, "season_end": None})
    assert record_of(result, "a")["verdict"] == "met"


def test_a_minimum_of_public_hours_that_is_set() -> None:
    result = played(declared("a", "90"), settings={"public_minimum": 30, "teacher_cycle_total": 360})
    assert record_of(result, "a")["verdict"] == "unmet"


def test_absence_of_both_kinds_and_making_up() -> None:
    """Excused on the last day; the year is made up afterwards. Longer than two years is refused (notice 二(三)2)."""
    away = {"on": "2026-02-10", "act": "leave", "from": "2026-02-01", "to": "2026-06-30"}
    result = played(
        {**away, "person": "a", "kind": "sick"},
        {**away, "person": "p", "kind": "training"},
        {**away, "person": "s", "kind": "sick", "to": "2028-02-02"},
        declared("a", "90", on="2026-02-26"),
        filed("2026-03-02", ["a"], "general", "A", makes_up=True),
        filed("2026-03-02", ["a2"], "general", "A"),
        until="2026-03-03",
    )
    assert result["events"] == [True, True, False, True, True, False], result["refusals"]
    assert {key: record_of(result, key)["record"] for key in ("a", "p", "s", "a2")} == {
        "a": "filed", "p": "on_leave", "s": "given_up", "a2": "given_up",
    }  # fmt: skip
    assert record_of(result, "a2")["warned"] == 2  # 3 and 1 working days before; the 10th was before the first event


def test_who_moves_or_leaves() -> None:
    result = played(
        {"on": "2025-12-01", "act": "move", "person": "a", "to": "B"},
        {"on": "2025-12-02", "act": "quit", "person": "p"},
        {"on": "2025-12-02", "act": "quit", "person": "a2", "to": None},
        {"on": "2025-12-03", "act": "quit", "person": "p"},
        declared("p", "8", on="2025-12-03"),
    )
    assert result["events"] == [True, True, True, False, False], result["refusals"]
    assert (record_of(result, "a")["unit"], record_of(result, "a")["record"]) == ("B", "owed")
    assert record_of(result, "p")["record"] == "none"


@pytest.mark.usefixtures("without_nights")
def test_extensions_for_a_unit_a_kind_of_unit_and_a_class() -> None:
    """After the day itself a plan is in time where more was granted, and nowhere else."""
    more = {"on": "2025-02-25", "act": "extend", "what": "plan", "year": 2025, "until": "2025-03-10"}
    late = {
        "on": "2025-03-05",
        "act": "plan",
        "year": 2025,
        "items": [{"key": "x", "hours": {"professional": 4}, "days": 1}],
    }
    result = played(
        {**more, "unit": "P"},
        {**more, "nature": "medical"},
        {**late, "unit": "P"},
        {**late, "unit": "H", "items": [{"key": "y", "credits": {"class_2": 3}, "days": 1}]},
        {**late, "unit": "A"},
    )
    assert result["events"] == [True, True, True, True, False], result["refusals"]


@pytest.mark.usefixtures("without_nights")
def test_recognition_is_extended_by_its_class_alone() -> None:
    """Thirty days after 2025-05-12 are over on 2025-06-11."""
    result = played(
        *opened("P", {"hours": {"professional": 4}, "days": 1}, half("2025-05-12", "morning")),
        {"on": "2025-04-20", "act": "enrol", "class": "k", "people": ["p"], "agreed": True},
        signed("2025-05-12", "morning", ["p"]),
        {"on": "2025-06-10", "act": "extend", "what": "recognition", "class": "k", "until": "2025-06-20"},
        {"on": "2025-06-20", "act": "file_recognition", "at": "23:59", "class": "k"},
    )
    assert all(result["events"]), result["refusals"]


@pytest.mark.usefixtures("without_nights")
def test_a_closure_moves_what_is_counted_in_working_days() -> None:
    """Ten working days before 2025-04-28: the last filing day is 2025-04-14; closed days make it earlier."""
    half_day = half("2025-04-28", "morning")
    begun = opened("P", {"hours": {"professional": 4}, "days": 1}, half_day)[:2]
    opening = {"on": "2025-04-14", "act": "open", "class": "k", "item": "i", "half_days": [half_day]}
    result = played(
        *begun,
        opening,
        {"on": "2025-04-11", "act": "closure", "days": ["2025-04-21", "2025-04-22", "2025-04-24"]},
        opening,
    )
    assert result["events"] == [True, True, False, True, False], result["refusals"]
