"""What every test may ask for: a small district with an owner, a colleague and a neighbour; freed triggers on flush."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import settings as hypothesis_settings

from luojiang_ce.access.roles import Role
from luojiang_ce.jobs import heartbeat
from tests.factories import UnitFactory, account_with
from units.models import Account, Unit

T = TypeVar("T")

# Speed is judged in benchmarks; a busy machine must not fail a property.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


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
    system_admin: Account
    security_admin: Account
    audit_admin: Account

    def fresh(self, account: Account) -> Account:
        """The account as a new request would load it (roles are cached on the instance)."""
        return Account.objects.get(pk=account.pk)


@pytest.fixture
def district(db: Any) -> District:
    bureau = UnitFactory(code="LJHR", name="泉州市洛江区人力资源和社会保障局", is_bureau=True, is_authority=True)
    health = UnitFactory(code="LJWJ", name="洛江区卫生健康局", is_authority=True)
    education = UnitFactory(code="LJJY", name="洛江区教育局", is_authority=True)
    unit = UnitFactory(code="OWN", name="洛江区青麓农业技术推广中心", is_provider=True)
    neighbour_unit = UnitFactory(code="NEXT", name="洛江区禾山水利工作站", is_provider=True)
    return District(
        bureau=bureau,
        unit=unit,
        neighbour_unit=neighbour_unit,
        health=health,
        education=education,
        owner=account_with(Role.UNIT_CLERK, unit),
        colleague=account_with(Role.UNIT_CLERK, unit),
        neighbour=account_with(Role.UNIT_CLERK, neighbour_unit),
        handler=account_with(Role.BUREAU_HANDLER, bureau),
        approver=account_with(Role.BUREAU_APPROVER, bureau),
        keeper=account_with(Role.SEAL_KEEPER, bureau),
        health_reviewer=account_with(Role.HEALTH_REVIEWER, health),
        education_reviewer=account_with(Role.EDUCATION_REVIEWER, education),
        consent=account_with(Role.CONSENT_OFFICER, bureau),
        inspector=account_with(Role.INSPECTOR, bureau),
        system_admin=account_with(Role.SYSTEM_ADMIN, bureau),
        security_admin=account_with(Role.SECURITY_ADMIN, bureau),
        audit_admin=account_with(Role.AUDIT_ADMIN, bureau),
    )


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test's process remembers is not true in the next one's district, and pages whose queries are counted
    twice look for the heartbeat both times."""
    cache.clear()
    monkeypatch.setattr(heartbeat, "LOOK_EVERY", 0)


@pytest.fixture(autouse=True, scope="session")
def _flush_past_triggers() -> Iterator[None]:
    """Tests with real transactions empty the tables afterwards, which append-only tables rightly refuse on SQLite.

    For the whole session and every connection: tables are emptied after a test's own fixtures are gone.
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
            together.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
