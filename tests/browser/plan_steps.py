"""The steps of a plan year in the browser, as the people who take them see them: 附件1, review, consent, withdrawal."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.way import Office, act, fill, stands, upload


def begin_plan(page: Page, year: int) -> None:
    """A unit's clerk begins the plan of a year."""
    fill(page, {"year": str(year)})
    page.get_by_role("button", name="开始填报").click()


def fill_in_row(page: Page, **facts: str) -> None:
    """A row of 附件1 by the form; `facts` besides what is usual."""
    usual = {
        "category": "专业", "basis": "年度培训方案", "content": "采后处理、冷链保鲜", "audience": "农业技术人员",
        "sessions": "1", "people": "50", "starts_on": "2026-05-11", "ends_on": "2026-05-12", "days": "2",
        "place": "实训基地", "professional_amount": "16", "funding": "财政预算", "budget": "12000",
        "contact": "夏知远", "phone": "0595-0000-0101",
    }  # fmt: skip
    page.get_by_role("link", name="添加").first.click()
    fill(page, usual | facts)
    page.get_by_role("button", name="保存这个班").click()


def paste(page: Page, cells: str) -> None:
    """Rows of a spreadsheet are pasted, and looked at before they are written."""
    page.get_by_label("或者粘贴表格里的行").fill(cells)
    page.get_by_role("button", name="上传并预览").click()


def choose(page: Page, workbook: Path) -> None:
    """A filled workbook is sent, and looked at before it is written."""
    page.set_input_files("input[type=file]", workbook)
    page.get_by_role("button", name="上传并预览").click()


def take_in(page: Page, count: int) -> None:
    """The rows of the preview are written."""
    page.get_by_role("button", name=f"导入 {count} 个班").click()
    expect(page.get_by_text(f"新增 {count} 个班")).to_be_visible()


def file_plan(page: Page, office: Office) -> str:
    """The plan is filed with its 年度培训方案; the path of its case."""
    upload(page, "年度培训方案", office.scan)
    act(page, "报送培训计划")
    stands(page, "待审核")
    return path_of(page)


def carry_remark(page: Page, place: str, wrong: str) -> None:
    """A remark beside a class of the review table is taken along to the return."""
    page.get_by_label(f"{place}：问题").fill(wrong)
    page.get_by_role("button", name="带着这些问题去退回").click()
    expect(page.get_by_role("combobox", name="位置").first).to_have_value(place)


def give_back(page: Page) -> None:
    """The plan goes back to its unit with what was remarked."""
    page.get_by_role("button", name="退回补正").click()
    stands(page, "退回补正")


def file_again(page: Page, wrong: str, answer: str) -> None:
    """What was found wrong is answered, and the plan filed again."""
    page.get_by_role("link", name="重新报送", exact=True).click()
    page.get_by_label(wrong).fill(answer)
    page.get_by_role("button", name="重新报送", exact=True).click()
    stands(page, "待审核")


def gather(page: Page, year: int) -> None:
    """All checked projects of the year go before the bodies."""
    page.get_by_role("button", name=f"汇总 {year} 年度项目").click()
    page.get_by_role("button", name="选入汇总").click()
    act(page, "送两家会签")
    stands(page, "会签中")


def object_to(page: Page, title: str, why: str) -> None:
    """The reason is asked for once there is an objection."""
    reason = page.get_by_label(f"异议理由：{title}")
    expect(reason).to_be_hidden()
    page.get_by_role("radiogroup", name=title).get_by_text("异议").click()
    reason.fill(why)


def stands_above_the_bar(page: Page, button: str) -> None:
    """On the phone the navigation at the bottom, however long its words, covers nothing of the button."""
    bar, box = page.locator(".lj-tabbar").bounding_box(), page.get_by_role("button", name=button).bounding_box()
    assert bar
    assert box
    assert box["y"] + box["height"] <= bar["y"]


def ask_for_withdrawal(page: Page, office: Office, why: str) -> str:
    """The unit asks for it with its letter; the path of the case."""
    page.get_by_role("link", name="申请撤销").click()
    page.locator("[name=reason]").fill(why)
    page.get_by_role("button", name="保存，下一步上传材料").click()
    upload(page, "申请报告", office.scan)
    act(page, "提交变更申请")
    stands(page, "待审核")
    return path_of(page)


def path_of(page: Page) -> str:
    """The path of the page in front of us."""
    return "/" + page.url.split("/", 3)[3]
