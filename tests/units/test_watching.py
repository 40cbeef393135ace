"""An officer acts alone but not unseen, and what an officer takes away is gone at the next click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.models import Notice
from tests.factories import AccountFactory
from tests.units.views.helpers import browser
from units.services import assign_role, disable_account, enable_account, end_role, hand_over, reset_password

PEOPLE = reverse("people:list")


def told(account) -> list[str]:
    return list(Notice.objects.filter(recipient=account).order_by("pk").values_list("title", flat=True))


class TestSeen:
    def test_a_new_password(self, district) -> None:
        reset_password(account=district.approver, actor=district.security_admin)
        assert told(district.approver) == ["您的账号被重设密码"]
        assert told(district.audit_admin) == [f"账号 {district.approver.username} 被重设密码"]

    def test_roles_given_handed_over_and_ended(self, district) -> None:
        today, somebody, heir = clock.today(), AccountFactory(), AccountFactory()
        officer = {"actor": district.security_admin}
        held = assign_role(
            account=somebody, role=Role.BUREAU_APPROVER, unit=district.bureau, valid_from=today - timedelta(days=9),
            **officer,
        )  # fmt: skip
        new = hand_over(assignment=held, successor=heir, on=today, reason="轮岗", **officer)
        end_role(assignment=new, last_day=today, reason="离岗", **officer)
        assert len(told(district.audit_admin)) == 4
        assert len(told(somebody)) == len(told(heir)) == 2
        assert "任命" in told(somebody)[0]
        assert "为止" in told(heir)[1]

    def test_an_account_shut_and_opened(self, district) -> None:
        for act in (disable_account, enable_account):
            act(account=district.owner, actor=district.security_admin, reason="核查")
        assert [title.split()[-1] for title in told(district.audit_admin)] == ["已停用", "已启用"]

    def test_the_notice_opens_for_whom_it_is(self, district) -> None:
        reset_password(account=district.approver, actor=district.security_admin)
        notice = Notice.objects.get(recipient=district.audit_admin)
        assert browser(district.audit_admin).get(notice.url).status_code == 200


class TestDuringASession:
    """The page was open before; the next click asks again."""

    @pytest.fixture
    def client(self, district):
        client = browser(district.owner)
        assert client.get(PEOPLE).status_code == 200
        return client

    def test_a_role_that_has_ended_lets_nobody_in(self, district, client) -> None:
        held = district.owner.assignments.get()
        yesterday = clock.today() - timedelta(days=1)
        end_role(assignment=held, last_day=yesterday, actor=district.security_admin, reason="离岗")
        assert client.get(PEOPLE).status_code == 404

    def test_a_disabled_account_is_signed_out(self, district, client) -> None:
        disable_account(account=district.owner, actor=district.security_admin, reason="核查")
        assert client.get(PEOPLE).headers["Location"].startswith(reverse("home:sign_in"))

    def test_a_new_password_ends_the_session(self, district, client) -> None:
        reset_password(account=district.owner, actor=district.security_admin)
        assert client.get(PEOPLE).headers["Location"].startswith(reverse("home:sign_in"))
