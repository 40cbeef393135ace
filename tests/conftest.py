"""What every test may ask for: a small district with an owner, a colleague and a neighbour; freed triggers on flush."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from luojiang_ce.access import Role
from luojiang_ce.jobs import heartbeat
from luojiang_ce.one_piece import in_one_piece
from luojiang_ce.workflow import heads
from tests.factories import AccountFactory, UnitFactory, assignment
from tests.migrated import migrated_copy
from units.interpretations.templatetags.interpretations import INTERPRETATIONS
from units.models import Account, Assignment, Unit

T = TypeVar("T")

# Speed is judged in benchmarks; a busy machine must not fail a property.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """A test stands below pytest's many frames: a fifth of the suite's time goes where its pieces of stack end."""
    for item in items:
        if isinstance(item, pytest.Function):
            item.obj = in_one_piece(item.obj)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is loaded here goes away, so that the collector of garbage need not look through it again and again:
    not while it is loaded, and not beside the few things of each test, for which it need not come as often either."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(5_000, 10, 20)
        gc.enable()


@dataclass
class District:
    """The bureau with its officers, a unit with two clerks, a neighbour unit, both authorities."""

    bureau: Unit
    unit: Unit
    neighbour_unit: Unit
    health: Unit
    education: Unit
    owner: Account
    colleague: Account
    neighbour: Account
    handler: Account
    approver: Account
    keeper: Account
    health_reviewer: Account
    education_reviewer: Account
    consent: Account
    inspector: Account
    overseer: Account
    system_admin: Account
    security_admin: Account
    audit_admin: Account

    def fresh(self, account: Account) -> Account:
        """The account as a new request would load it (roles are cached on the instance)."""
        return Account.objects.get(pk=account.pk)


# Whom the district's fields name: the role, and the field of the unit for which it is held.
HOLDERS = {
    "owner": (Role.UNIT_CLERK, "unit"),
    "colleague": (Role.UNIT_CLERK, "unit"),
    "neighbour": (Role.UNIT_CLERK, "neighbour_unit"),
    "handler": (Role.BUREAU_HANDLER, "bureau"),
    "approver": (Role.BUREAU_APPROVER, "bureau"),
    "keeper": (Role.SEAL_KEEPER, "bureau"),
    "health_reviewer": (Role.HEALTH_REVIEWER, "health"),
    "education_reviewer": (Role.EDUCATION_REVIEWER, "education"),
    "consent": (Role.CONSENT_OFFICER, "bureau"),
    "inspector": (Role.INSPECTOR, "bureau"),
    "overseer": (Role.OVERSEER, "bureau"),
    "system_admin": (Role.SYSTEM_ADMIN, "bureau"),
    "security_admin": (Role.SECURITY_ADMIN, "bureau"),
    "audit_admin": (Role.AUDIT_ADMIN, "bureau"),
}


@pytest.fixture
def district(db: Any) -> District:
    """Written in three statements, because nearly every test begins with it."""
    units = {
        "bureau": UnitFactory.build(
            code="LJHR", name="泉州市洛江区人力资源和社会保障局", is_bureau=True, is_authority=True
        ),
        "health": UnitFactory.build(code="LJWJ", name="洛江区卫生健康局", is_authority=True),
        "education": UnitFactory.build(code="LJJY", name="洛江区教育局", is_authority=True),
        "unit": UnitFactory.build(code="OWN-01", name="洛江区青麓农业技术推广中心", is_provider=True),
        "neighbour_unit": UnitFactory.build(code="NEXT-02", name="洛江区禾山水利工作站", is_provider=True),
    }
    Unit.objects.bulk_create(units.values())
    accounts = {name: AccountFactory.build() for name in HOLDERS}
    Account.objects.bulk_create(accounts.values())
    Assignment.objects.bulk_create(
        assignment(accounts[name], role, units[unit]) for name, (role, unit) in HOLDERS.items()
    )
    return District(**units, **accounts)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> Iterator[bool]:
    """Whether pytest-django finds the database there: on SQLite it does, see migrated.py.

    After a test with real transactions the database is made what it was in the beginning. On SQLite it is copied: to
    empty a hundred tables and to find out again which models there are takes twenty times as long.
    """
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor != "sqlite":
            patch.setattr(TransactionTestCase, "_fixture_teardown", emptied(TransactionTestCase._fixture_teardown))
            yield False
            return
        with migrated_copy(Path(connection.settings_dict["TEST"]["NAME"])) as beginning:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: begin_anew(beginning))
            yield True


def emptied(empty: Callable[[TransactionTestCase], None]) -> Callable[[TransactionTestCase], None]:
    """Empty the tables, then let the log begin as it began with its migration: an empty one has been wiped."""
    begin = import_module("luojiang_ce.workflow.migrations.0005_events_are_counted").begin

    def teardown(case: TransactionTestCase) -> None:
        empty(case)
        begin(apps, None)

    return teardown


def begin_anew(beginning: sqlite3.Connection) -> None:
    """The test's database is what it was when the first test began."""
    connection.ensure_connection()
    beginning.backup(connection.connection)
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's process remembers is not true in the next one's district, and pages whose queries are counted
    twice look for the heartbeat both times; which clauses are interpreted, asked once a minute, is known (of none).
    Of a district whose night was played and undone no heads are published."""
    cache.clear()
    heads.heads_file().unlink(missing_ok=True)
    cache.set(INTERPRETATIONS, {})
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", 0)


@pytest.fixture(autouse=True, scope="session")
def _flush_past_triggers() -> Iterator[None]:
    """Whoever empties the tables meets append-only ones, which rightly refuse it on SQLite: for the whole session and
    every connection they do not.
    """
    if connection.vendor != "sqlite":
        yield
        return
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_without_triggers(ops: Any, sql_list: list[str]) -> None:
        with ops.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        flush(ops, sql_list)
        with ops.connection.cursor() as cursor:
            for _, sql in triggers:
                cursor.execute(sql)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", flush_without_triggers)
        yield


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What the calls return when they begin at the same moment, each with a connection of its own."""
    together = Barrier(len(calls))

    def one(call: Callable[[], T]) -> T:
        try:
            together.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
