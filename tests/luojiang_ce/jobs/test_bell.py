"""The bell rings once after a transaction, never for what was rolled back, and fails nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from luojiang_ce.jobs import services
from luojiang_ce.jobs.services import ring_after_commit
from luojiang_ce.notices.services import SEND_TASK, notify
from tests.conftest import District

pytestmark = pytest.mark.django_db(transaction=True)


class Broker:
    """Writes down what it is sent, or is not to be reached."""

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.sent: list[tuple[str, tuple[int, ...]]] = []

    def send_task(self, task: str, args: tuple[int, ...], **how: Any) -> None:
        if self.down:
            raise ConnectionError("no broker")
        self.sent.append((task, args))


@pytest.fixture
def broker(monkeypatch: Any) -> Broker:
    found = Broker()
    monkeypatch.setattr(services, "current_app", found)
    return found


def test_once_for_each_task_after_the_transaction(broker: Broker) -> None:
    with transaction.atomic():
        for _ in range(3):
            ring_after_commit("a")
            ring_after_commit("b", 1)
            ring_after_commit("b", 2)
        assert broker.sent == []
    assert broker.sent == [("a", ()), ("b", (1,)), ("b", (2,))]


def test_each_transaction_rings_again(broker: Broker) -> None:
    for _ in range(2):
        with transaction.atomic():
            ring_after_commit("a")
    ring_after_commit("a")  # outside of a transaction: at once
    assert broker.sent == [("a", ())] * 3


def test_what_is_rolled_back_rings_for_nobody_and_silences_nobody(broker: Broker) -> None:
    with transaction.atomic():
        with transaction.atomic():
            ring_after_commit("a")
            transaction.set_rollback(True)
        assert transaction.get_connection().run_on_commit == []
        ring_after_commit("a")
    assert broker.sent == [("a", ())]


def test_a_broker_that_is_down_fails_nothing(monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "current_app", Broker(down=True))
    with transaction.atomic():
        ring_after_commit("a")


def test_many_notices_of_one_act_ring_once(broker: Broker, district: District, settings: Any) -> None:
    settings.EMAIL_CHANNEL = True
    district.owner.email = "owner@example.org"
    district.owner.save()
    with transaction.atomic():
        for number in range(20):
            notify([district.owner], "收到", key=f"n-{number}")
    assert broker.sent == [(SEND_TASK, ())]
