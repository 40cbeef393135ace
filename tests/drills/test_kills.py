"""A drill: `kill -9` of web and worker at any moment of an import, a stamping, a recognition, a direct stamping and a
backup. What there is in the end is what there is when nobody is killed.

One share of the district is worked through undisturbed, which also says how long each act takes. On every other share
each act is disturbed once, at a moment by lot within that time: the web, the worker or both are killed, and begin again
at once. Whoever got no answer sends the same form again. Nobody helps along otherwise: leases run out and the sweep
takes up what was left. A backup has no second try before the next night: what was half made must not be taken for one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection

from luojiang_ce.backup.databases import CannotCopy
from luojiang_ce.jobs.models import Job, TaskRun
from luojiang_ce.jobs.recording import STARTED
from tests.conftest import District
from tests.drills import measured, times
from tests.drills.acts import ACTS, BACK_UP, Act, Office, Share, shares
from tests.drills.ends import end_of, is_settled, must_be_in_order, must_be_restorable
from tests.drills.system import System
from tests.processes import environment
from tests.run import free_port
from tests.verification.batches.samples import a_seal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough, pytest.mark.real_services]
SEED = 66


class Span(NamedTuple):
    """How long an act takes undisturbed, in seconds: until its forms are answered, until all is there."""

    answered: float
    done: float


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
        system.until(system.answers)
        system.until(TaskRun.objects.filter(task=STARTED).exists)
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


def left_in_peace(office: Office, share: Share) -> dict[str, Span]:
    """Every act, one after the other."""
    spans = {}
    for act in ACTS:
        begun = time.perf_counter()
        act.begin(office, share)
        answered = time.perf_counter() - begun
        office.system.until(lambda act=act: act.is_done(office, share))
        spans[act.name] = Span(answered, time.perf_counter() - begun)
        measured(f"undisturbed: {act.name} answered after {answered:.2f}, done after {spans[act.name].done:.2f} s")
    office.system.until(is_settled)
    return spans


def disturb(office: Office, share: Share, act: Act, span: Span, dice: random.Random) -> None:
    """Begin the act and kill somebody within its span; the next act comes before all is caught up. Once the forms are
    answered the web has no part in it any more."""
    victims = dice.choice(act.victims)
    within = span.answered if victims == ("web",) else span.done
    after = dice.uniform(0, within)
    # Three times lost is given up, as it should be: what was lost twice comes to its end before anybody dies again.
    office.system.until(lambda: not Job.objects.filter(state=Job.State.RUNNING, attempts__gte=2).exists())
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill_after, after, office.system, victims)
        act.begin(office, share)
        killed.result()
    measured(f"{share.number}: {act.name}, {' and '.join(victims)} killed after {after:.2f} of {within:.2f} s")


def kill_after(seconds: float, system: System, victims: tuple[str, ...]) -> None:
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
