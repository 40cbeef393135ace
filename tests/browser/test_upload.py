"""Many files at once, without a new page; what is typed on the page stays."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from luojiang_ce.files.models import Attachment
from tests.conftest import District
from tests.documents import PDF
from tests.training.classes.factories import an_application
from tests.units.cases import leave_of

DROP = """([id, name, text]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  data.items.add(new File([bytes], name, { type: 'application/pdf' }));
  const line = document.getElementById(id);
  for (const kind of ['dragover', 'drop'])
    line.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""


def test_several_files_are_kept_and_a_bad_one_is_named(
    page_for: Callable[..., Page], district: District, tmp_path: Path
) -> None:
    leave = leave_of(district)
    good, other, bad = tmp_path / "通知.pdf", tmp_path / "批件.pdf", tmp_path / "程序.exe"
    good.write_bytes(PDF)
    other.write_bytes(PDF + b"\n%2")
    bad.write_bytes(b"MZ")
    page = page_for(district.owner, leave.get_absolute_url())
    expect(page.locator(".lj-actions")).to_contain_text("还缺材料")
    heading = page.locator(".lj-panel header", has=page.locator("#materials"))
    expect(heading).to_contain_text("缺 1 项")
    page.evaluate("window.same = true")
    page.set_input_files("#upload-evidence", [good, other, bad])
    expect(page.locator("#material-evidence")).to_contain_text("通知.pdf")
    expect(page.locator("#material-evidence")).to_contain_text("批件.pdf")
    expect(page.locator(".lj-messages")).to_contain_text("程序.exe")
    expect(page.locator(".lj-actions")).not_to_contain_text("还缺材料")
    expect(heading).to_contain_text("齐")
    assert page.evaluate("window.same")
    assert Attachment.objects.of(leave).count() == 2


def test_a_file_dropped_on_its_line(page_for: Callable[..., Page], district: District) -> None:
    case = an_application(district.unit, actor=district.owner)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/teaching/")
    page.evaluate("window.same = true")
    page.evaluate(DROP, ["material-notice", "报名通知.pdf", base64.b64encode(PDF).decode()])
    expect(page.locator("#material-notice")).to_contain_text("报名通知.pdf")
    assert page.evaluate("window.same")


def test_files_dropped_together_sort_themselves(page_for: Callable[..., Page], district: District) -> None:
    case = an_application(district.unit, actor=district.owner)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/teaching/")
    page.evaluate("window.same = true")
    page.evaluate(DROP, ["material-any", "报名通知.pdf", base64.b64encode(PDF).decode()])
    expect(page.locator("#material-notice")).to_contain_text("报名通知.pdf")
    expect(page.locator(".lj-messages")).to_contain_text("归入")
    assert page.evaluate("window.same")
    page.locator("#material-notice summary").click()
    page.locator("#material-notice select").select_option(index=0)
    page.locator("#material-notice").get_by_role("button", name="归入").click()
    expect(page.locator(".lj-messages")).to_contain_text("已把“报名通知.pdf”归入")
    assert Attachment.objects.of(case).get(name="报名通知.pdf").material != "notice"


def test_a_file_that_is_being_chosen_while_another_is_sent_is_not_lost(
    page_for: Callable[..., Page], district: District, tmp_path: Path
) -> None:
    """The dialog of one line stays open while the answer to another line comes."""
    case, file = an_application(district.unit, actor=district.owner), tmp_path / "扫描件.pdf"
    file.write_bytes(PDF)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/teaching/")
    waiting = page.locator(".lj-check [type=file]:not(#upload-any):not(#upload-notice)").first
    line, chosen = waiting.get_attribute("id"), waiting.element_handle()
    page.set_input_files("#upload-notice", file)
    expect(page.locator("#material-notice")).to_contain_text("扫描件.pdf")
    chosen.set_input_files(file)
    expect(page.locator(f"#{line.replace('upload', 'material')}")).to_contain_text("扫描件.pdf")
    assert Attachment.objects.of(case).filter(name="扫描件.pdf").count() == 2


def test_after_the_session_ended_it_says_that_nothing_was_sent(
    page_for: Callable[..., Page], district: District, tmp_path: Path
) -> None:
    leave = leave_of(district)
    file = tmp_path / "通知.pdf"
    file.write_bytes(PDF)
    page = page_for(district.owner, leave.get_absolute_url())
    page.context.clear_cookies()
    page.set_input_files("#upload-evidence", file)
    expect(page.locator("#material-evidence")).to_contain_text("没有传上去")
    assert not Attachment.objects.of(leave).exists()
