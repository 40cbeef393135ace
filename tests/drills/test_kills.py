"""A drill: `kill -9` of web and worker at any moment of an import, a stamping, a recognition, a direct stamping and a
backup. What there is in the end is what there is when nobody is killed.

One share of the district is worked through undisturbed, which also says how long each act takes. On every other share
each act is disturbed once, at a moment by lot within that time: the web is killed while it answers, the worker or both
are killed once the worker is at it, and begin again at once. Whoever got no answer sends the same form again. Nobody
helps along otherwise: leases run out and the sweep takes up what was left. A backup has no second try before the next
night: what was half made must not be taken for one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection

from luojiang_ce.backup.databases import CannotCopy
from luojiang_ce.jobs.models import Job, TaskRun
from tests.conftest import District
from tests.drills import LONG, measured, times
from tests.drills.acts import ACTS, BACK_UP, Act, Office, Share, shares
from tests.drills.ends import end_of, is_settled, must_be_in_order, must_be_restorable
from tests.drills.system import System
from tests.processes import environment
from tests.run import free_port
from tests.verification.batches.samples import a_seal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough, pytest.mark.real_services]
SEED = 66


class Span(NamedTuple):
    """How long an act takes undisturbed, in seconds: until its forms are answered, and the worker for each part."""

    answered: float
    parts: tuple[float, ...]


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    """The VAR_DIR of the processes, and of what this process puts into the store for them."""
    settings.VAR_DIR = tmp_path / "var"
    settings.MEDIA_ROOT = settings.VAR_DIR / "files"
    return settings.VAR_DIR


@pytest.fixture
def prepared(var: Path, district: District) -> list[Share]:
    """One share that is left in peace, and the others; prepared before anything runs, since their clock is turned."""
    a_seal(district.bureau)
    return shares(district, 1 + times(1, 20))


@pytest.fixture
def office(var: Path, district: District, prepared: list[Share]) -> Iterator[Office]:
    root = var.parent / "copies"
    env = environment(connection, var)
    env |= {"BACKUP_DIR": str(root), "BACKUP_KEYS": str(var.parent / "keys"), "BACKUP_SAME_DISK": "1"}
    system = System(env, free_port())
    try:
        system.until(system.is_up)
        yield Office(system, district, root)
    finally:
        system.stop()


def test_whoever_is_killed_whenever_the_end_is_the_same(office: Office, prepared: list[Share]) -> None:
    undisturbed, *others = prepared
    spans = left_in_peace(office, undisturbed)
    wanted, dice = end_of(undisturbed), random.Random(SEED)
    for share in others:
        for act in ACTS:
            disturb(office, share, act, spans[act.name], dice)
        catch_up(office, share)
        assert end_of(share) == wanted
    office.system.stop()  # what is held against the log stands still
    must_be_in_order()
    must_be_restorable(office.copies)
    hit = Job.objects.filter(attempts__gt=1).count()
    measured(f"{hit} jobs were killed at work")
    assert hit or not LONG, "nothing is proved"


def left_in_peace(office: Office, share: Share) -> dict[str, Span]:
    """Every act, one after the other."""
    answered = {}
    for act in ACTS:
        begun = time.perf_counter()
        act.begin(office, share)
        answered[act.name] = time.perf_counter() - begun
        office.system.until(lambda act=act: act.is_done(office, share) and is_settled())
    spans = {act.name: Span(answered[act.name], tuple(part.took(office, share) for part in act.parts)) for act in ACTS}
    for name, span in spans.items():
        measured(f"undisturbed: {name} answered after {span.answered:.2f} s, then {span.parts} s")
    return spans


def disturb(office: Office, share: Share, act: Act, span: Span, dice: random.Random) -> None:
    """Begin the act and kill somebody: the web while its forms are answered, the worker while it does its part. The
    next act comes as soon as the killed are there again, before all is caught up."""
    victims, (part, took) = dice.choice(act.victims), dice.choice(list(zip(act.parts, span.parts, strict=True)))
    due, within = (part.has_begun, took) if "worker" in victims else (lambda *_: True, span.answered)
    after = dice.uniform(0, within)
    # Three times lost is given up, as it should be: what was lost twice comes to its end before anybody dies again.
    waiting = (Job.State.QUEUED, Job.State.RUNNING)
    office.system.until(lambda: not Job.objects.filter(state__in=waiting, attempts__gte=2).exists())
    office.system.until(office.system.is_up)
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill_after, lambda: due(office, share), after, office.system, victims)
        act.begin(office, share)
        killed.result()
    measured(f"{share.number}: {act.name}, {' and '.join(victims)} killed after {after:.2f} of {within:.2f} s")


def kill_after(due: Callable[[], bool], seconds: float, system: System, victims: tuple[str, ...]) -> None:
    try:
        system.until(due)
    finally:
        connection.close()  # a thread has one of its own
    time.sleep(seconds)
    system.kill(*victims)


def catch_up(office: Office, share: Share) -> None:
    """Wait until everything that was left lying is done; then comes the night, and with it another backup."""
    *by_themselves, backup = ACTS
    begun = time.perf_counter()
    office.system.until(lambda: all(act.is_done(office, share) for act in by_themselves) and is_settled())
    measured(f"{share.number}: caught up after {time.perf_counter() - begun:.0f} s")
    if not backup.is_done(office, share):
        backup.begin(office, share)
    office.system.until(lambda: backup.is_done(office, share) and not list(office.copies.glob(".2*")))
    # One that waited for a worker may meet the next night's, here a moment later: one of both is refused.
    errors = set(TaskRun.objects.filter(task=BACK_UP).values_list("error", flat=True))
    assert errors <= {"", f"{CannotCopy.__name__}，详见服务器日志"}
