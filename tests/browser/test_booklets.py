"""Booklets: a number by the bureau's rule at the stamp, another one for an expired booklet; the page of a hospital's
people, written by its supervising unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from luojiang_ce import clock
from tests.browser.looking import look
from tests.browser.way import act
from tests.verification.batches.samples import YEAR, a_batch, a_seal, staff
from tests.verification.booklets.written import a_doctor, a_hospital, more_hours
from units.models import Certificate
from verification.batches.models import Batch, Material
from verification.booklets.models import WrittenPage
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.notice("附件4"), pytest.mark.notice("二(一)卫生")]


def test_numbers_by_the_bureaus_rule_at_the_stamp(page_for: Any, district: Any) -> None:
    """The rule says 洛继教, the year and four digits, from 301 on, for six years; one person gets the first booklet,
    another one in place of a booklet that has expired."""
    today = clock.today()
    page = page_for(district.system_admin, "/terms/calendar/")
    expect(page.locator("main")).to_contain_text("未设定")
    page.locator("h3", has_text="专业技术人员继续教育证书").get_by_role("link").click()
    page.locator("#id_pattern").fill("洛继教{年}{序号:4}")
    page.locator("#id_following").fill("301")
    page.locator("#id_valid_years").fill("6")
    page.locator("#id_document").fill("演示文件（虚构）")
    look(page, "pattern-form")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator("main")).to_contain_text(f"下一个编号 洛继教{today.year}0301")
    look(page, "patterns")

    (first,) = staff(district.unit, 1, booklet=False)
    (exchanges,) = staff(district.unit, 1)
    former = exchanges.certificates.get().number
    exchanges.certificates.update(valid_to=today - timedelta(days=1))
    batch = a_batch(district, people=[first, exchanges])
    page = page_for(district.owner, f"/verification/records/{batch.records.get(person=exchanges).pk}/")
    expect(page.locator("main")).to_contain_text("换证，用印时给出新编号")
    look(page, "to-be-exchanged")
    decide(batch=batch, records=[*batch.records.values_list("pk", flat=True)], name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    page = page_for(district.handler, batch.get_absolute_url())
    act(page, "办结，送用印")
    a_seal(district.bureau)
    page = page_for(district.keeper, batch.get_absolute_url())
    act(page, "花名册用印")

    given = {each.person: each for each in batch.records.select_related("person")}
    numbers = {f"洛继教{today.year}0301", f"洛继教{today.year}0302"}
    assert {each.certificate_number for each in given.values()} == numbers
    assert (given[first].former_number, given[exchanges].former_number) == ("", former)
    page = page_for(district.owner, exchanges.get_absolute_url())
    for number in (former, given[exchanges].certificate_number):
        expect(page.locator("main")).to_contain_text(number)
    held = exchanges.certificates.get(number=given[exchanges].certificate_number)
    assert (held.valid_from, held.valid_to) == (today, today.replace(year=today.year + 6) - timedelta(days=1))


def test_the_supervising_unit_writes_the_pages_of_its_hospital(page_for: Any, district: Any) -> None:
    """Two people with 72 and 24 hours; of one 6 more come in afterwards and are written in addition."""
    hospital = a_hospital(district)
    one, other = a_doctor(hospital, "白若谷"), a_doctor(hospital, "卫长歌")
    page = page_for(district.health_reviewer, f"/booklets/?year={YEAR}")
    expect(page.locator("main")).to_contain_text("待登记")
    look(page, "list")
    for name in ("白若谷", "卫长歌"):
        page.get_by_label(f"选 {name}").check()
    page.get_by_role("button", name="抄写并登记").click()
    page.get_by_text("逐句抄写").first.click()
    sentence = "农产品质量安全检测技术培训班，培训班，专业科目 72 学时"
    expect(page.locator("main")).to_contain_text(sentence)
    look(page, "pages")
    for each in page.get_by_label("已写进证书").all():
        each.check()
    page.get_by_role("button", name="已写进证书，登记").click()
    expect(page.locator("body")).to_contain_text(f"已登记 2 人的 {YEAR} 年度页")
    assert {each.filled_by for each in WrittenPage.objects.all()} == {district.health}

    more_hours(other)
    page.goto(page.url)
    page.get_by_role("link", name="卫长歌").click()
    expect(page.locator("main")).to_contain_text("登记后有变动，待补登")
    expect(page.locator("main")).to_contain_text("公共科目 24 学时，专业科目 78 学时，共 102 学时")
    look(page, "page-more")
    page.get_by_role("button", name="已写进证书，登记").click()
    expect(page.locator("body")).to_contain_text("已登记 1 人")
    expect(page.locator("main")).to_contain_text("补登")
    page.get_by_role("link", name="撤销登记").click()
    page.locator("[name=reason]").fill("误点，还没有写")
    page.get_by_role("button", name="撤销登记").click()
    expect(page.locator("main")).to_contain_text("误点，还没有写")
    look(page, "page-taken-back")
    assert [each.person for each in WrittenPage.objects.standing()] == [one]
    assert Certificate.objects.filter(person=one).exists()
