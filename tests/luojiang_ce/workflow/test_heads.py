"""Heads leave the house, and whatever is brought back is held against the log."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from time_machine import travel

from luojiang_ce import clock
from luojiang_ce.notices.models import Delivery, Notice, Preference
from luojiang_ce.proof.models import Cosignature, Leaf, TreeHead, Witness
from luojiang_ce.proof.tasks import seal_leaves
from luojiang_ce.workflow import chain, heads
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import LogHead
from tests.conftest import District
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from units.heads_out import KEY, what_stays_in
from units.models import Account
from units.tasks import mail_log_head

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def sealed(district: District) -> LogHead:
    put_on_record(district)
    chain.seal()
    head = heads.publish_of_day()
    assert head is not None
    return head


def checked(*arguments: str) -> str:
    said = StringIO()
    try:
        call_command("check_audit", *arguments, stdout=said)
    except SystemExit as stopped:
        return f"{said.getvalue()}exit {stopped.code}"
    return said.getvalue()


@pytest.mark.parametrize("form", ["code", "typed", "line", "mail"])
def test_a_head_is_taken_in_every_form_in_which_it_left(sealed: LogHead, tmp_path: Path, form: str) -> None:
    code = heads.code_of(sealed)
    kept = {
        "code": code,
        "typed": code.upper().replace("-", " "),
        "line": heads.heads_file().read_text(),
        "mail": f"链头 {code}\n起点 {heads.code_of(heads.beginning())}\n\n请把这封邮件存在本系统以外",
    }[form]
    file = tmp_path / "kept.txt"
    file.write_text(kept)
    assert checked("--head", str(file)).endswith("未发现改动\n")
    file.write_text(
        kept.replace(code[-4:], "aaaa").replace(code[-4:].upper(), "AAAA").replace(sealed.hash[4:8], "0000")
    )
    assert f"第 {sealed.position} 环与外面保存的链头不符" in checked("--head", str(file))
    assert checked("--head", str(file)).endswith("exit 1")


def test_a_file_without_a_head_or_none_at_all_is_said(sealed: LogHead, tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    file.write_text("没有")
    assert "kept.txt：里面没有链头" in checked("--head", str(file))
    with pytest.raises(CommandError, match="读不出来"):
        checked("--head", str(tmp_path / "nowhere.txt"))


def test_the_check_says_where_the_log_began_and_that_no_head_was_brought(sealed: LogHead) -> None:
    said = checked()
    assert f"起点 {heads.code_of(heads.beginning())}（" in said
    assert said.endswith("未发现改动（没有与外面保存的链头比对，可用 --head）\n")


def test_a_beginning_that_was_set_down_is_held_against_the_log(sealed: LogHead, settings: Any) -> None:
    settings.AUDIT_BEGINNING = heads.code_of(heads.beginning())
    assert chain.check().problems == []
    settings.AUDIT_BEGINNING = "0 aaaa-bbbb-cccc-dddd-eeee-ffff-aaaa-bbbb"
    assert [each for each in chain.check().problems if "AUDIT_BEGINNING" in each]


def test_every_day_the_audit_officers_get_the_head_once(sealed: LogHead, district: District) -> None:
    assert mail_log_head() == 1
    mail_log_head()
    [notice] = Notice.objects.filter(recipient=district.audit_admin, key__startswith="log-head-")
    assert heads.kept_in(notice.text)[0].is_of(sealed.hash)
    assert heads.check_kept(notice.text) == []
    record(district.unit, "edited", actor=district.owner)
    chain.seal()
    mail_log_head()
    assert Notice.objects.filter(recipient=district.audit_admin, key__startswith="log-head-").count() == 2


def test_no_audit_officer_can_refuse_its_mail(sealed: LogHead, district: District, settings: Any) -> None:
    settings.EMAIL_CHANNEL = True
    Account.objects.filter(pk=district.audit_admin.pk).update(email="audit@luojiang.example")
    Preference.objects.create(account=district.audit_admin, progress=False, reminder=False)
    mail_log_head()
    assert Delivery.objects.filter(notice__recipient=district.audit_admin, channel=Delivery.EMAIL).count() == 1


@pytest.fixture
def in_service(sealed: LogHead, settings: Any) -> None:
    settings.DEMO, settings.AUDIT_BEGINNING = False, heads.code_of(heads.beginning())


def send(**more: Any) -> None:
    """Whatever heads were mailed until now are out."""
    for notice in Notice.objects.filter(key__startswith=KEY):
        Delivery.objects.create(notice=notice, state="sent", next_try_at=clock.now(), sent_at=clock.now(), **more)


def test_health_says_when_none_has_left(in_service: None, settings: Any) -> None:
    assert what_stays_in() == ""
    mail_log_head()
    with travel(clock.now() + timedelta(days=3), tick=False):
        assert "两天没有送出" in what_stays_in()
        send(channel="审计群")  # which is told that there is one, and not which
        assert "两天没有送出" in what_stays_in()
        send()
        assert what_stays_in() == ""
    settings.AUDIT_BEGINNING = ""
    assert f"AUDIT_BEGINNING={heads.code_of(heads.beginning())}" in what_stays_in()


def test_days_on_which_nobody_acts_are_no_trouble(in_service: None, district: District) -> None:
    mail_log_head()
    send()
    with travel(clock.now() + timedelta(days=9), tick=False):
        assert what_stays_in() == ""
        record(district.unit, "edited", actor=district.owner)
        chain.seal()
        assert what_stays_in() == ""
    with travel(clock.now() + timedelta(days=12), tick=False):
        mail_log_head()
        assert "两天没有送出" in what_stays_in()


def test_a_head_that_others_have_countersigned_has_left(in_service: None) -> None:
    seal_leaves()
    body = Witness.objects.create(name="w", label="区审计局", public=b"")
    tree = {"root": b"", "note": "", "published_at": clock.now()}
    before, after = (TreeHead.objects.create(day=clock.today() + timedelta(days=n), size=n, **tree) for n in (0, 1))
    with travel(clock.now() + timedelta(days=3), tick=False):
        Cosignature.objects.create(head=before, witness=body, signature=b"")
        assert "两天没有送出" in what_stays_in()
        Cosignature.objects.create(head=after, witness=body, signature=b"")
        assert what_stays_in() == ""


def test_a_line_of_the_system_s_log_is_a_head_too(
    sealed: LogHead, district: District, caplog: pytest.LogCaptureFixture
) -> None:
    """As web and worker log: their root takes warnings alone."""
    assert not logging.getLogger().isEnabledFor(logging.INFO)
    record(district.unit, "edited", actor=SYSTEM)
    chain.seal()
    assert heads.check_kept(caplog.text) == []


def test_nothing_sealed_is_no_head(db: None) -> None:
    assert mail_log_head() == 0


def test_other_bodies_countersign_it_with_the_tree(sealed: LogHead) -> None:
    seal_leaves()
    assert list(Leaf.objects.filter(source="log_head").values_list("ref", flat=True)) == [sealed.pk]
