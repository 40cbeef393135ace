"""The only place that asks for the time. Everything legal happens in Asia/Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The current instant, aware, in Asia/Shanghai."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """The current calendar date in Asia/Shanghai, whatever zone the server runs in."""
    return now().date()


def local(moment: datetime) -> datetime:
    """The same instant in Asia/Shanghai; the moment must be aware."""
    return moment.astimezone(SHANGHAI)
