"""Two years of a district by the program that plays whole years: 12 units of all kinds, 60 people, every act.

two-years.expected.json was written by hand from the notice and the contract before the scenario was first played:

- 2024 falls due on Friday 2025-02-28. Ten, three and one working days before are 02-14, 02-25 and 02-27: whoever is in
  no roster then is named on three days, though the unit filed others on 02-12. Schools were given until 03-21.
- 2025 falls due on Saturday 2026-02-28, a make-up working day; reminders on 02-09, 02-25 and 02-27 (the Spring Festival
  lies between). Who fell ill, left or moved before is excused, gone, or the new unit's.
- general staff: 90 hours, 60 of them professional, 24 public (the bureau's figure). Second-level hospitals: 25 credits,
  of which 12 remote count; a first-level one's tenure ends in 2024 with ten credits of general practice, or without.
- the season of 2024 ends on 2025-05-30: who was filed and never came has given the year up, after three reminders.
- c1 has six half-days of four hours; one is taken by a decision and given back. c2 is taken whole, c5 from one person.
- c10 is opened a day too late because two closed days lie before it, c11 is not; c3 is filed three days late.
- nobody files a plan for 2026: the four that train have missed it on 2026-02-28 (一(五)1). Every unit that left
  somebody out of its rosters has missed that year, whomever else it filed (V8: until everybody is filed): all but K2
  that of 2024, all that of 2025.

The paper with two seals at the end of a teacher's cycle is played by district-2025.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.years.comparing import differences
from tests.years.test_district_2025 import read, run

pytestmark = pytest.mark.thorough
STEPS = 3  # reminders before a last day
ACTS = {
    *("plan", "publish", "open", "approve", "cancel", "never_held", "enrol", "sign", "file_recognition", "recognise"),
    *("declare", "leave", "move", "quit", "file", "review", "counter", "stamp", "decide", "withdraw", "extend"),
    *("closure", "direct"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program says; played once for all."""
    ended = run(read("two-years.json"), Path(tmp_path_factory.mktemp("years")))
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.notice("二(二)")
@pytest.mark.notice("二(三)2")
def test_two_years_end_as_the_table_says(found: Any) -> None:
    assert list(differences(read("two-years.expected.json"), found)) == []


def test_nobody_gives_a_year_up_without_three_reminders(found: Any) -> None:
    years = [(key, year, said) for key, of in found["people"].items() for year, said in of.items()]
    given_up = [(key, year, said["warned"]) for key, year, said in years if said["record"] == "given_up"]
    assert len(given_up) > STEPS
    assert [each for each in given_up if each[2] < STEPS] == []


def test_no_units_clock_ends_before_its_last_person(found: Any) -> None:
    """When both years are over nobody owes one still: each was filed, excused, gone, or told three times and given up;
    and of a unit that filed somebody early the others were named to the last step."""
    records = {(key, year): said["record"] for key, of in found["people"].items() for year, said in of.items()}
    assert [key for key, record in records.items() if record in ("owed", "listed")] == []
    assert [found["people"][key]["2024"]["warned"] for key in ("t1c", "d1e", "k1d", "h2d")] == [STEPS] * 4


def test_the_scenario_is_as_large_as_it_says() -> None:
    scenario, expected = read("two-years.json"), read("two-years.expected.json")
    done = [event["act"] for event, is_done in zip(scenario["events"], expected["events"], strict=True) if is_done]
    assert {act: done.count(act) for act in ACTS if done.count(act) < 2} == {}
    assert {event["act"] for event in scenario["events"]} == ACTS
    assert (len(scenario["units"]), len(scenario["people"])) == (12, 60)
    assert {row["nature"] for row in scenario["units"]} == {"township", "district", "school", "medical", "company"}
    assert set(expected["people"]) == {row["key"] for row in scenario["people"]}
