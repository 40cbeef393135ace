"""Seals on screen: registered by one person and approved of by another, put on by hand, signed and checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.seal_records import SealApplied
from luojiang_ce.papers.services import request_papers
from luojiang_ce.workflow import case_kind
from tests.browser.looking import look
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_letter, made, register_samples, seal_of
from tests.luojiang_ce.papers.signing.authorities import BUREAU, PASSPHRASE, holder


@pytest.fixture(autouse=True)
def _samples(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setenv("TESTS_PASSPHRASE", PASSPHRASE)
    file = holder(BUREAU).write(tmp_path / "bureau.p12")
    settings.SIGNERS = {"bureau": {"file": str(file), "passphrase_env": "TESTS_PASSPHRASE"}}


def test_a_seal_is_registered_and_approved_of(page_for: Callable[..., Page], district: District) -> None:
    page = page_for(district.handler, "/seals/new/")
    page.select_option("#id_owner", str(district.bureau.pk))
    page.fill("#id_arc_text", "洛江区人力资源和社会保障局")
    page.fill("#id_line_text", "职业能力培训专用章")
    page.select_option("#id_provider", "signed")
    page.select_option("#id_signer", "bureau")
    look(page, "seal-new")
    page.get_by_role("button", name="登记印章").click()
    expect(page.get_by_text("待审批人批准启用").first).to_be_visible()
    seal = Seal.objects.get()
    page = page_for(district.approver, f"/seals/{seal.pk}/")
    look(page, "seal-to-approve")
    page.get_by_role("button", name="批准启用").click()
    expect(page.get_by_text("已批准启用").first).to_be_visible()
    look(page, "seal")
    page.goto(page.url.removesuffix(f"{seal.pk}/"))
    look(page, "seals")


def test_papers_are_stamped_by_hand_and_entered(page_for: Callable[..., Page], district: District) -> None:
    blank = seal_of(district.bureau, provider=Seal.Provider.BLANK, demo=False)
    people = [person_in(district.unit, name) for name in ("温知故", "林默", "许明")]
    asked = {"actor": district.keeper, "approver": district.approver, "seal": blank}
    made(request_papers("sample.page", district.unit, subjects=people, **asked)[0])
    page = page_for(district.keeper, "/")
    look(page, "hand-start")
    page.get_by_role("link", name="3 份文书待手工加盖").first.click()
    page.get_by_label("全选本页").check()
    look(page, "hand-list")
    page.get_by_role("button", name="登记已加盖").click()
    page.fill("#id_copies", "2")
    look(page, "hand-apply")
    page.get_by_role("button", name="登记已加盖").click()
    expect(page.get_by_text("已登记加盖 3 份文书")).to_be_visible()
    assert SealApplied.objects.count() == 3
    page.goto(f"{page.url.split('/seals/')[0]}/papers/register/")
    look(page, "register")


def test_a_signed_file_says_who_signed_it(
    page_for: Callable[..., Page], open_page: Callable[..., Page], district: District, tmp_path: Path
) -> None:
    seal = seal_of(district.bureau, provider=Seal.Provider.SIGNED, signer="bureau", demo=False)
    paper: Paper = issued_letter(district, seal=seal)
    look(page_for(district.keeper, paper.get_absolute_url()), "paper-signed")
    changed = tmp_path / "changed.pdf"
    with paper.file.open() as file:
        content = file.read()
    changed.write_bytes(content + b"\n")
    page = open_page(f"/check/{paper.code}/")
    page.set_input_files("#upload", {"name": "own.pdf", "mimeType": "application/pdf", "buffer": content})
    page.get_by_role("button", name="比对文件").click()
    expect(page.get_by_text("的签名有效")).to_be_in_viewport()  # not above it, where the code's own verdict stands
    look(page, "check-signed")
    page.goto(page.url.replace(f"{paper.code}/", ""))
    page.set_input_files("#upload", str(changed))
    page.get_by_role("button", name="比对文件").click()
    expect(page.get_by_text("后面又加了内容")).to_be_visible()
    look(page, "check-changed")
