"""The way of a year into the archive: retention is set, the year is packed, checked, taken away, and supplemented."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.services import sweep
from luojiang_ce.workflow.engine import fire
from tests.browser.looking import look
from tests.conftest import District
from tests.units.archive.years import two_leaves

LAST = clock.today().year - 1


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path


def test_a_year_goes_into_the_archive(page_for: Callable[..., Page], district: District, tmp_path: Path) -> None:
    with clock.at(datetime(LAST, 6, 15, 9, 30, tzinfo=clock.SHANGHAI)):
        closed, _ = two_leaves(district)
    page = page_for(district.approver, "/archive/retention/")
    page.get_by_role("link", name="设定长期外出或病假的保管期限").click()
    page.fill("#id_period", "三十年")
    page.fill("#id_valid_from", f"{LAST}-01-01")
    page.fill("#id_document", "洛人社〔2026〕9号")
    page.get_by_role("button", name="设定").click()
    expect(page.get_by_text("写“永久”，或数字加“年”").first).to_be_visible()
    look(page, "archive-retention-wrong")
    page.fill("#id_period", "30年")
    page.get_by_role("button", name="设定").click()
    look(page, "archive-retention")

    page = page_for(district.handler, "/archive/")
    look(page, "archive-years")
    server = page.url.removesuffix("/archive/")
    page.get_by_role("link", name=f"{LAST} 年度").click()
    look(page, "archive-year-empty")
    page.get_by_role("link", name="封装整年").click()
    page.get_by_role("button", name="封装").click()
    expect(page.get_by_text("有 1 件还没有办结").first).to_be_visible()
    look(page, "archive-pack-open")
    page.get_by_label("未办结的不装入").check()
    page.get_by_role("button", name="封装").click()
    expect(page.get_by_text("正在封装").first).to_be_visible()
    look(page, "archive-package-waits")
    sweep()  # packs
    sweep()  # checks
    page.reload()
    expect(page.get_by_role("heading", name="四性检测")).to_be_visible()
    expect(page.get_by_text("检测合格")).not_to_have_count(0)
    look(page, "archive-package")
    with page.expect_download() as waited:
        page.get_by_role("link", name="下载归档包").click()
    saved = tmp_path / "taken.zip"
    waited.value.save_as(saved)
    assert waited.value.suggested_filename == f"归档包-{LAST}-01.zip"
    read_without_the_system(page, saved, tmp_path / "elsewhere")

    fire(closed, "revoke", actor=district.approver, note="证明是伪造的")
    page.goto(f"{server}/archive/{LAST}/")
    expect(page.get_by_text("有后续变动")).to_be_visible()
    look(page, "archive-year-changed")
    page.get_by_role("link", name="补充封装新增和变动的件").click()
    page.get_by_role("button", name="封装").click()
    expect(page.get_by_text("正在封装").first).to_be_visible()
    sweep()
    page.reload()
    expect(page.get_by_text(f"补充 {LAST}-01").first).to_be_visible()
    page.goto(f"{server}/archive/")
    look(page, "archive-years-made")


def read_without_the_system(page: Page, saved: Path, folder: Path) -> None:
    """As in twenty years: unpacked, opened as files."""
    with zipfile.ZipFile(saved) as archive:
        archive.extractall(folder)
    page.goto((folder / f"归档包-{LAST}-01" / "data" / "目录.html").as_uri())
    look(page, "archive-contents")
    page.get_by_role("link", name="长期外出或病假").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    expect(page.get_by_text("保管期限：30年")).to_be_visible()
    expect(page.get_by_role("link", name="材料-001.pdf")).to_be_visible()
    look(page, "archive-case")


def test_what_is_missing_is_named(page_for: Callable[..., Page], district: District) -> None:
    with clock.at(datetime(LAST, 6, 15, 9, 30, tzinfo=clock.SHANGHAI)):
        closed, _ = two_leaves(district)
    Path(Attachment.objects.of(closed).get().file.path).unlink()
    page = page_for(district.handler, f"/archive/{LAST}/")
    page.get_by_role("link", name="封装整年").click()
    page.get_by_label("未办结的不装入").check()
    page.get_by_role("button", name="封装").click()
    expect(page.get_by_text("正在封装").first).to_be_visible()
    sweep()
    sweep()
    page.reload()
    expect(page.get_by_role("heading", name="缺失或被改动的材料")).to_be_visible()
    look(page, "archive-lacking")
