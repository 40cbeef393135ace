"""The own record on a phone: a slip printed by the clerk, the record opened with it, an objection, its answer.

By hand: 60 professional and 22 public hours of 90, so that 8.0 are missing; one class of 12 hours was countered.
"""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.sheets import kept
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import Office, act, shot, stands
from tests.factories import person_in
from tests.training.factories import class_of
from tests.verification.ledger.entries import a_source, hours, posted
from units.models import Person
from verification.ledger.services import counter_many
from verification.own_record.models import Objection

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = 2026
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def person(district: Any) -> Person:
    return person_in(district.unit, "温知故")


@pytest.mark.notice("二(三)1")
def test_an_objection_from_the_slip_to_the_answer_on_the_phone(
    office: Office, open_page: Any, site: str, district: Any, person: Person
) -> None:
    office.at("2026-11-24")
    taught(district, person)
    path, code = printed_slip(office, district, person)
    phone = open_page(path, size=PHONE)
    opened(phone, person, code)
    reads(phone)
    objects(phone)
    answered(office.at("2026-11-25", "09:30"), district)
    told(open_page, path, code, person)


def taught(district: Any, person: Person) -> None:
    """What the ledger holds, and a class that is still open."""
    posted(a_source(), district.handler, hours(person, "60", YEAR, title="农产品质量安全检测技术培训班"))
    posted(a_source(), district.handler, hours(person, "22", YEAR, "public", title="专业技术人员公共必修课"))
    wrong = posted(a_source(), district.handler, hours(person, "12", YEAR, title="茶树栽培研修班"))
    counter_many(entries=wrong, reason="签到与照片不符", actor=district.handler)
    class_of(district.neighbour_unit, opens_on=day("2026-12-02"), title="基层农技推广数字化能力班", people=30)


def day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


def printed_slip(office: Office, district: Any, person: Person) -> tuple[str, str]:
    """The clerk has a slip printed; what stands on the paper is read off the paper."""
    page = office.sit(district.owner, reverse("people:person", args=[person.pk]))
    page.get_by_role("link", name="本人查阅条").click()
    expect(page.get_by_text("没有有效的查阅条")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="生成查阅条").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    sweep()
    page.reload()
    expect(page.get_by_text("已生成 1 张查阅条")).to_be_visible()
    content = kept.kept(Job.objects.latest("pk"), district.owner)
    assert content
    said = "".join(each.extract_text() for each in PdfReader(io.BytesIO(content)).pages)
    assert "年度验证由单位统一专人办理，不接受个人申请" in re.sub(r"\s", "", said)
    address = re.search(r"/own/([0-9A-Z]{16})/", re.sub(r"\s", "", said))
    code = CODE.search(said)
    assert address
    assert code
    return reverse("own:door", args=[address[1]]), code[0]


def opened(phone: Page, person: Person, code: str) -> None:
    assert_accessible(phone)
    assert_fits(phone)
    shot(phone, "own-door")
    phone.get_by_label("证件号码后六位").fill("000000")
    phone.get_by_label("验证码").fill(code)
    phone.get_by_role("button", name="打开").click()
    expect(phone.get_by_text("对不上").first).to_be_visible()
    phone.get_by_label("证件号码后六位").fill(person.id_number[-6:])
    phone.get_by_role("button", name="打开").click()
    expect(phone.get_by_role("heading", name=f"{YEAR} 年度，逐项看")).to_be_visible()


def reads(phone: Page) -> None:
    """The figures of the hand-made table above."""
    assert_accessible(phone)
    assert_fits(phone)
    shot(phone, "own-record")
    expect(phone.get_by_role("status")).to_contain_text("年度总学时 差 8.0")
    expect(phone.get_by_text("这里只供查阅，不是验证申请")).to_be_visible()
    expect(phone.get_by_text("签到与照片不符").first).to_be_visible()
    expect(phone.get_by_text("基层农技推广数字化能力班").first).to_be_visible()


def objects(phone: Page) -> None:
    phone.get_by_role("link", name=re.compile("^有异议.*公共必修课")).click()
    expect(phone.get_by_label("对哪一条")).to_contain_text("公共必修课，公共科目 22.0 学时")
    phone.get_by_label("说明").fill("7月8日下午也到了，班主任在场，应为 24 学时")
    assert_accessible(phone)
    assert_fits(phone)
    shot(phone, "own-object")
    phone.get_by_role("button", name="交给单位专办员").click()
    expect(phone.get_by_text("最迟 12月1日 周二 答复")).to_be_visible()


def answered(office: Office, district: Any) -> None:
    page = office.sit(district.owner)
    page.get_by_role("link", name=re.compile("^答复本人异议：温知故")).first.click()
    stands(page, "待单位答复")
    assert_accessible(page)
    shot(page, "own-objection")
    act(page, "答复", note="与签到表核对属实，已请施教机构办理学时更正", result="属实，正在更正")
    stands(page, "已答复")
    assert Objection.objects.get().state == "answered"


def told(open_page: Any, path: str, code: str, person: Person) -> None:
    """On another day, on another phone."""
    phone = open_page(path, size=PHONE, script=False)
    phone.get_by_label("证件号码后六位").fill(person.id_number[-6:])
    phone.get_by_label("验证码").fill(code.lower())
    phone.get_by_role("button", name="打开").click()
    expect(phone.get_by_text("与签到表核对属实，已请施教机构办理学时更正")).to_be_visible()
    shot(phone, "own-answered")
    phone.get_by_role("button", name="看完了，关闭").click()
    expect(phone.get_by_role("heading", name="打开本人记录")).to_be_visible()
