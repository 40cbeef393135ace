"""Nothing typed is lost: truthful autosave, the copy in the browser, leaving, two tabs, an ended session."""

from __future__ import annotations

import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE, assert_accessible, assert_fits
from tests.factories import PASSWORD, id_number, person_in
from tests.training.classes.factories import an_application, enrolled
from tests.training.plans.factories import a_plan, an_item
from tests.verification.declarations.cases import declaration_of
from training.plans.models import PlanItem

SAVED = re.compile(r"草稿 \d\d:\d\d 已自动保存")
OFFER = "没有保存的内容"
COPIES = "Object.keys(localStorage).filter(key => key.startsWith('typed:'))"


@pytest.fixture
def item(district):
    return an_item(a_plan(district.unit))


def url_of(item: PlanItem) -> str:
    return f"/plans/{item.plan_id}/items/{item.pk}/edit/"


def says(page: Page):
    return page.locator("[data-typed-says]")


def place(page: Page):
    return page.get_by_label("地点", exact=True)


def until_kept(page: Page, count: int = 1) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while page.evaluate(f"{COPIES}.length") != count:
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def sign_in(page: Page, account) -> None:
    page.get_by_label("登录名").fill(account.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def another_tab(page: Page, path: str) -> Page:
    context: BrowserContext = page.context
    tab = context.new_page()
    tab.goto(path)
    return tab


def test_a_draft_saves_itself_and_says_when(page_for, item, district):
    page = page_for(district.owner, url_of(item))
    place(page).fill("乙地")
    expect(says(page)).to_have_text("有改动，还没有保存")
    until_kept(page)
    expect(says(page)).to_have_text(SAVED)
    until_kept(page, 0)
    item.refresh_from_db()
    assert (item.place, item.version) == ("乙地", 1)
    place(page).fill("丙地")
    expect(says(page)).to_have_text("有改动，还没有保存")
    page.get_by_role("button", name="保存这个班").click()  # while it may be about to save itself
    page.wait_for_url(f"**/plans/{item.plan_id}/")
    item.refresh_from_db()
    assert item.place == "丙地"
    until_kept(page, 0)


def test_a_new_row_saves_itself_once_and_goes_on_as_that_row(page_for, district):
    plan = a_plan(district.unit)
    page = page_for(district.owner, f"/plans/{plan.pk}/items/new/")
    page.get_by_label("培训班名称").fill("果蔬")
    expect(says(page)).to_have_text(SAVED)
    row = plan.items.get()
    page.wait_for_url(f"**{url_of(row)}")
    page.get_by_label("培训班名称").fill("果蔬冷链")
    expect(says(page)).to_have_text("有改动，还没有保存")
    expect(says(page)).to_have_text(SAVED)
    until_kept(page, 0)
    page.reload()
    expect(page.get_by_label("培训班名称")).to_have_value("果蔬冷链")
    assert plan.items.count() == 1


def test_what_cannot_be_saved_is_never_said_to_be(page_for, item, district):
    page = page_for(district.owner, url_of(item))
    place(page).fill("乙地")
    expect(says(page)).to_have_text(SAVED)
    page.get_by_label("经费预算").fill("0.001")
    expect(says(page)).to_contain_text("还没有自动保存")
    expect(says(page)).to_contain_text("经费预算")
    until_kept(page)
    page.get_by_label("经费预算").fill("300")
    expect(says(page)).to_have_text(SAVED)
    until_kept(page, 0)


def test_without_the_network_it_says_so_and_keeps_a_copy(page_for, item, district):
    page = page_for(district.owner, url_of(item))
    page.context.set_offline(True)
    place(page).fill("乙地")
    expect(says(page)).to_contain_text("连不上系统，没有自动保存")
    page.context.set_offline(False)
    page.reload()  # asks first; whoever leaves nevertheless finds the copy
    offer = page.get_by_role("region", name=OFFER)
    expect(offer).to_contain_text("有 1 处与现在的不同")
    assert_accessible(page)
    assert_fits(page)
    offer.get_by_role("button", name="恢复填写的内容").click()
    expect(place(page)).to_have_value("乙地")
    expect(says(page)).to_have_text(SAVED)
    item.refresh_from_db()
    assert item.place == "乙地"


def test_a_copy_of_what_is_stored_by_now_is_not_offered(page_for, item, district):
    """Somebody else has saved the same meanwhile: the page differs from the copy by its version alone."""
    page = page_for(district.owner, url_of(item))
    page.context.set_offline(True)
    place(page).fill("乙地")
    until_kept(page)
    page.context.set_offline(False)
    PlanItem.objects.filter(pk=item.pk).update(place="乙地", version=7)
    page.reload()
    expect(place(page)).to_have_value("乙地")
    until_kept(page, 0)
    expect(page.get_by_role("region", name=OFFER)).to_have_count(0)
    assert page.locator("#version").input_value() == "7"


def test_two_tabs_nothing_is_overwritten(page_for, item, district):
    """field 17: B saves, A saves itself afterwards."""
    page = page_for(district.owner, url_of(item))
    other = another_tab(page, page.url)
    other.get_by_label("培训内容").fill("乙填的内容")
    other.get_by_role("button", name="保存这个班").click()
    other.wait_for_url(f"**/plans/{item.plan_id}/")
    place(page).fill("甲填的地点")
    expect(says(page)).to_contain_text("没有自动保存")
    expect(says(page)).to_contain_text(district.owner.name)
    item.refresh_from_db()
    assert (item.content, item.place != "甲填的地点") == ("乙填的内容", True)
    page.get_by_role("button", name="保存这个班").click()
    table = page.locator("section[aria-labelledby=conflict]")
    expect(table).to_contain_text("乙填的内容")
    expect(table).to_contain_text("甲填的地点")
    expect(place(page)).to_have_value("甲填的地点")


def test_the_session_ends_while_one_types_and_everything_comes_back(page_for, item, district):
    """field 20: a form that does not save itself."""
    person_in(district.unit, "顾清和")
    page = page_for(district.owner, "/declarations/new/remote/")
    page.locator("#id_title").fill("专业技术人员网络课程")
    page.get_by_label("学习形式").select_option("remote")
    page.get_by_label("需缴费").check()
    page.get_by_label("折算依据").fill("学习平台出具的学时证明")
    expect(says(page)).to_contain_text("还没有自动保存")
    until_kept(page)
    Session.objects.all().delete()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("body")).to_contain_text("您刚才的操作没有执行")
    sign_in(page, district.owner)
    page.wait_for_url("**/declarations/new/remote/")
    expect(page.locator("body")).to_contain_text("您刚才的操作没有执行，请再点一次")
    page.get_by_role("button", name="恢复填写的内容").click()
    expect(page.locator("#id_title")).to_have_value("专业技术人员网络课程")
    expect(page.get_by_label("学习形式")).to_have_value("remote")
    expect(page.get_by_label("需缴费")).to_be_checked()
    expect(page.get_by_label("折算依据")).to_have_value("学习平台出具的学时证明")


def test_the_session_ends_under_a_draft_that_saves_itself(page_for, item, district):
    page = page_for(district.owner, url_of(item))
    Session.objects.all().delete()
    place(page).fill("乙地")
    expect(says(page)).to_contain_text("已退出登录，没有保存")
    until_kept(page)


def test_a_button_pressed_after_the_session_ended(page_for, item, district):
    """field 19."""
    page = page_for(district.owner, f"/plans/{item.plan_id}/")
    Session.objects.all().delete()
    page.get_by_role("button", name=re.compile("^删除 ")).click()
    sign_in(page, district.owner)
    page.wait_for_url(f"**/plans/{item.plan_id}/")
    expect(page.locator("body")).to_contain_text("您刚才的操作没有执行，请再点一次")
    assert PlanItem.objects.filter(pk=item.pk).exists()


def test_a_page_closed_while_typing_is_asked_about_and_offered_again(page_for, district):
    page = page_for(district.owner, "/declarations/new/remote/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("折算依据").fill("学习平台出具的学时证明")
    until_kept(page)
    again = page.context.new_page()
    page.close(run_before_unload=True)
    again.goto(page.url.replace("/declarations/new/remote/", "/"))
    assert asked == ["beforeunload"]
    unsaved = again.get_by_role("region", name="没有保存的内容")
    assert_accessible(again)
    unsaved.get_by_role("link", name="新建学时申报").click()
    again.get_by_role("button", name="恢复填写的内容").click()
    expect(again.get_by_label("折算依据")).to_have_value("学习平台出具的学时证明")
    expect(again.get_by_role("region", name=OFFER)).to_have_count(0)


def test_who_leaves_is_asked_only_when_something_is_unsaved(page_for, item, district):
    page = page_for(district.owner, "/declarations/new/remote/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="返回", exact=True).click()
    page.wait_for_url("**/declarations/")
    page.go_back()
    page.get_by_label("折算依据").fill("x")
    page.get_by_role("link", name="返回", exact=True).click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/declarations/new/remote/")


def test_a_chosen_file_alone_is_no_copy_and_what_is_not_wanted_is_taken_off_the_list(page_for, district):
    page = page_for(district.owner, "/people/import/")
    page.locator("form[data-typed] input[type=file]").set_input_files(
        {"name": "花名册.csv", "mimeType": "text/csv", "buffer": "姓名".encode()}
    )
    page.wait_for_timeout(600)
    until_kept(page, 0)
    draft = declaration_of(district.unit)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url.replace("/people/import/", f"/declarations/{draft.pk}/edit/"))
    page.route("**/*autosave=1", lambda route: route.abort())
    page.get_by_label("折算依据").fill("只在本浏览器里")
    until_kept(page)
    page.goto(page.url.replace(f"/declarations/{draft.pk}/edit/", "/"))
    unsaved = page.get_by_role("region", name=OFFER)
    expect(unsaved.get_by_role("link")).to_have_text(re.compile(f"修改学时申报.*{draft.number}"))  # of which case it is
    unsaved.get_by_role("button", name=re.compile("^不要了")).click()
    expect(unsaved).to_have_count(0)
    until_kept(page, 0)


def test_a_copy_is_for_its_account_alone_and_goes_when_another_one_signs_out(page_for, district):
    page = page_for(district.owner, "/declarations/new/remote/")
    page.get_by_label("折算依据").fill("只给本人看的")
    until_kept(page)
    kept = page.evaluate(f"{COPIES}.map(key => localStorage.getItem(key)).join()")
    assert "只给本人看的" not in kept
    assert "sealed" in kept
    switch_to(page, district.colleague)
    page.goto(page.url)
    expect(page.get_by_role("region", name=OFFER)).to_have_count(0)
    assert page.evaluate(f"{COPIES}.length") == 1
    page.locator("details.lj-menu summary").last.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in/")
    assert page.evaluate(f"{COPIES}.length") == 0


def switch_to(page: Page, account) -> None:
    client = Client()
    client.force_login(account)
    session = client.cookies["sessionid"]
    site = page.url.partition("/declarations")[0]
    page.context.add_cookies([{"name": "sessionid", "value": session.value, "url": site}])


def test_numbers_of_papers_are_in_no_copy(page_for, district):
    page = page_for(district.owner, "/people/new/")
    number = id_number(serial=705)
    page.get_by_label("证件号码").fill(number)
    page.get_by_label("部门或岗位").fill(f"{number[:6]} {number[6:14]} {number[14:]}")
    page.get_by_label("系列").fill("工程")
    until_kept(page)
    page.reload()
    page.get_by_role("button", name="恢复填写的内容").click()
    expect(page.get_by_label("系列")).to_have_value("工程")
    expect(page.get_by_label("证件号码")).to_have_value("")
    expect(page.get_by_label("部门或岗位")).to_have_value("")


def test_an_old_copy_is_swept_away(page_for, district):
    page = page_for(district.owner, "/declarations/new/remote/")
    page.get_by_label("折算依据").fill("旧的")
    until_kept(page)
    other = another_tab(page, page.url.replace("/declarations/new/remote/", "/account/"))
    page.close()
    other.evaluate(
        f"{COPIES}.forEach(key => {{ const kept = JSON.parse(localStorage.getItem(key));"
        "kept.at -= 4 * 24 * 3600 * 1000; localStorage.setItem(key, JSON.stringify(kept)); })"
    )
    other.reload()
    until_kept(other, 0)


def test_a_copy_older_than_what_a_colleague_saved_leads_to_the_table(page_for, district):
    case = declaration_of(district.unit)
    page = page_for(district.owner, f"/declarations/{case.pk}/edit/")
    page.context.set_offline(True)
    page.get_by_label("折算依据").fill("我写的依据")
    until_kept(page)
    page.context.set_offline(False)
    case.version, case.basis, case.edited_by = 1, "同事写的依据", district.colleague
    case.save()
    page.reload()
    page.get_by_role("button", name="恢复填写的内容").click()
    expect(says(page)).to_contain_text("没有自动保存")
    page.get_by_role("button", name="保存草稿").click()
    table = page.locator("section[aria-labelledby=conflict]")
    expect(table).to_contain_text("同事写的依据")
    expect(table).to_contain_text("我写的依据")


def test_the_timetable_saves_itself_again_and_again(page_for, district):
    case = an_application(district.unit)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/timetable/")
    count = case.timetable.count()
    row = page.locator("tbody tr[id]").nth(count)
    number = count + 1
    row.get_by_label(re.compile("日期")).fill(case.opens_on.isoformat())
    row.get_by_label(re.compile("课程名称")).fill("新加的一课")
    expect(says(page)).to_contain_text("还没有自动保存")
    row.get_by_label(re.compile("开始")).fill("19:00")
    row.get_by_label(re.compile("结束")).fill("20:30")
    expect(says(page)).to_have_text(SAVED)
    row.get_by_label(re.compile("课程名称")).fill("新加的一课，改过")
    expect(says(page)).to_have_text("有改动，还没有保存")
    expect(says(page)).to_have_text(SAVED)
    page.get_by_role("button", name="保存课程表").click()
    page.wait_for_load_state()
    assert case.timetable.count() == number
    assert case.timetable.filter(course="新加的一课，改过").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_a_new_lecturer_does_not_cost_the_timetable(page_for, district, script):
    case = an_application(district.unit)
    page = page_for(district.owner, f"/classes/{case.pk}/edit/timetable/", script=script)
    row = page.locator("tbody tr[id]").nth(1)
    row.get_by_label(re.compile("课程名称")).fill("新老师的课")
    page.get_by_text("登记新教师").click()
    page.get_by_label("姓名").fill("顾清和")
    page.get_by_label("工作单位").fill("华侨测试大学")
    page.get_by_role("button", name="登记这位教师").click()
    expect(page.locator("body")).to_contain_text("已登记 顾清和")
    if script:
        assert_accessible(page)
    row = page.locator("tbody tr[id]").nth(1)
    expect(row.get_by_label(re.compile("课程名称"))).to_have_value("新老师的课")
    row.get_by_label(re.compile("授课教师")).select_option(label="顾清和（华侨测试大学）")


def test_without_script_the_form_is_saved_with_its_button(page_for, item, district):
    page = page_for(district.owner, url_of(item), script=False)
    place(page).fill("乙地")
    page.get_by_role("button", name="保存这个班").click()
    page.wait_for_url(f"**/plans/{item.plan_id}/")
    item.refresh_from_db()
    assert item.place == "乙地"


def test_ticks_outlast_searching_and_are_sent_together(page_for, district):
    case = an_application(district.unit, state="approved")
    for name in ("顾清和", "岳临川", "温如故"):
        person_in(district.unit, name)
    page = page_for(district.owner, f"/classes/open/{case.pk}/")
    for name in ("顾清和", "岳临川"):
        page.get_by_role("searchbox", name="姓名、拼音").fill(name)
        page.get_by_role("button", name="查找").click()
        page.get_by_label(name, exact=True).check()
    elsewhere = page.locator("[data-ticks-elsewhere]")
    expect(elsewhere).to_contain_text("另有 1 人已勾选")
    assert_accessible(page)
    page.goto(page.url.partition("?")[0])
    expect(page.get_by_label("顾清和", exact=True)).to_be_checked()
    expect(page.get_by_label("温如故", exact=True)).not_to_be_checked()
    expect(elsewhere).to_be_hidden()
    page.get_by_role("searchbox", name="姓名、拼音").fill("温如故")
    page.get_by_role("button", name="查找").click()
    expect(elsewhere).to_contain_text("另有 2 人已勾选")
    page.get_by_role("button", name="报名勾选的人员").click()
    expect(page.locator("body")).to_contain_text("已报名 2 人")
    assert {each.name for each in case.enrolments.all()} == {"顾清和", "岳临川"}
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('ticks:'))") == [], "done"


def test_ticks_elsewhere_can_be_taken_back(page_for, district):
    case = an_application(district.unit, state="approved")
    for name in ("顾清和", "岳临川"):
        person_in(district.unit, name)
    page = page_for(district.owner, f"/classes/open/{case.pk}/")
    page.get_by_label("顾清和", exact=True).check()
    page.get_by_role("searchbox", name="姓名、拼音").fill("岳临川")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name="取消这些勾选").click()
    page.get_by_label("岳临川", exact=True).check()
    page.get_by_role("button", name="报名勾选的人员").click()
    expect(page.locator("body")).to_contain_text("已报名 1 人")


def test_what_is_refused_again_and_again_offers_nothing_that_stands_in_the_form(page_for, district):
    page = page_for(district.owner, "/record/transfers/new/")
    for number in range(3):
        page.get_by_label("纸质证明上的核验码").fill(f"错的{number}")
        page.get_by_role("button", name="核验并导入").click()
        expect(page.locator(".lj-errors")).to_be_visible()
        expect(page.get_by_label("纸质证明上的核验码")).to_have_value(f"错的{number}")
        until_kept(page, 1)
        expect(page.get_by_role("region", name=OFFER)).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(page.url)
    expect(page.get_by_role("region", name=OFFER)).to_have_count(1)


def test_of_two_copies_the_newer_is_offered_and_then_the_older(page_for, district):
    page = page_for(district.owner, "/record/transfers/new/")
    other = another_tab(page, page.url)
    page.get_by_label("纸质证明上的核验码").fill("较早的")
    until_kept(page, 1)
    other.get_by_label("纸质证明上的核验码").fill("较晚的")
    until_kept(page, 2)
    third = another_tab(page, page.url)
    offered = third.get_by_role("region", name=OFFER)
    expect(offered).to_have_count(1)
    offered.get_by_role("button", name="不要了").click()
    expect(offered).to_have_count(1)
    offered.get_by_role("button", name="恢复填写的内容").click()
    expect(third.get_by_label("纸质证明上的核验码")).to_have_value("较早的")
    expect(offered).to_have_count(0)


def test_a_decision_that_is_refused_leaves_reason_and_ticks(page_for, district):
    case = an_application(district.unit, state="approved")
    enrolled(case, person_in(district.unit, "顾清和"))
    page = page_for(district.owner, "/classes/trainees/")
    page.get_by_label(re.compile("^顾清和")).check()
    page.get_by_role("button", name=re.compile("退出")).click()
    expect(page.locator("body")).to_contain_text("请写明原因")
    expect(page.get_by_label(re.compile("^顾清和"))).to_be_checked()
