"""The shell in the real browser: signing in, the start page, both themes, desktop and phone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from luojiang_ce import clock
from luojiang_ce.home import registry, views
from luojiang_ce.home.registry import DemoAccount
from luojiang_ce.home.start import Todo, start_lists
from tests.browser.conftest import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.factories import PASSWORD

SHOTS = os.environ.get("SHOTS")  # a folder: keep pictures of what is tested
SIZES = [DESKTOP, PHONE]
LOOKS = [(size, dark) for size in SIZES for dark in (False, True)]


def keep(page, name):
    if SHOTS:
        page.wait_for_load_state()
        size = page.viewport_size
        whole = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({**size, "height": whole})  # so that what sticks to the foot stands at the foot
        theme = page.get_attribute("html", "data-bs-theme")
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}-{theme}.png", full_page=True)
        page.set_viewport_size(size)


@pytest.fixture
def todos(monkeypatch):
    today = clock.today()
    given = [
        Todo(
            "提交整改情况：农机安全操作培训班",
            "/",
            "监督检查发现签退缺 9 人次",
            today - timedelta(days=4),
            late=True,
            action_label="提交整改",
        ),
        Todo(
            "补正学时认定：乡村振兴实用技术培训班", "/", "缺下午现场照片、2 门课程讲义", today, action_label="继续补正"
        ),
        Todo("提交开班申请：果蔬冷链保鲜技术培训班", "/", "草稿有 5 处未填好", today + timedelta(days=6)),
        Todo("报送年度培训办班计划", "/", "日期暂定", today + timedelta(days=90), provisional=True),
        Todo("核对人员名单", "/"),
        Todo(
            "开班申请：农产品质量安全检测技术培训班（第2期）",
            "/",
            "5 个工作日内",
            waiting_for="区人社局 经办",
            mine=False,
        ),
    ]
    monkeypatch.setattr(views, "owed_to", lambda account: given)
    monkeypatch.setattr(views, "lists_for", lambda found, account, *more: start_lists(found, *more))
    return given


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_start_page(page_for, district, todos, size, dark):
    page = page_for(district.owner, "/", size=size, dark=dark)
    keep(page, "start")
    assert "今日要办 5 件，最早的已逾期" in page.inner_text("h1")
    assert page.locator(".lj-todo .btn-primary").count() == 1
    assert_accessible(page)
    assert_fits(page)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_sign_in_page_of_a_demo(open_page, district, settings, monkeypatch, size, dark):
    settings.DEMO = True
    offered = [
        DemoAccount(district.owner.username, "单位专办员", "洛江区青麓农业技术推广中心"),
        DemoAccount(district.handler.username, "区人社局经办"),
    ]
    monkeypatch.setattr(registry, "_demo_accounts", offered)
    page = open_page("/sign-in/", size=size, dark=dark)
    keep(page, "sign-in-demo")
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="区人社局经办").click()
    page.wait_for_url("**/")
    assert district.handler.name in page.inner_text(".lj-menu summary")


def test_signing_in_and_out_by_hand(open_page, district):
    page = open_page("/account/", size=PHONE)
    page.get_by_label("登录名").fill(f"  {district.owner.username.upper()} ")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/account/")
    page.locator(".lj-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in/**")
    assert "已退出登录" in page.inner_text(".lj-messages")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/account/", "/account/password/", "/more/", "/privacy/", "/notices/", "/jobs/"])
def test_plain_pages(page_for, district, path, size):
    page = page_for(district.owner, path, size=size)
    keep(page, path.strip("/").replace("/", "-"))
    assert_accessible(page)
    assert_fits(page)


def test_the_menu_and_the_theme_work_without_script(page_for, district):
    page = page_for(district.owner, "/", script=False)
    page.locator(".lj-menu summary").click()
    page.get_by_role("button", name="深色界面").click()
    assert page.get_attribute("html", "data-bs-theme") == "dark"


def test_a_wrong_password_is_announced_first(open_page, district):
    page = open_page("/sign-in/")
    page.get_by_label("登录名").fill(district.owner.username)
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    assert page.evaluate("document.activeElement.className") == "lj-errors"
    keep(page, "sign-in-wrong")
    assert_accessible(page)
