"""The only place that asks for the time. Everything legal happens in Asia/Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAY_DIFFER = timedelta(minutes=1)  # the clocks of two machines, or one before and after it is set right
_set_to: ContextVar[datetime | None] = ContextVar("_set_to", default=None)


def now() -> datetime:
    """The current instant, aware, in Asia/Shanghai."""
    return _set_to.get() or datetime.now(SHANGHAI)


def machine_now() -> datetime:
    """The machine's own time, whatever the clock was set to: for what must show that somebody set it."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """The current calendar date in Asia/Shanghai, whatever zone the server runs in."""
    return now().date()


def local(moment: datetime) -> datetime:
    """The same instant in Asia/Shanghai; the moment must be aware."""
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime | None) -> date | None:
    """The day of an (aware) moment in Asia/Shanghai, where there is one."""
    return local(moment).date() if moment else None


def midnight_after(day: date) -> datetime:
    """The moment at which a day of Asia/Shanghai is over."""
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Set the clock, in this thread, to an aware moment: for drills and for the past of the demo district only."""
    token = _set_to.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _set_to.reset(token)
