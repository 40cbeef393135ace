"""The outbox with a real mail server: sent once, tried again, given up visibly, sent again by hand (product.md S4)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices import outbox
from luojiang_ce.notices.holders import tell_holder
from luojiang_ce.notices.models import Delivery, Kind, Notice, Preference
from luojiang_ce.notices.services import notify
from tests.conftest import District
from tests.luojiang_ce.notices.conftest import free_port
from units.notify import tell_watchers

NOW = datetime(2026, 2, 25, 9, 0, tzinfo=clock.SHANGHAI)
State = Delivery.State
BUSY = "451 busy, come back later"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with clock.at(moment):
        yield


def tell(district: District, key: str = "k", **more: Any) -> None:
    notify([district.owner, district.colleague, district.handler], "收到培训计划", key=key, text="请查看", **more)


@pytest.mark.django_db
class TestSending:
    def test_each_with_an_address_gets_one_mail_with_the_way_to_the_case(self, post_office, district) -> None:
        tell(district)
        tell(district)  # a repeated task
        assert outbox.send_waiting() == (2, 0)
        assert outbox.send_waiting() == (0, 0)
        mail = next(mail for mail in post_office.taken if district.owner.email in mail["to"])
        # A long header may be folded behind its name, depending on how it is encoded: readers drop that blank.
        assert mail["subject"].strip() == "【洛江继续教育】收到培训计划"
        assert "https://jxjy.example/notices/" in mail.get_content()
        assert len(post_office.taken) == 2

    def test_what_is_rolled_back_is_never_sent(self, post_office, district) -> None:
        with transaction.atomic():
            tell(district)
            transaction.set_rollback(True)
        assert not Delivery.objects.exists()

    def test_a_refusing_server_is_asked_again_later_and_later(self, post_office, district) -> None:
        post_office.answers = [BUSY] * 4  # two mails, twice
        with at(NOW):
            tell(district)
            assert outbox.send_waiting() == (0, 2)
            assert outbox.send_waiting() == (0, 0)
        with at(NOW + timedelta(minutes=1)):
            assert outbox.send_waiting() == (0, 2)
        with at(NOW + timedelta(minutes=5)):
            assert outbox.send_waiting() == (0, 0)
        with at(NOW + timedelta(minutes=6)):
            assert outbox.send_waiting() == (2, 0)
        assert len(post_office.taken) == 2
        assert set(Delivery.objects.values_list("state", "attempts", "error")) == {("sent", 3, "")}

    def test_what_a_clock_that_was_ahead_put_off_goes_out_when_it_is_right(self, post_office, district) -> None:
        post_office.answers = [BUSY] * 2
        with at(NOW + timedelta(days=300)):
            tell(district)
            assert outbox.send_waiting() == (0, 2)
        with at(NOW):
            assert outbox.send_waiting() == (2, 0)

    def test_after_enough_tries_it_is_given_up_where_all_can_see_it_and_sent_by_hand(
        self, post_office, district, settings, client
    ) -> None:
        settings.NOTICE_TRIES, post_office.answers = 2, [BUSY] * 4
        with at(NOW):
            tell(district)
            outbox.send_waiting()
        with at(NOW + timedelta(minutes=2)):
            outbox.send_waiting()
        assert set(Delivery.objects.values_list("state", "error")) == {("given_up", BUSY)}
        client.force_login(district.system_admin)
        assert "2 封未能送达" in client.get(reverse("notices:outbox")).content.decode()
        client.post(reverse("notices:resend"))
        assert outbox.send_waiting() == (2, 0)

    @pytest.mark.parametrize("answer", ["550 5.7.1 spam about 350504199001011234 from zhang@example.org", ""])
    def test_what_the_server_refuses_for_good_is_given_up_at_once_in_its_words(
        self, post_office, district, answer
    ) -> None:
        if answer:
            post_office.answers = [answer] * 2
        else:
            post_office.no_such = {district.owner.email, district.colleague.email}
        tell(district)
        assert outbox.send_waiting() == (0, 2)
        said = (
            "550 5.7.1 spam about *** from ***@example.org" if answer else "550 5.1.1 <***@example.org>: no such user"
        )
        assert set(Delivery.objects.values_list("state", "attempts", "error")) == {("given_up", 1, said)}

    def test_a_server_that_is_away_or_does_not_let_us_in_is_tried_again(self, post_office, district, settings) -> None:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
        tell(district)
        outbox.send_waiting()
        settings.EMAIL_PORT = free_port()
        Delivery.objects.filter(notice__recipient=district.owner).update(next_try_at=NOW - timedelta(days=1))
        outbox.send_waiting()
        assert set(Delivery.objects.values_list("state", flat=True)) == {State.WAITING}
        said = dict(Delivery.objects.values_list("notice__recipient", "error"))
        assert said[district.owner.pk] == "连不上邮件服务器（ConnectionRefusedError）"
        assert "SMTPNotSupportedError" in said[district.colleague.pk]

    def test_every_try_of_a_mail_carries_the_same_id_and_no_number_in_its_subject(self, post_office, district) -> None:
        post_office.answers = [BUSY]
        with at(NOW):
            notify([district.owner], "收到 350504199001011234\n的材料", key="k")
            outbox.send_waiting()
        with at(NOW + timedelta(hours=1)):
            outbox.send_waiting()
        first, second = post_office.seen
        assert first["message-id"] == second["message-id"]
        assert first["message-id"].endswith("@jxjy.example>")
        assert second["subject"].strip() == "【洛江继续教育】收到 *** 的材料"

    def test_a_stale_reminder_is_skipped(self, post_office, district) -> None:
        with at(NOW):
            tell(district, kind=Kind.REMINDER, expires_at=NOW + timedelta(hours=15))
        with at(NOW + timedelta(days=2)):
            assert outbox.send_waiting() == (0, 0)
        assert set(Delivery.objects.values_list("state", flat=True)) == {State.SKIPPED}
        assert not post_office.taken

    def test_preferences_are_kept_to_and_the_inbox_gets_all(self, post_office, district, client) -> None:
        client.force_login(district.owner)
        client.post(reverse("notices:preferences"), {"progress": "on"})
        assert Preference.objects.get().reminder is False
        tell(district, "r", kind=Kind.REMINDER)
        tell(district, "p")
        outbox.send_waiting()
        assert sum(district.owner.email in mail["to"] for mail in post_office.taken) == 1
        assert Notice.objects.filter(recipient=district.owner).count() == 2

    def test_what_changed_in_the_own_account_cannot_be_refused(self, post_office, district, client) -> None:
        """By whoever sits in a session that the holder left open."""
        client.force_login(district.owner)
        client.post(reverse("notices:preferences"), {})
        assert "总会发邮件" in client.get(reverse("notices:preferences")).content.decode()
        tell(district)
        event = tell_holder(district.owner, "password_changed", "的密码已修改", url=reverse("home:account"))
        tell_watchers(district.owner, event, "被重设密码")
        outbox.send_waiting()
        mails = [mail["subject"] for mail in post_office.taken if district.owner.email in mail["to"]]
        assert ["密码已修改" in mails[0], "被重设密码" in mails[1], len(mails)] == [True, True, 2]

    def test_queries_do_not_grow_with_the_recipients(self, post_office, district, django_assert_num_queries) -> None:
        everybody = [district.owner, district.colleague]
        for number, people in ((4, everybody[:1]), (4, everybody)):
            with django_assert_num_queries(number):
                notify(people, "x", key=f"{len(people)}")


@pytest.mark.django_db
def test_without_mail_there_is_the_inbox_alone(district: District) -> None:
    tell(district)
    assert Notice.objects.count() == 3
    assert not Delivery.objects.exists()


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_sends(post_office, district) -> None:
    tell(district)
    start, results = threading.Barrier(4), []

    def worker() -> None:
        start.wait()
        results.append(outbox.send_waiting())
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent for sent, _ in results) == 2
    assert len(post_office.taken) == 2


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("slow", ["250 OK", BUSY, "550 no"])
def test_a_sender_that_lost_its_lease_does_not_write_over_what_came_of_it(post_office, district, slow) -> None:
    def another_worker() -> None:
        Delivery.objects.update(leased_until=NOW)  # the five minutes are over
        assert outbox.send_waiting() == (1, 0)
        connection.close()

    post_office.answers, post_office.meanwhile = [slow], another_worker
    notify([district.owner], "收到", key="k")
    outbox.send_waiting()
    sent = Delivery.objects.get()
    assert (sent.state, sent.attempts, sent.error, sent.lease) == ("sent", 2, "", None)
    assert len({mail["message-id"] for mail in post_office.seen}) == 1
    assert outbox.send_waiting() == (0, 0)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_slow_mail_that_did_go_out_is_not_sent_again(post_office, district) -> None:
    def another_worker() -> None:
        Delivery.objects.update(leased_until=NOW)
        assert outbox.send_waiting() == (0, 1)
        connection.close()

    post_office.answers, post_office.meanwhile = ["250 OK", BUSY], another_worker
    notify([district.owner], "收到", key="k")
    outbox.send_waiting()
    assert Delivery.objects.get().state == State.SENT


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_out_waits_for_a_database_that_went_away(post_office, district) -> None:
    notify([district.owner], "收到", key="k")
    post_office.meanwhile = end_connections if connection.vendor == "postgresql" else lock_for_a_moment()
    outbox.send_waiting()
    assert Delivery.objects.get().state == State.SENT
    assert len(post_office.taken) == 1


def end_connections() -> None:
    """Those of the others: the sender's."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def lock_for_a_moment() -> Callable[[], None]:
    """Longer than the sender's connection waits."""
    connection.cursor().execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)

    def lock() -> None:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.5, other.close).start()

    return lock
