"""From a unit's messy workbook to a stamped paper that anyone can check: the whole way of the notice, six accounts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect
from pypdf import PdfReader

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow import chain
from tests.browser.conftest import PHONE, assert_accessible
from tests.browser.plan_steps import begin_plan, file_again, file_plan, fill_in_row, gather
from tests.browser.way import Office, act, fill, stands, upload
from units.models import Person
from units.services.certificates import set_pattern
from units.services.units import add_scope

ROSTER = Path(__file__).parent.parent / "units/roster/files/title-rows.xlsx"
SEAL = "洛江区人力资源和社会保障局职业能力培训专用章"
TITLE = "果蔬冷链保鲜技术培训班"


@pytest.mark.notice("一(五)1", "一(五)2", "一(五)3", "二(一)", "二(三)1", "一(一)", "三1")
def test_the_whole_way(office, open_page, district):
    call_command("load_reference", verbosity=0)
    people = import_roster(office, district)
    plan_a_class(office, district)
    publish_plan(office, district)
    apply_for_class(office, district)
    approve_class(office, district)
    enrol(office, district, people)
    sign(office, district, people)
    recognise(office, district, people)
    declare(office, district, people[0])
    file_batch(office, district, people)
    decide(office, district, people)
    code = stamp(office, district, people[0])
    check(open_page, code, people[0])
    chain.seal()
    assert chain.check().problems == []


def import_roster(office: Office, district) -> list[str]:
    """U4: nothing is written before the preview was confirmed; the wrong row is shown in its place."""
    page = office.at("2026-02-03").sit(district.owner, "/people/")
    page.get_by_role("link", name="导入花名册").first.click()
    page.get_by_label("花名册", exact=True).set_input_files(ROSTER)
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("预览")
    assert not Person.objects.exists()
    assert_accessible(page)
    page.get_by_role("button", name="导入 9 人").click()
    expect(page.get_by_role("heading", name="已导入花名册")).to_be_visible()
    assert Person.objects.count() == 9
    return list(Person.objects.order_by("pk").values_list("name", flat=True)[:2])


def plan_a_class(office: Office, district) -> None:
    """一(五)1: 年度培训方案 and 附件1 by the end of February; returned once, mended, filed again."""
    page = office.at("2026-02-10").sit(district.neighbour, "/plans/new/")
    begin_plan(page, 2026)
    fill_in_row(page, title=TITLE)
    case = file_plan(page, office)
    page = office.at("2026-02-11").sit(district.handler, f"/{case}")
    act(page, "退回补正", where_0="第 1 行", wrong_0="办班依据不具体", mend_0="写明文号")
    stands(page, "退回补正")
    page = office.at("2026-02-12").sit(district.neighbour, f"/{case}")
    file_again(page, "办班依据不具体", "已写明文号")
    page = office.at("2026-02-13").sit(district.handler, f"/{case}")
    act(page, "审核通过")
    stands(page, "审核通过")


def publish_plan(office: Office, district) -> None:
    """Gathered, consented to by both bodies, published by document."""
    scope = {"subject": "农业技术、水利", "categories": ["professional"], "valid_from": date(2025, 1, 1)}
    add_scope(unit=district.neighbour_unit, actor=district.handler, **scope)
    page = office.sit(district.handler, "/plans/batches/")
    gather(page, 2026)
    for body in (0, 1):
        page.get_by_role("link", name="登记意见").first.click()
        prefix = page.locator("[name$=-document]").get_attribute("name").removesuffix("document")
        fill(page, {f"{prefix}result": "同意", f"{prefix}given_on": "2026-02-13", f"{prefix}document": f"纪要{body}号",
                    f"{prefix}person": "宁致远"})  # fmt: skip
        page.locator("[type=file]").set_input_files(office.scan)
        page.get_by_role("button", name="登记意见").click()
    expect(page.get_by_text("2/2 同意")).to_be_visible()
    case = page.url.split("/", 3)[3]
    page = office.at("2026-03-20").sit(district.approver, f"/{case}")
    act(page, "发文公布", document_number="泉洛政人社〔2026〕15号", published_on="2026-03-20")
    stands(page, "已发文公布")
    expect(page.get_by_text("2026-JH-001")).to_be_visible()


def apply_for_class(office: Office, district) -> None:
    """一(五)2: 附件2, 附件3 and résumés, at least ten working days ahead."""
    page = office.at("2026-04-10").sit(district.neighbour, "/classes/lecturers/new/")
    fill(page, {"name": "宁致远", "employer": "区农产品质量检测站", "title": "高级农艺师"})
    page.get_by_role("button", name="保存教师信息").click()
    upload(page, "简历", office.scan)
    page.goto(f"{page.url.split('/classes/')[0]}/classes/new/")
    page.get_by_role("button", name="申请第 1 期").click()
    fill(page, {"opens_on": "2026-05-11", "ends_on": "2026-05-12", "purpose": "提高保鲜技术", "textbooks": "自编讲义",
                "leader": "岳临川", "class_teacher": "顾清和"})  # fmt: skip
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", name="课程表")).to_be_visible()
    rows = [("2026-05-11", "上午", "08:30", "11:30"), ("2026-05-11", "下午", "14:00", "17:00"),
            ("2026-05-12", "上午", "08:30", "11:30"), ("2026-05-12", "下午", "14:00", "17:00")]  # fmt: skip
    prefix = page.locator("[name$='-0-date']").get_attribute("name").removesuffix("0-date")
    for number, (day, half, start, end) in enumerate(rows):
        p = f"{prefix}{number}-"
        fill(page, {f"{p}date": day, f"{p}half_day": half, f"{p}starts_at": start, f"{p}ends_at": end,
                    f"{p}course": f"第{number + 1}讲 冷链保鲜", f"{p}hours": "4", f"{p}room": "201"})  # fmt: skip
        page.locator(f"[name='{p}lecturer']").select_option(index=1)
    assert_accessible(page)
    page.get_by_role("button", name="下一步").click()
    upload(page, "培训（报名）通知", office.scan)
    page.get_by_role("link", name="下一步：核对并提交").click()
    act(page, "提交开班申请")
    stands(page, "待审核")
    office.case = page.url.split("/", 3)[3]


def approve_class(office: Office, district) -> None:
    page = office.at("2026-04-13").sit(district.handler, f"/{office.case}")
    assert_accessible(page)
    act(page, "审核通过，送审批")
    page = office.sit(district.approver, f"/{office.case}")
    act(page, "准予开班")
    stands(page, "准予开班")
    sweep()


def enrol(office: Office, district, people: list[str]) -> None:
    """C6: a clerk enrols own people; the unit agrees by enrolling them."""
    page = office.at("2026-04-20").sit(district.owner, "/classes/open/")
    page.get_by_role("link", name=TITLE).first.click()
    for name in people:
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="报名勾选的人员").click()
    expect(page.get_by_text("2 人").first).to_be_visible()


def sign(office: Office, district, people: list[str]) -> None:
    """一(五)3: a sign-in and a sign-out per half-day; the second trainee leaves the last one without signing out."""
    number = office.case.rstrip("/").split("/")[-1]
    for day in ("2026-05-11", "2026-05-12"):
        for half in ("morning", "afternoon"):
            office.at(day, "17:30")
            page = office.sit(district.neighbour, f"/attendance/{number}/{day}/{half}/")
            last = (day, half) == ("2026-05-12", "afternoon")
            for name in people[:1] if last else people:
                page.get_by_label(name).check()
            page.get_by_role("button", name="登记所选学员").click()
            if last:
                page.get_by_label(people[1]).check()
                page.locator("[name=time_out]").fill("")
                page.get_by_role("button", name="登记所选学员").click()
    assert_accessible(page)


def recognise(office: Office, district, people: list[str]) -> None:
    """一(五)3: the package within 30 days; the hours enter the ledger once."""
    page = office.at("2026-05-20").sit(district.neighbour, "/recognition/")
    page.get_by_role("button", name="准备认定材料").click()
    for label in page.locator(".lj-check label").all_text_contents():
        title = label.strip().removesuffix("：选择文件")
        if title not in ("所有材料", "考核成绩单", "其他佐证材料"):
            upload(page, title, office.scan)
    act(page, "提交学时认定")
    stands(page, "待审核")
    case = page.url.split("/", 3)[3]
    page = office.at("2026-05-21").sit(district.handler, f"/{case}")
    expect(page.get_by_role("row", name=people[1])).to_contain_text("12.0")
    act(page, "审核通过，送审批")
    page = office.sit(district.approver, f"/{case}")
    act(page, "认定学时")
    stands(page, "已认定")
    sweep()


def declare(office: Office, district, name: str) -> None:
    """一(四): remote hours, declared with evidence, enter the ledger when the bureau accepts them."""
    page = office.at("2026-12-15").sit(district.owner, "/declarations/new/remote/")
    person = Person.objects.get(name=name)
    fill(page, {
        "person": str(person.pk), "form": "远程（网络）教育", "title": "省网络课程", "organiser": "省继续教育网",
        "date_from": "2026-06-01", "date_to": "2026-06-30", "year": "2026", "subject": "专业科目", "amount": "80",
        "basis": "结业证书",
    })  # fmt: skip
    page.get_by_role("button", name="保存草稿").click()
    for label in page.locator(".lj-check label").all_text_contents()[1:4]:  # the first is for all of them
        upload(page, label.strip().removesuffix("：选择文件"), office.scan)
    act(page, "提交审核")
    page = office.sit(district.handler, f"/{page.url.split('/', 3)[3]}")
    act(page, "认可并入账")


def file_batch(office: Office, district, people: list[str]) -> None:
    """二(一): 附件4 by the end of February of the next year; the seat at the counter."""
    page = office.at("2027-01-11").sit(district.handler, "/verification/slots/new/")
    fill(page, {"first_day": "2027-01-18", "last_day": "2027-01-18", "times": "09:00-10:00",
                "capacity": "1", "places": "区政务服务中心"})  # fmt: skip
    page.get_by_role("button", name="开放时段").click()
    page = office.sit(district.colleague, "/verification/new/")
    fill(page, {"year": "2026"})
    page.get_by_role("button", name="选人员").click()
    for name in people:
        page.get_by_label(f"选 {name}").check()
    page.get_by_role("button", name="列入勾选的人").click()
    office.case = "verification/1/"
    page.goto(page.url.split("/verification/")[0] + "/" + office.case)
    page.get_by_role("link", name="修改").first.click()
    fill(page, {"phone": "0595-0000-0101"})
    page.get_by_role("button", name="保存填报信息").click()
    page.get_by_role("link", name="填写花名册").click()
    unmet = page.get_by_role("row", name=people[1])
    unmet.locator("[name$=unmet_reason]").fill("10月起借调，未能参加其他培训")
    page.get_by_role("button", name="保存花名册").click()
    page.goto(page.url.split("/verification/")[0] + "/" + office.case)
    act(page, "报送花名册")
    stands(page, "待柜台验证")
    page.get_by_role("link", name="预约办理时间").click()
    page.locator("[name=slot]").first.check()
    page.get_by_role("button", name="预约这个时段").click()
    expect(page.get_by_text("1月18日").first).to_be_visible()


def decide(office: Office, district, people: list[str]) -> None:
    """The counter: one passes, one has not reached the hours."""
    page = office.at("2027-01-18", "09:10").sit(district.handler, f"/{office.case}counter/")
    assert_accessible(page)
    page.get_by_label(f"选 {people[0]}").check()
    page.get_by_role("button", name="批量通过").click()
    page.get_by_label(f"选 {people[1]}").check()
    page.get_by_label("理由").first.fill("学时未达标")
    page.get_by_role("button", name="不通过", exact=True).first.click()
    for seen in page.locator("[name=seen]").all()[:3]:
        seen.check()
    page.get_by_role("button", name="登记已查验").click()
    page.goto(page.url.split("/verification/")[0] + "/" + office.case)
    # Nobody stamps a booklet without its number; of the bureau's pattern, once that is set.
    reason = page.get_by_text("还没有编号").first
    expect(reason).to_be_visible()
    set_pattern(kind="general", typed="洛继教{年}{序号:5}", following=1, actor=district.system_admin)
    page.reload()
    act(page, "办结，送用印")


def stamp(office: Office, district, name: str) -> str:
    """一(一): the seal with the notice's name, number and register entry; the code of the person's page."""
    page = office.at("2027-01-19").sit(district.keeper, f"/{office.case}")
    act(page, "花名册用印")
    stands(page, "已盖章")
    sweep()
    office.sit(district.owner, f"/{office.case}", size=PHONE)
    paper = Paper.objects.get(kind="verification_person")
    assert paper.state == Paper.State.ISSUED
    with paper.file.open() as stored:
        text = "".join("".join(sheet.extract_text() for sheet in PdfReader(stored).pages).split())
    assert SEAL in text
    assert name in text
    assert "96" in text
    return paper.code


def check(open_page, code: str, name: str) -> None:
    """V11: without an account, by the code on the paper."""
    page = open_page(f"/check/{code}/")
    text = page.inner_text("main")
    assert "有效" in text
    assert name not in text
    assert name[0] in text
    assert "96" in text
    assert_accessible(page)
