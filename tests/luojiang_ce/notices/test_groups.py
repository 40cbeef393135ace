"""Groups of WeCom and DingTalk, with a real HTTP server in their place: told how much, never what (product.md S4)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.checks import run_checks
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices import groups, outbox, robots
from luojiang_ce.notices.models import Delivery, Kind, Notice
from luojiang_ce.notices.services import notify
from tests.factories import account_with

NOW = datetime(2026, 2, 25, 9, 0, tzinfo=clock.SHANGHAI)
KEY = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"
State = Delivery.State


class Service:
    """Takes what is posted to it; the first posts get the `answers` (status, body), the others are taken."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.paths: list[str] = []
        self.posts: list[Any] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.paths.append(self.path)
                outer.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                status, body = outer.answers.pop(0) if outer.answers else (200, {"errcode": 0, "errmsg": "ok"})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *args: Any) -> None:
                """The test reads `posts`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    """A service on loopback to which the bureau's group is addressed."""
    found = Service()
    settings.NOTICE_CHANNELS = {"区局工作群": f"json://{found.address}/"}
    settings.PUBLIC_URL = "https://jxjy.example"
    yield found
    found.close()


@pytest.mark.django_db
class TestSending:
    def test_a_group_is_told_once_how_many_of_which_kind_and_nothing_else(self, service, district) -> None:
        account_with(Role.BUREAU_HANDLER, district.bureau)
        handlers = type(district.owner).objects.holding(Role.BUREAU_HANDLER)
        for key in ("a", "a", "b"):  # a repeated task
            notify(handlers, "收到王小明的申报 350504199001011234", key=key, text="王小明")
        for handler in handlers:  # one digest each
            notify([handler], "3 件事快到期", key="r", kind=Kind.REMINDER)
        assert outbox.send_waiting() == (3, 0)
        assert outbox.send_waiting() == (0, 0)
        said = "【洛江继续教育】新消息：办理进展 2 条、期限提醒 1 条。请登录系统查看：https://jxjy.example/notices/"
        assert [post["message"] for post in service.posts] == [said]
        assert "王小明" not in json.dumps(service.posts, ensure_ascii=False)

    def test_what_units_are_told_is_not_the_bureaus_business(self, service, district) -> None:
        notify([district.owner, district.colleague], "退回补正", key="k")
        assert not Delivery.objects.exists()

    def test_a_group_gets_the_kinds_and_roles_it_is_set_up_for(self, service, district, settings) -> None:
        url = f"json://{service.address}/"
        settings.NOTICE_CHANNELS = {
            "期限群": {"url": url, "kinds": ["reminder"]},
            "监印群": {"url": url, "roles": ["seal_keeper"]},
        }
        notify([district.handler, district.keeper], "a", key="a")
        notify([district.handler], "b", key="b", kind=Kind.REMINDER)
        told = set(Delivery.objects.values_list("channel", "notice__recipient"))
        assert told == {("监印群", district.keeper.pk), ("期限群", district.handler.pk)}

    def test_no_group_is_told_of_a_head_of_the_log(self, service, district, settings) -> None:
        """A count of heads is no head outside: health would believe that one has left."""
        settings.NOTICE_CHANNELS = {"审计群": {"url": f"json://{service.address}/", "roles": ["audit_admin"]}}
        notify([district.audit_admin], "操作记录的链头", key="a", kind=Kind.HEAD)
        notify([district.audit_admin], "账号变动", key="b", kind=Kind.ACCOUNT)
        assert [each.kind for each in Delivery.objects.all()] == [Kind.ACCOUNT]

    def test_it_is_tried_again_later_given_up_visibly_and_sent_by_hand(
        self, service, district, settings, client
    ) -> None:
        settings.NOTICE_TRIES, service.answers = 2, [(500, "")] * 2
        with clock.at(NOW):
            notify([district.handler], "a", key="a")
            assert outbox.send_waiting() == (0, 1)
            assert outbox.send_waiting() == (0, 0)
        with clock.at(NOW + timedelta(minutes=1)):
            assert outbox.send_waiting() == (0, 1)
        assert Delivery.objects.get().state == State.GIVEN_UP
        assert "500" in Delivery.objects.get().error
        client.force_login(district.system_admin)
        page = client.get(reverse("notices:outbox")).content.decode()
        assert "1 封未能送达" in page
        assert "区局工作群" in page
        client.post(reverse("notices:resend"))
        assert outbox.send_waiting() == (1, 0)

    def test_a_stale_reminder_is_not_counted(self, service, district) -> None:
        with clock.at(NOW):
            notify([district.handler], "a", key="a", kind=Kind.REMINDER, expires_at=NOW + timedelta(hours=15))
        notify([district.handler], "b", key="b")
        assert outbox.send_waiting() == (1, 0)
        assert "期限提醒" not in service.posts[0]["message"]

    def test_a_group_that_was_taken_out_is_given_up_at_once(self, service, district, settings) -> None:
        notify([district.handler], "a", key="a")
        settings.NOTICE_CHANNELS = {}
        assert outbox.send_waiting() == (0, 1)
        assert Delivery.objects.get().state == State.GIVEN_UP

    def test_a_wrong_setting_fails_no_request(self, district, settings) -> None:
        settings.NOTICE_CHANNELS = {"群": 1}
        notify([district.handler], "a", key="a")
        assert Notice.objects.count() == 1

    def test_queries_do_not_grow_with_the_recipients(self, service, district, django_assert_num_queries) -> None:
        everybody = [district.handler, district.approver, district.owner]
        for number, people in enumerate((everybody[:1], everybody)):
            with django_assert_num_queries(3):
                notify(people, "x", key=str(number))


class TestRobots:
    """WeCom's and DingTalk's robots say in the answer's body what they refuse, with HTTP 200."""

    @pytest.fixture(params=["wecombot", "dingtalk"])
    def robot(self, request, service, monkeypatch) -> Any:
        monkeypatch.setattr(robots.WeCom, "notify_url", f"http://{service.address}/send?key={{key}}")
        monkeypatch.setattr(robots.DingTalk, "notify_url", f"http://{service.address}/send?access_token={{token}}")
        urls = {"wecombot": f"wecombot://{KEY}", "dingtalk": "dingtalk://SECabc@0123abc"}
        return groups.Group("群", urls[request.param])

    @pytest.mark.django_db
    def test_sends_the_text(self, robot, service, district, settings) -> None:
        settings.NOTICE_CHANNELS = {"群": robot.url}
        notify([district.handler], "a", key="a")
        assert outbox.send_waiting() == (1, 0)
        assert service.posts == [{"msgtype": "text", "text": {"content": groups.message(Delivery.objects.all())}}]

    @pytest.mark.django_db
    def test_a_refusal_is_not_taken_for_success(self, robot, service, district, settings) -> None:
        settings.NOTICE_CHANNELS = {"群": robot.url}
        service.answers = [(200, {"errcode": 45009, "errmsg": "api freq out of limit"}), (502, "<html>")]
        with clock.at(NOW):
            notify([district.handler], "a", key="a")
            assert outbox.send_waiting() == (0, 1)
        assert "45009 api freq out of limit" in Delivery.objects.get().error
        with clock.at(NOW + timedelta(hours=1)):
            assert outbox.send_waiting() == (0, 1)
        assert Delivery.objects.get().error == "HTTP 502"
        assert Delivery.objects.get().state == State.WAITING

    @pytest.mark.django_db
    def test_what_dingtalk_refuses_with_200_is_sent_again_until_it_is_taken(self, service, district, settings) -> None:
        settings.NOTICE_CHANNELS = {"群": "dingtalk://SECabc@0123abc"}
        service.answers = [(200, {"errcode": 310000, "errmsg": "keywords not in content"})]
        with pytest.MonkeyPatch.context() as patch, clock.at(NOW):
            patch.setattr(robots.DingTalk, "notify_url", f"http://{service.address}/send?access_token={{token}}")
            notify([district.handler], "a", key="a")
            assert outbox.send_waiting() == (0, 1)
            assert "310000 keywords not in content" in Delivery.objects.get().error
            with clock.at(NOW + timedelta(hours=1)):
                assert outbox.send_waiting() == (1, 0)
        assert Delivery.objects.get().state == State.SENT

    @pytest.mark.django_db
    def test_the_key_is_never_shown_where_nobody_answers(self, robot, service, district, settings) -> None:
        settings.NOTICE_CHANNELS = {"群": robot.url}
        service.close()
        notify([district.handler], "a", key="a")
        assert outbox.send_waiting() == (0, 1)
        assert Delivery.objects.get().error == "连不上（ConnectionError）"

    def test_dingtalks_signature_is_encoded_once(self, service, monkeypatch) -> None:
        monkeypatch.setattr(robots.DingTalk, "notify_url", f"http://{service.address}/send?access_token={{token}}")
        robot = robots.instantiate("dingtalk://SECabc@0123abc")
        monkeypatch.setattr(robot, "get_signature", lambda: ("1", "a%2Bb%3D"))
        assert robot.notify(body="x")
        assert parse_qs(urlsplit(service.paths[0]).query) == {
            "access_token": ["0123abc"],
            "timestamp": ["1"],
            "sign": ["a+b="],
        }


@pytest.mark.parametrize(
    ("channels", "wrong"),
    [
        ({"群": f"wecombot://{KEY}", "二": "dingtalk://0123abc", "三": "dingtalk://SECabc@0123abc"}, ""),
        ({"群": f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"}, ""),
        ({"群": {"url": f"wecombot://{KEY}", "kinds": ["progress"], "roles": ["seal_keeper"]}}, ""),
        ({}, ""),
        ([], "应为"),
        ({"群": "nonsense://x"}, "“群”的地址 apprise 不认识"),
        ({"群": {"url": f"wecombot://{KEY}", "kinds": ["holiday"]}}, "“群”的 kinds"),
        ({"群": {"url": f"wecombot://{KEY}", "roles": "bureau_handler"}}, "“群”的 roles"),
        ({"群": {"address": "x"}}, "“群”应写地址"),
        ({"email": f"wecombot://{KEY}"}, "群名"),
        ({"长" * 21: f"wecombot://{KEY}"}, "群名"),
    ],
)
def test_a_start_finds_what_is_wrong_with_the_setting(settings: Any, channels: Any, wrong: str) -> None:
    settings.NOTICE_CHANNELS = channels
    found = [each.msg for each in run_checks() if each.id == "luojiang.E006"]
    assert bool(found) is bool(wrong)
    assert all(wrong in each and KEY not in each for each in found)
