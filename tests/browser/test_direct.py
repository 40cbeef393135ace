"""The bureau's own training in the browser: drawn up, its pass list imported, stamped, read by a unit, withdrawn."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import act
from tests.factories import id_number, person_in
from tests.verification.batches.samples import a_seal
from tests.verification.direct.lists import workbook
from verification.direct.models import DirectTraining
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("二(二)")]
SHOTS = os.environ.get("SHOTS")
SOUND = 295


def look(page: Any, name: str) -> None:
    """Accessible, as wide as the screen and as a telephone; pictures where they are asked for."""
    assert_accessible(page)
    wide = page.viewport_size
    for size, end in ((wide, ""), ({"width": PHONE[0], "height": PHONE[1]}, "-phone")):
        page.set_viewport_size(size)
        assert_fits(page)
        for scheme in ("light", "dark") if SHOTS else ():
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(SHOTS or "") / f"direct-{name}{end}-{scheme}.png"), full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(wide)


def a_pass_list(district: Any, folder: Path) -> Path:
    """300 lines: 290 people of the unit and 5 of its neighbour, 5 lines that are wrong."""
    lines = []
    for n in range(SOUND):
        number = id_number()
        person_in(district.neighbour_unit if n < 5 else district.unit, "莫知之" if n < 5 else "仇远", number=number)
        lines.append(["莫知之" if n < 5 else "仇远", number])
    other = id_number()
    person_in(district.unit, "温如故", number=other)
    wrong = [
        ["岳无名", id_number()],
        ["白无名", id_number()],
        ["欧阳错", other],
        ["仇远", "1"],
        ["莫知之", lines[0][1]],
    ]
    path = folder / "合格名单.xlsx"
    path.write_bytes(workbook([*lines, *wrong]).getvalue())
    return path


def test_from_the_pass_list_to_the_units_and_back(page_for: Any, district: Any, tmp_path: Path) -> None:
    """24 hours each: 295 entries, 7080 hours; after the withdrawal nothing is left of them, all on record."""
    a_seal(district.bureau)
    day = (clock.today() - timedelta(days=5)).isoformat()
    page = page_for(district.handler, "/direct/")
    look(page, "empty")
    page.get_by_role("link", name="新建调训").click()
    page.get_by_label("类别").select_option("induction")
    for name, value in {"title": "新录用人员初任培训班", "document": "测文〔2026〕7号", "amount": "24"}.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_date_from").fill(day)
    page.locator("#id_date_to").fill(day)
    page.locator("#id_year").fill(day[:4])
    page.locator("#id_subject").select_option("public")
    look(page, "form")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url("**/direct/*/")

    page.get_by_role("link", name="导入合格名单").first.click()
    page.set_input_files("input[type=file]", a_pass_list(district, tmp_path))
    page.get_by_role("button", name="上传并预览").click()
    expect(page.locator("main")).to_contain_text("姓名与证件号码不一致")
    look(page, "preview")
    page.get_by_role("button", name="列入 295 人").click()
    page.wait_for_url("**/direct/*/")
    expect(page.locator("main")).to_contain_text("295 人")
    look(page, "drawn-up")
    page.get_by_role("link", name="看名单").click()
    look(page, "people")
    case = DirectTraining.objects.get()
    page.goto(page.url.replace("people/", ""))
    act(page, "提请盖章")
    expect(page.locator("main")).to_contain_text("待盖章")

    page = page_for(district.keeper, case.get_absolute_url())
    look(page, "keeper")
    act(page, "盖章并入账")
    expect(page.locator("main")).to_contain_text("已盖章入账")
    entries = LedgerEntry.objects.of_source(case)
    assert sum(entry.amount for entry in entries) == 24 * SOUND == 7080
    assert Paper.objects.of(case).filter(kind="direct_roster").count() == 1

    page = page_for(district.neighbour, "/direct/")
    expect(page.locator("tbody tr")).to_have_count(5)
    expect(page.locator("main")).not_to_contain_text("仇远")
    look(page, "own-people")

    page = page_for(district.approver, case.get_absolute_url())
    act(page, "撤回并冲销", note="名单有误")
    expect(page.locator("main")).to_contain_text("已撤回")
    look(page, "withdrawn")
    assert sum(entry.amount for entry in LedgerEntry.objects.of_source(case)) == 0
    assert LedgerEntry.objects.of_source(case).count() == 2 * SOUND
    assert not Paper.objects.of(case).standing().exists()
    page = page_for(district.handler, case.get_absolute_url())
    page.get_by_role("button", name="按原名单重新编制").click()
    expect(page.locator("main")).to_contain_text("编制中")
    expect(page.locator("main")).to_contain_text("295 人")
