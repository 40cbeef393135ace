"""What became of a class that was approved: begun by its days, recognised by whoever decides on its hours, above this
app, which says how once in `ready()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workflow.case_kind import Passed
from training.classes.models import ClassApplication
from training.half_days import SlotKey

Outcome = Callable[[ClassApplication], Passed | None]  # None: nothing is decided
Link = Callable[[ClassApplication, Actor], HeadLink | None]  # None: there is none, or not for this account
Traces = Callable[[ClassApplication], str]  # empty: nothing is on record
Signed = Callable[[ClassApplication], set[SlotKey]]

_traces: list[Traces] = []
_outcomes: list[Outcome] = []
_links: list[Link] = []
_signed: list[Signed] = []


def register_recognition(outcome: Outcome, link: Link) -> None:
    """How the hours of a class were decided, and where its recognition is read; called in `ready()`."""
    _outcomes.append(outcome)
    _links.append(link)


def register_traces(traces: Traces) -> None:
    """What is on record of a class that shows that it was held; called in `ready()` by who records it."""
    _traces.append(traces)


def traces_of(application: ClassApplication) -> list[str]:
    """What shows that a class was held, each with what is to be done where that is wrong; none of one never held."""
    return [said for traces in _traces if (said := traces(application))]


def begun(application: Any) -> Passed | None:
    """Its first day has come. No query."""
    is_held = application.state == ClassApplication.State.APPROVED
    opens = application.opens_on if is_held else None
    return Passed(when=opens) if opens and opens <= clock.today() else None


def recognised(application: Any) -> Passed | None:
    """The bureau has decided on its hours. One query, none for a class that was not approved."""
    if application.state != ClassApplication.State.APPROVED:
        return None
    return next((found for outcome in _outcomes if (found := outcome(application))), None)


def links_for(application: ClassApplication, account: Actor) -> list[HeadLink]:
    """Where its recognition is read. One query."""
    return [found for link in _links if (found := link(application, account))]


def register_signed(signed: Signed) -> None:
    """In which half-days of a class anybody has signed; who keeps attendance, above this app, says it in `ready()`."""
    _signed.append(signed)


def signed_half_days(application: ClassApplication) -> set[SlotKey]:
    """The half-days with a sign or a sheet. One query."""
    return {key for signed in _signed for key in signed(application)}
