"""A scenario from its first day to its last: what people do, and what the worker does every night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.celery import app
from luojiang_ce.jobs.recording import scheduled
from tests.simulation.acts import ACTS
from tests.simulation.refusing import REFUSALS, NotBuilt
from tests.simulation.result import result_of
from tests.simulation.setup import World, build
from tests.transactions import of_the_test

AT_NIGHT, IN_THE_MORNING = time(0, 30), "10:00"
Event = Mapping[str, Any]


def play(scenario: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Play it on the empty migrated database of this process: the result, and the reasons of what was refused.

    Raises NotBuilt for what the product cannot do yet.
    """
    app.loader.import_default_modules()  # the tasks, as a worker finds them
    events, until = scenario["events"], date.fromisoformat(scenario["until"])
    order = sorted(range(len(events)), key=lambda n: _moment(events[n]))
    first = _moment(events[order[0]])
    with clock.at(datetime.combine(date(first.year, 1, 1), time.min, clock.SHANGHAI)):
        world = build(scenario)
    done, nights = [False] * len(events), _nights(first.date(), until)
    night = next(nights)
    for n in order:
        while night is not None and night <= _moment(events[n]):
            _work(night)
            night = next(nights, None)
        done[n] = _is_done(world, events[n])
    while night is not None:
        _work(night)
        night = next(nights, None)
    with clock.at(datetime.combine(until, time(10), clock.SHANGHAI)):
        return result_of(world, scenario, done), world.refusals


def _nights(day: date, last: date) -> Iterator[datetime]:
    while day <= last:
        yield datetime.combine(day, AT_NIGHT, clock.SHANGHAI)
        day += timedelta(days=1)


def _moment(event: Event) -> datetime:
    hour = time.fromisoformat(event.get("at") or IN_THE_MORNING)
    return datetime.combine(date.fromisoformat(event["on"]), hour, clock.SHANGHAI)


def _work(night: datetime) -> None:
    """The whole schedule of the worker, as its settings say it, once."""
    with clock.at(night):
        for name in scheduled():
            app.tasks[name]()


def _is_done(world: World, event: Event) -> bool:
    """Whether the product let it happen; what it refuses leaves nothing behind."""
    said = {key: value for key, value in event.items() if value is not None}  # null is as if it were left out
    fields = {key: value for key, value in said.items() if key not in ("on", "at", "act")}
    if event["act"] not in ACTS:
        raise NotBuilt(f"the act {event['act']}")
    try:
        with clock.at(_moment(event)), of_the_test():
            ACTS[event["act"]](world, **fields)
    except REFUSALS as reason:
        world.refusals.append(f"{event['on']} {event['act']}: {reason}")
        return False
    return True
