"""The shell: navigation by role, what is current, bell, theme, error pages, headers, loaders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home import registry, views
from luojiang_ce.home.registry import Demo, Loader, NavItem, Search, Section
from luojiang_ce.home.templatetags.home import act_url
from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.case_kind import workflow_of
from tests.training.factories import class_of
from tests.units.cases import leave_of
from tests.units.extensions.cases import lapse_of
from tests.verification.batches.samples import a_slot

ROOT = Path(__file__).resolve().parents[3]
# Papers are HTML for the PDF maker: their styles stand in them, and no browser loads them.
PAGES = [p for p in (ROOT / "templates").rglob("*.html") if not {"papers", "print"} & set(p.parts)]


def page(client, path="/"):
    return client.get(path).content.decode()


@pytest.fixture
def nav(monkeypatch):
    items = [
        NavItem("今日", "calendar-check", "home:start", order=0, tab=True),
        NavItem("消息", "bell", "notices:inbox", (Role.UNIT_CLERK,), Section.TRAINING, 10, tab=True),
        NavItem("账号", "user", "home:account", (Role.BUREAU_HANDLER,), Section.LOOKUP, 5),
        NavItem("任务", "list", "jobs:list", group=Section.LOOKUP, order=20),
    ]
    monkeypatch.setattr(registry, "_nav", items)
    monkeypatch.setattr(registry, "case_kinds", list)


def test_each_role_has_its_own_entries_in_their_groups(client, district, nav):
    client.force_login(district.owner)
    html = page(client)
    headings = re.findall(r'class="lj-nav-head">(.+?)<', html)
    assert headings == ["事务", "培训", "查阅"]
    assert "账号</a>" not in html.partition('class="lj-top"')[0]
    client.force_login(district.handler)
    assert "账号</a>" in page(client).partition('class="lj-top"')[0]


@pytest.mark.parametrize(("path", "label"), [("/", "今日"), ("/notices/", "消息"), ("/jobs/", "任务")])
def test_the_entry_of_this_page_is_current(client, district, nav, path, label):
    client.force_login(district.owner)
    rail = page(client, path).partition('class="lj-top"')[0]
    assert re.findall(r'aria-current="(\w+)">.*?</svg>(.+?)</a>', rail, re.DOTALL) == [("page", label)]


def test_a_page_below_an_entry_marks_it_as_true(client, district, nav):
    client.force_login(district.owner)
    rail = page(client, "/privacy/") + page(client, "/account/").partition('class="lj-top"')[0]
    assert re.findall(r'aria-current="(\w+)">.*?</svg>(.+?)</a>', rail, re.DOTALL) == [("true", "今日")]


def test_the_phones_bar_holds_what_is_marked_and_more(client, district, nav):
    client.force_login(district.owner)
    bar = page(client).partition('class="lj-tabbar"')[2].partition("</nav>")[0]
    assert re.findall(r"</svg>(.+?)</a>", bar) == ["今日", "消息", "任务", "更多"]


def test_the_phones_bar_prefers_what_is_marked(client, district, monkeypatch):
    pages = ("start", "more", "account", "password", "privacy", "calendar")
    items = [NavItem(name, "bell", f"home:{name}", order=n, tab=n > 3) for n, name in enumerate(pages)]
    monkeypatch.setattr(registry, "_nav", items)
    monkeypatch.setattr(registry, "case_kinds", list)
    client.force_login(district.owner)
    bar = page(client).partition('class="lj-tabbar"')[2].partition("</nav>")[0]
    assert re.findall(r"</svg>(.+?)</a>", bar) == ["start", "more", "privacy", "calendar", "更多"]


def test_a_page_below_an_entry_leads_back_to_it(client, district, nav):
    job = Job.objects.create(kind="roster", title="导入花名册", owner=district.owner)
    client.force_login(district.owner)
    crumbs = page(client, f"/jobs/{job.uid}/").partition('class="lj-crumb"')[2].partition("</nav>")[0]
    assert '<a href="/jobs/">后台任务</a>' in crumbs
    assert 'class="lj-crumb"' not in page(client, "/jobs/")
    assert 'class="lj-crumb"' not in page(client, "/account/")


def test_the_search_box_leads_where_its_role_searches(client, district, monkeypatch):
    monkeypatch.setattr(registry, "_searches", [Search("jobs:list", "姓名、拼音首字母", (Role.UNIT_CLERK,))])
    client.force_login(district.owner)
    assert 'action="/jobs/" method="get"' in page(client)
    client.force_login(district.handler)
    assert 'class="lj-search"' not in page(client)


def test_the_bell_counts_what_is_unread(client, district):
    notify([district.owner], "退回补正", key="a")
    notify([district.owner, district.neighbour], "审核通过", key="b")
    client.force_login(district.owner)
    assert '<b class="num">2</b>' in page(client)
    client.post(reverse("notices:read_all"))
    assert "没有未读" in page(client)


def test_the_theme_is_kept_in_a_cookie_and_set_by_the_server(client, district):
    client.force_login(district.owner)
    assert 'data-bs-theme="light"' in page(client)
    answer = client.post(reverse("home:theme"), {"theme": "dark", "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    assert 'data-bs-theme="dark"' in page(client)


@pytest.mark.parametrize("sent", ["purple", "", '"><script>'])
def test_an_unknown_theme_changes_nothing(client, db, sent):
    client.post(reverse("home:theme"), {"theme": sent})
    client.cookies["theme"] = sent
    assert 'data-bs-theme="light"' in page(client, "/privacy/")


def test_a_demo_says_so_on_every_page(client, district, settings):
    settings.DEMO = True
    client.force_login(district.owner)
    assert all("单位、人员和业务都是虚构的" in page(client, path) for path in ("/", "/privacy/", "/jobs/"))
    settings.DEMO = False
    assert "都是虚构的" not in page(client)


def test_what_does_not_exist_says_so_in_words(client, district):
    client.force_login(district.owner)
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()


def test_a_stale_form_says_so_in_words(district):
    client = Client(enforce_csrf_checks=True)
    client.force_login(district.owner)
    answer = client.post("/account/password/", {})
    assert answer.status_code == 403
    assert "操作没有执行，请再点一次" in answer.content.decode()


def test_a_failure_says_so_in_words(client, district, monkeypatch):
    def broken(account):
        raise RuntimeError("broken provider")

    monkeypatch.setattr(views, "owed_to", broken)
    client.force_login(district.owner)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "系统出了问题" in answer.content.decode()


def test_the_strict_policy_is_sent_and_the_pages_keep_to_it(client, district):
    client.force_login(district.owner)
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_carries_styles_handlers_scripts_or_hosts(path):
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", text)


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "parts").glob("*.html")), ids=lambda path: path.name)
def test_every_part_says_what_it_takes(path):
    assert path.read_text(encoding="utf-8").startswith("{#")


def test_reference_loaders_run_in_their_order(monkeypatch, capsys):
    loaders = [Loader(20, "second", lambda: "2 rows"), Loader(10, "first", lambda: "1 row")]
    monkeypatch.setattr(registry, "_reference", loaders)
    call_command("load_reference")
    assert capsys.readouterr().out == "first: 1 row\nsecond: 2 rows\n"


def twelve_units() -> str:
    return "12 units"


def test_the_demo_is_loaded_only_in_a_demo(monkeypatch, settings, capsys):
    monkeypatch.setattr(registry, "case_kinds", list)
    monkeypatch.setattr(registry, "_demo", [Demo("units", "tests.luojiang_ce.home.test_shell.twelve_units")])
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")
    settings.DEMO = True
    call_command("load_demo")
    assert capsys.readouterr().out == "units: 12 units\n"


def test_every_page_marks_the_entry_that_it_belongs_to(client, district):
    """One page of several entries of an app, and the page behind a button, which is no app's."""
    slot, lapse, leave = a_slot(), lapse_of(district), leave_of(district, "submitted")
    approved = class_of(district.neighbour_unit, opens_on=clock.today())
    for account, path, label in (
        (district.handler, reverse("batches:slot", args=[slot.pk]), "预约时段"),
        (district.handler, reverse("terms:lapse", args=[lapse.pk]), "逾期记录"),
        (district.handler, reverse("classes:course_new"), "公共科目目录"),
        (district.handler, act_url(leave, workflow_of(leave).transition("return")), "长期离岗"),
        (district.owner, reverse("classes:enrol", args=[approved.pk]), "培训报名"),
        (district.owner, reverse("home:more"), None),
    ):
        client.force_login(account)
        rail = page(client, path).partition('class="lj-top"')[0]
        assert re.findall(r'aria-current="\w+">.*?</svg>(.+?)</a>', rail, re.DOTALL) == ([label] if label else [])
