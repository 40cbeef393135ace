"""The pages of classes: as many queries for 30 rows as for 3, everything wrong said at once, nothing lost."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.papers.content import printable
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.rendering import render
from luojiang_ce.papers.seeds import load_seals
from luojiang_ce.workflow.engine import fire
from tests.factories import UnitFactory, account_with, person_in
from tests.todos import todos
from tests.training.classes.factories import (
    a_course,
    a_lecturer,
    a_row,
    an_application,
    enrolled,
    far_monday,
    project_for,
)
from training.classes.models import CatalogueCourse, ClassApplication, Enrolment, Lecturer
from training.classes.papers import form2_pdf, form3_pdf

State = ClassApplication.State


def queries(client, address) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestQueries:
    def test_lists(self, client, district):
        counted = {name: [] for name in ("list", "lecturers")}
        client.force_login(district.handler)
        for count in (3, 27):
            for _ in range(count):
                an_application(UnitFactory(), State.SUBMITTED)
            for name, found in counted.items():
                found.append(queries(client, reverse(f"classes:{name}")))
        for found in counted.values():
            assert found[0] == found[1] <= 12

    def test_lists_of_a_clerk(self, client, district):
        counted = {name: [] for name in ("list", "new", "open", "own_trainees")}
        client.force_login(district.owner)
        for count in (3, 27):
            for _ in range(count):
                case = an_application(district.unit, State.APPROVED)
                enrolled(case, person_in(district.unit))
                enrolled(case, person_in(district.unit), agreement=Enrolment.Agreement.WAITING)
            for name, found in counted.items():
                found.append(queries(client, reverse(f"classes:{name}")))
        for found in counted.values():
            assert found[0] == found[1] <= 12

    @pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.CHECKED, State.APPROVED])
    @pytest.mark.parametrize("who", ["owner", "handler", "approver"])
    def test_the_case_page(self, client, district, state, who):
        if state == State.DRAFT and who != "owner":
            return
        client.force_login(getattr(district, who))
        counted = []
        for count in (3, 30):
            case = an_application(district.unit, state, opens_on=far_monday() + timedelta(days=count * 7))
            for number in range(count):
                lecturer = a_lecturer(district.unit, f"教师{'甲' * (number + 1)}")
                a_row(case, lecturer=lecturer, date=case.opens_on + timedelta(days=number + 1))
            counted.append(queries(client, case.get_absolute_url()))
        assert counted[0] == counted[1] <= 20

    def test_pages_with_trainees(self, client, district):
        client.force_login(district.owner)
        counted: dict[str, list[int]] = {"trainees": [], "enrol": []}
        for count in (3, 30):
            case = an_application(district.unit, State.APPROVED)
            for _ in range(count):
                enrolled(case, person_in(district.unit))
            for name, found in counted.items():
                found.append(queries(client, reverse(f"classes:{name}", args=[case.pk])))
        for found in counted.values():
            assert found[0] == found[1] <= 20

    def test_the_grid(self, client, district):
        client.force_login(district.owner)
        counted = []
        for count in (3, 30):
            case = an_application(district.unit)
            for number in range(count):
                a_row(case, date=case.opens_on + timedelta(days=number + 1))
            counted.append(queries(client, reverse("classes:timetable", args=[case.pk])))
        assert counted[0] == counted[1]


class TestGrid:
    def post(self, client, case, *rows, **extra):
        data = {"version": case.version, "do": "stay", "r-TOTAL_FORMS": len(rows), "r-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            facts = {"half_day": "morning", "subject": "professional", "counts": "on", **row}
            data |= {f"r-{number}-{key}": value for key, value in facts.items()}
        return client.post(reverse("classes:timetable", args=[case.pk]), {**data, **extra})

    def row(self, case, **changes):
        day = case.opens_on.isoformat()
        return {"date": day, "starts_at": "09:00", "ends_at": "12:00", "course": "新课", "hours": "4", **changes}

    def test_rows_are_saved_in_the_order_of_time_struck_and_blank_ones_left_out(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        later = self.row(case, starts_at="14:00", ends_at="17:00", half_day="afternoon", course="下午的课")
        answer = self.post(client, case, later, self.row(case), self.row(case, DELETE="on", course="删去"), {})
        assert answer.status_code == 302
        assert [row.course for row in case.timetable.all()] == ["新课", "下午的课"]

    def test_a_row_that_breaks_a_rule_is_kept_and_marked(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        assert self.post(client, case, self.row(case, hours="5")).status_code == 302
        text = client.get(reverse("classes:timetable", args=[case.pk])).content.decode()
        assert "最多 4.0 学时，填了 5.0" in text
        assert 'class=" bad c-hours"' in text

    def test_a_row_that_cannot_be_read_says_so_and_loses_nothing(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        bad = self.row(case, date="31/31", starts_at="", course="留住我", hours="四")
        answer = self.post(client, case, bad, self.row(case, ends_at="08:00"))
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "留住我" in text
        assert text.count("lj-errors") == 1
        assert "结束不晚于开始" in text
        assert case.timetable.get().course == "采后生理与品质控制"

    NEW = {"new-name": "顾清和", "new-employer": "华侨测试大学", "new-title": "教授"}

    def test_a_lecturer_is_registered_beside_a_half_typed_table(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        answer = self.post(
            client, case, self.row(case, course="留住我", starts_at=""), **{**self.NEW, "do": "lecturer"}
        )
        text = answer.content.decode()
        new = Lecturer.objects.get(name="顾清和")
        assert (new.unit, new.employer, new.title) == (district.unit, "华侨测试大学", "教授")
        assert f'<option value="{new.pk}">顾清和（华侨测试大学）</option>' in text
        assert "留住我" in text
        assert "课程表还没有保存" in text
        assert 'value="顾清和"' not in text, "the fields are free for the next one"
        assert [row.course for row in case.timetable.all()] == ["采后生理与品质控制"]
        whole = self.row(case, course="留住我", lecturer=new.pk)
        assert self.post(client, case, whole, **{"new-name": ""}).status_code == 302
        assert case.timetable.get().lecturer == new

    @pytest.mark.parametrize("page", ["timetable", "lecturer_new"])
    @pytest.mark.parametrize("same", [True, False])
    def test_a_known_name_with_another_unit_is_asked_by_hand_too(self, client, district, page, same):
        """As the import asks: nobody is twice in the register, nor taken for another."""
        known, case = a_lecturer(district.unit, "顾清和"), an_application(district.unit)
        a_lecturer(district.neighbour_unit, "顾清和", post="别单位的")
        client.force_login(district.owner)

        def send(**answer):
            if page == "timetable":
                typed = {**self.NEW, **{f"new-{key}": value for key, value in answer.items()}, "do": "lecturer"}
                return self.post(client, case, self.row(case, course="留住我"), **typed)
            typed = {key.removeprefix("new-"): value for key, value in self.NEW.items()}
            return client.post(reverse("classes:lecturer_new"), {**typed, **answer})

        asked = send().content.decode()
        assert f"就是教师库里的顾清和（{known.employer}）" in asked
        assert "是另一位同名教师，登记为新教师" in asked
        assert "请说明顾清和（华侨测试大学）是教师库里的哪一位" in asked
        assert asked.count("就是教师库里的") == 1, "nothing of another unit's"
        assert 'value="华侨测试大学"' in asked
        assert page == "lecturer_new" or "留住我" in asked
        assert send(namesake="没有这位").status_code in (200, 422)
        assert Lecturer.objects.filter(unit=district.unit, name="顾清和").count() == 1
        done = send(namesake=known.employer if same else "another")
        said = (client.get(done.url) if done.status_code == 302 else done).content.decode()
        assert ("教师库里已有" in said) is same
        employers = set(Lecturer.objects.filter(unit=district.unit, name="顾清和").values_list("employer", flat=True))
        assert employers == {known.employer} | (set() if same else {"华侨测试大学"})

    @pytest.mark.parametrize("do", ["stay", "next", "leave"])
    def test_a_lecturer_who_is_not_registered_yet_is_not_forgotten(self, client, district, do):
        case = an_application(district.unit)
        client.force_login(district.owner)
        answer = self.post(client, case, self.row(case), **{**self.NEW, "do": do})
        assert answer.status_code == 422
        assert "这位教师还没有登记" in answer.content.decode()
        assert 'value="顾清和"' in answer.content.decode()

    def test_what_is_wrong_with_a_lecturer_stands_beside_the_field(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        known = a_lecturer(district.unit)
        tries = [{}, {"new-name": "顾清和"}, {"new-name": known.name, "new-employer": known.employer}]
        said = [self.post(client, case, self.row(case), **typed, do="lecturer").content.decode() for typed in tries]
        assert "请先填写教师的姓名" in said[0]
        assert "工作单位：请填写这一项" in said[1]
        assert "已在本单位教师库里" in said[2]
        assert Lecturer.objects.count() == 1

    @pytest.mark.parametrize("extra", [{"r-TOTAL_FORMS": "x"}, {"r-TOTAL_FORMS": "99999"}, {"version": "x"}])
    def test_what_was_tampered_with_is_no_500(self, client, district, extra):
        case = an_application(district.unit)
        client.force_login(district.owner)
        assert self.post(client, case, self.row(case), **extra).status_code in (302, 409, 422)

    def test_a_lecturer_of_another_unit_cannot_be_chosen(self, client, district):
        case, stranger = an_application(district.unit), a_lecturer(district.neighbour_unit)
        client.force_login(district.owner)
        assert self.post(client, case, self.row(case, lecturer=stranger.pk)).status_code == 422


class TestBasics:
    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("opens_on", "9999-01-01", "不在工作日历的范围内"),
            ("opens_on", "2026-02-30", "日期"),
            ("people", "-3", "计划人数"),
            ("people", "9" * 30, "计划人数"),
            ("fee", "12.345", "收费标准"),
            ("phone", "1380000012", "手机号应为 11 位，现为 10 位"),
            ("title", "", "培训班名称"),
            ("form", "x", "培训形式"),
        ],
    )
    def test_bad_values_are_said_beside_the_field_and_kept(self, client, district, field, value, says):
        case = an_application(district.unit)
        client.force_login(district.owner)
        data = {"title": "班名", "form": "face", "assessment": "none", "version": case.version, field: value}
        data |= {"o-TOTAL_FORMS": 0, "o-INITIAL_FORMS": 0}
        answer = client.post(reverse("classes:basics", args=[case.pk]), data)
        assert answer.status_code == 422
        assert says in answer.content.decode()

    def test_an_incomplete_draft_is_kept_and_the_last_step_lists_what_is_missing(self, client, district):
        case = an_application(district.unit)
        client.force_login(district.owner)
        data = {"title": "班名", "form": "face", "assessment": "none", "version": case.version}
        data |= {"o-TOTAL_FORMS": 0, "o-INITIAL_FORMS": 0}
        assert client.post(reverse("classes:basics", args=[case.pk]), data).status_code == 302
        text = client.get(reverse("classes:review", args=[case.pk])).content.decode()
        for missing in ("还没有填开班日期", "还没有填地点", "缺温如故的简历", "还没有主办单位"):
            assert missing in text

    def test_a_class_of_credits_asks_for_credits(self, client, district):
        case = an_application(district.unit, measure="credits")
        client.force_login(district.owner)
        text = client.get(reverse("classes:basics", args=[case.pk])).content.decode()
        assert "Ⅱ类学分" in text

    def test_typing_a_day_explains_the_last_filing_day(self, client, district):
        client.force_login(district.owner)
        answer = client.get("/workdays/explain/?kind=opening&field=opens_on&opens_on=2026-12-14")
        assert "11月30日" in answer.content.decode()


class TestPapers:
    @pytest.mark.notice("附件2")
    def test_annex_2_has_its_fields_lecturers_and_boxes(self, district):
        case = an_application(district.unit, State.CHECKED)
        text = pdf_text(render(form2_pdf(case, {})[0]).content)
        for part in (
            "洛江区专业技术人员继续教育培训班申报表",
            "项目负责人",
            "温如故",
            "公共科目0学时，专业科目4学时",
            "区人社局意见",
        ):
            assert part in text

    @pytest.mark.notice("附件3")
    def test_annex_3_has_rows_and_sums(self, district):
        text = pdf_text(render(form3_pdf(an_application(district.unit), {})[0]).content)
        for part in ("洛江区专业技术人员继续教育培训班课程表", "采后生理与品质控制", "合计学时公共：0", "专业：4"):
            assert part in text

    def test_the_notice_that_a_class_may_open(self, district):
        case = an_application(district.unit, State.CHECKED)
        load_seals({"bureau": district.bureau}, demo=False)
        fire(case, "approve", actor=district.approver)
        paper = Paper.objects.of(case).get()
        assert (paper.seal.name, paper.approver) == (district.bureau.name, district.approver)
        paper.number = "洛人社开〔2026〕1号"
        text = pdf_text(render(printable(paper)).content)
        for part in (case.number, "准予开班", "公共科目0学时，专业科目4学时", "禁止违规收费", "签到、签退各一次"):
            assert part in text

    @pytest.mark.parametrize(("name", "first"), [("form2_sheet", "附件2"), ("form3_sheet", "附件3")])
    def test_both_annexes_as_workbooks(self, client, district, name, first):
        case = an_application(district.unit)
        client.force_login(district.owner)
        answer = client.get(reverse(f"classes:{name}", args=[case.pk]))
        assert first in answer.headers["Content-Disposition"].encode().decode("ascii") or answer.content
        assert "洛江区专业技术人员继续教育培训班" in load_workbook(BytesIO(answer.content)).active["A2"].value

    def test_the_list_of_trainees_masks_their_numbers(self, client, district):
        case = an_application(district.unit, State.APPROVED)
        person = person_in(district.unit)
        enrolled(case, person)
        client.force_login(district.owner)
        answer = client.get(reverse("classes:trainees_sheet", args=[case.pk]))
        cells = [c.value for row in load_workbook(BytesIO(answer.content)).active.iter_rows() for c in row]
        assert person.masked_id in cells
        assert person.id_number not in cells


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "").replace(" ", "")


def test_everybody_concerned_finds_it_on_the_start_page(district):
    an_application(district.unit)
    an_application(district.unit, State.SUBMITTED)
    an_application(district.unit, State.CHECKED)
    held = an_application(district.neighbour_unit, State.APPROVED)
    enrolled(held, person_in(district.unit), agreement=Enrolment.Agreement.WAITING)

    def titles(account):
        return [(todo.title.split("：")[0], todo.mine) for todo in todos(account)]

    clerk = titles(district.owner)
    assert clerk.count(("提交开班申请", True)) == 1
    assert clerk.count(("答复报名", True)) == 1
    assert sum(not mine for _, mine in clerk) == 2
    assert titles(district.handler) == [("审核", True)]
    assert titles(district.approver) == [("审批", True)]
    assert titles(district.inspector) == []


def test_what_is_on_record_of_a_provider_is_said_to_the_bureau_alone(client, district):
    case = an_application(district.unit, ClassApplication.State.SUBMITTED)
    district.unit.remarks.create(kind="通报批评", text="未按计划实施")
    case.organisers.create(part="carrier", name=district.neighbour_unit.name, unit=district.neighbour_unit, position=2)
    district.unit.supervisor = district.education
    district.unit.save()
    authority = account_with(Role.UNIT_CLERK, district.education)
    seen = {}
    for account in (district.handler, district.owner, district.neighbour, authority):
        client.force_login(account)
        seen[account] = "未按计划实施" in str(client.get(case.get_absolute_url()).context["hints"])
    assert list(seen.values()) == [True, False, False, False]


def test_the_catalogue_is_kept_by_the_handler_with_an_event(client, district):
    client.force_login(district.handler)
    data = {"name": "职业道德", "first_year": clock.today().year, "document": "闽人社文〔2026〕1号"}
    assert client.post(reverse("classes:course_new"), data).status_code == 302
    text = client.get(reverse("classes:catalogue")).content.decode()
    assert "职业道德" in text
    assert client.post(reverse("classes:course_new"), data).status_code == 422
    bad = {**data, "name": "另一门", "last_year": 2010}
    assert "终止年度早于起始年度" in client.post(reverse("classes:course_new"), bad).content.decode()


def test_new_figures_hold_from_their_day_on(client, district):
    client.force_login(district.system_admin)
    data = {
        "valid_from": "2027-01-01", "document": "局务会纪要", "hour_minutes": 45, "half_day_cap": 3, "day_cap": 6,
        "morning_until": "13:00", "afternoon_from": "12:00", "afternoon_until": "19:00", "evening_from": "18:00",
        "small_changes": "approver",
    }  # fmt: skip
    assert client.post(reverse("classes:rule_new"), data).status_code == 302
    assert "不能小于半日上限" in client.post(
        reverse("classes:rule_new"), {**data, "valid_from": "2028-01-01", "day_cap": 2}
    ).content.decode()  # fmt: skip


def test_a_project_of_another_unit_is_not_found(client, district):
    client.force_login(district.neighbour)
    assert client.post(reverse("classes:create", args=[project_for(district.unit, 2027).pk])).status_code == 404
    assert a_course() in CatalogueCourse.objects.of_year(2027)
