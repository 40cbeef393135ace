"""The pages of recognition: what they show, what they take, with how many queries."""

import re
from datetime import date, datetime, time
from io import BytesIO

import openpyxl
import pikepdf
import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.case_kind import Context
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import new_event, record_all
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.workdays.rules import REPLY
from tests.todos import todos
from tests.training.factories import class_of, enrol, recognition_of, sign, sign_all, stranger, with_package
from tests.training.pages import text
from training.classes.models import ClassApplication, Enrolment
from training.recognition.case import RECOGNITION, summary_of
from training.recognition.models import AssessmentResult, Exclusion, Override, Recognition
from training.recognition.papers import roster_of

DAY = date(2026, 5, 11)


@pytest.fixture(autouse=True)
def _a_week_later(time_machine):
    time_machine.move_to(datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    found = [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]
    sign_all(course, found[:1])
    sign(found[1], DAY, "morning", time_in=time(8, 30), time_out=None)
    return found


def page(case, name="recognition", *more):
    return reverse(f"recognition:{name}", args=[case.pk, *more])


def assess(course):
    ClassApplication.objects.filter(pk=course.pk).update(assessment="exam")


@pytest.mark.usefixtures("trainees")
def test_what_is_handed_over_counts_people_and_not_their_half_days(course):
    """One was there at every half-day, one only signed in once, one never came."""
    assert ("学员", "3 人，有半日计入的 1 人，按签到计有学时（学分）的 1 人") in summary_of(recognition_of(course))


class TestList:
    def test_a_clerk_finds_the_classes_that_wait_and_begins(self, as_person, course):
        html = text(as_person("owner").get(reverse("recognition:list")))
        assert "待申报的培训班" in html
        assert "剩 18 个工作日" in html
        response = as_person("owner").post(reverse("recognition:begin", args=[course.pk]), follow=True)
        assert "30 日怎么数" in text(response)
        assert "待申报的培训班" not in text(as_person("owner").get(reverse("recognition:list")))

    def test_others_find_none(self, as_person, course):
        for person in ("neighbour", "handler"):
            assert "待申报的培训班" not in text(as_person(person).get(reverse("recognition:list")))

    def test_a_class_that_is_not_over_says_why_not(self, as_person, district):
        later = class_of(district.unit, opens_on=date(2026, 6, 1))
        html = text(as_person("owner").post(reverse("recognition:begin", args=[later.pk]), follow=True))
        assert "还不能申报学时认定：培训班的最后一天起才能准备学时认定材料" in html

    def test_is_filtered_by_state_and_words(self, as_person, course, district):
        case = recognition_of(course, state="submitted")
        for query, shown in ({"state": "submitted"}, True), ({"state": "draft"}, False), ({"q": case.number}, True):
            html = text(as_person("handler").get(reverse("recognition:list"), query))
            assert (str(course) in html) is shown


class TestCase:
    def test_shows_why_half_days_do_not_count(self, as_person, course, trainees):
        html = text(as_person("owner").get(page(recognition_of(course))))
        assert "4 / 4" in html
        assert "5月11日上午：缺签退" in html
        assert "5月12日下午：未到" in html
        assert ">16.0</td>" in html
        assert "缺 8 项" in html

    def test_points_out_strangers_and_who_is_not_agreed(self, as_person, course, trainees):
        stranger(course)
        Enrolment.objects.filter(pk=trainees[0].pk).update(agreement="waiting")
        html = text(as_person("owner").get(page(recognition_of(course))))
        assert "非本区人员" in html
        assert "其中 1 人不入本区账" in html
        assert "待所在单位同意" in html
        assert "验证时缺报名同意材料" in html

    def test_the_deadline_is_counted_until_it_is_filed(self, as_person, course, trainees, district):
        case = recognition_of(course)
        assert "30 日怎么数" in text(as_person("owner").get(page(case)))
        with_package(case, district.owner)
        fire(case, "submit", actor=district.owner)
        html = text(as_person("handler").get(page(case)))
        assert "30 日怎么数" not in html
        assert "截止 6月11日，5月18日报" in html
        assert "本局" in html

    def test_a_late_draft_says_rule_date_and_whom_to_ask(self, as_person, course, trainees, time_machine):
        case = recognition_of(course)
        time_machine.move_to(datetime(2026, 6, 12, 0, 0, tzinfo=SHANGHAI))
        html = text(as_person("owner").get(page(case)))
        assert "现在不能提交学时认定" in html
        assert "已过学时（学分）认定期限（通知 一(五)3）" in html
        assert "请向区人社局促进就业和培训股申请延期" in html

    def test_what_was_decided_is_shown_as_it_was_decided(self, as_person, course, trainees, district):
        case = recognition_of(course)
        with_package(case, district.owner)
        fire(case, "submit", actor=district.owner)
        fire(case, "check", actor=district.handler)
        fire(case, "recognise", actor=district.approver)
        course.timetable.update(hours=1)
        html = text(as_person("owner").get(page(case)))
        assert ">16.0</td>" in html
        assert "学时认定表" in html

    def test_a_decision_is_marked_with_its_reason(self, as_person, course, trainees, district):
        case = recognition_of(course, state="submitted")
        Override.objects.create(
            recognition=case, enrolment=trainees[0], year=2026, subject="professional", amount=8, reason="第二天代签",
            basis="before the exclusion", decided_by=district.handler,
        )  # fmt: skip
        Exclusion.objects.create(
            recognition=case, date=DAY, half_day="afternoon", reason="未授课", decided_by=district.handler
        )
        html = text(as_person("handler").get(page(case)))
        assert "核定 8.0（按签到 12.0）：第二天代签" in html
        assert "核定后有变动，须重新核定" in html
        assert "全体学员 5月11日下午" in html

    def test_oddities_of_attendance_are_shown_to_the_bureau(self, as_person, course, district):
        sign_all(course, [enrol(course, person_in(district.unit, f"学员{n}")) for n in range(5)])
        html = text(as_person("handler").get(page(recognition_of(course, state="submitted"), "oddities")))
        assert "全体同一分钟：签到均为 08:30" in html


class TestWork:
    def test_results_of_a_page_are_saved(self, as_person, course, trainees):
        assess(course)
        case = recognition_of(course)
        one, two, three = (trainee.pk for trainee in trainees)
        data = {f"outcome-{one}": "passed", f"score-{one}": "86.5", f"outcome-{two}": "failed", f"outcome-{three}": ""}
        data["version"] = "0"
        html = text(as_person("owner").post(page(case, "results"), data, follow=True))
        assert "已保存考核结果，改动 2 人" in html
        assert 'value="86.5"' in html
        assert AssessmentResult.objects.count() == 2

    def test_a_score_without_an_outcome_is_refused_beside_it(self, as_person, course, trainees):
        assess(course)
        case = recognition_of(course)
        html = text(as_person("owner").post(page(case, "results"), {f"score-{trainees[0].pk}": "60"}), 422)
        assert "填了成绩，还要选合格或不合格" in html
        assert 'value="60"' in html

    def test_one_button_passes_all_that_are_empty(self, as_person, course, trainees):
        assess(course)
        case = recognition_of(course)
        data = {"version": "0", "do": "all_passed", f"outcome-{trainees[0].pk}": "failed"}
        as_person("owner").post(page(case, "results"), data)
        found = AssessmentResult.objects.order_by("enrolment").values_list("outcome", flat=True)
        assert list(found) == ["failed", "passed", "passed"]

    def test_who_saves_second_sees_what_differs_and_decides(self, as_person, course, trainees):
        """Two clerks have the same page of results open: no outcome goes by without being seen."""
        assess(course)
        case, (one, two, _) = recognition_of(course), (trainee.pk for trainee in trainees)
        address = page(case, "results")
        as_person("colleague").post(address, {"version": "0", f"outcome-{one}": "failed"})
        mine = {"version": "0", f"outcome-{one}": "", f"outcome-{two}": "passed"}
        refused = as_person("owner").post(address, mine)
        said = {(each.label, each.stored, each.typed) for each in refused.context["form"].conflict.differences}
        assert refused.status_code == 422
        assert said == {
            ("王小明 考核结果", "不合格", "未填"),
            ("李晓红 考核结果", "未填", "合格"),
        }
        assert AssessmentResult.objects.get().outcome == "failed"
        again = {"version": "1", f"outcome-{one}": "failed", f"outcome-{two}": "passed"}
        assert as_person("owner").post(address, again).status_code == 302
        assert list(AssessmentResult.objects.order_by("enrolment").values_list("outcome", flat=True)) == [
            "failed",
            "passed",
        ]

    def test_a_class_without_assessment_has_no_results(self, as_person, course, trainees):
        text(as_person("owner").get(page(recognition_of(course), "results")), 404)

    def test_the_handler_decides_one_trainee(self, as_person, course, trainees):
        case = recognition_of(course, state="submitted")
        address = page(case, "decide", trainees[0].pk)
        opened = as_person("handler").get(address)
        assert "按签到计 16.0，全程 16.0" in text(opened)
        data = {"2026-professional": "12", "reason": ""}
        assert "请写明理由" in text(as_person("handler").post(address, data), 422)
        data = {"2026-professional": "20", "reason": "x"}
        assert "不能大于 16.0" in text(as_person("handler").post(address, data), 422)
        data = {"2026-professional": "12", "reason": "代签", "version": opened.context["form"].version_shown}
        html = text(as_person("handler").post(address, data, follow=True))
        assert "核定 12.0（按签到 16.0）：代签" in html

    def test_the_rest_is_decided_at_once(self, as_person, course, trainees):
        assess(course)
        case = recognition_of(course, state="submitted")
        html = text(as_person("handler").get(page(case, "decide_rest")))
        assert "王小明、李晓红、陈大文" in html
        html = text(as_person("handler").post(page(case, "decide_rest"), {"reason": "缺考"}, follow=True))
        assert "已核定 3 人为 0" in html

    def test_a_half_day_is_excluded_and_put_back(self, as_person, course, trainees):
        case = recognition_of(course, state="submitted")
        data = {"half_day": "2026-05-11_morning", "enrolment": "", "reason": "未按课程表授课"}
        html = text(as_person("handler").post(page(case, "exclude"), data, follow=True))
        assert "不予认定：全体学员 5月11日上午" in html
        assert "5月11日上午：检查后不予认定" in html
        row = Exclusion.objects.get()
        html = text(as_person("handler").post(page(case, "include", row.pk), follow=True))
        assert "已恢复" in html

    def test_an_unknown_half_day_is_refused(self, as_person, course, trainees):
        case = recognition_of(course, state="submitted")
        data = {"half_day": "2026-05-11_evening", "reason": "x"}
        text(as_person("handler").post(page(case, "exclude"), data), 422)
        assert not Exclusion.objects.exists()


class TestPaper:
    @pytest.mark.notice("一(五)3")
    def test_the_roster_is_printed_with_masked_numbers(self, as_person, course, trainees):
        response = as_person("owner").get(page(recognition_of(course), "roster_pdf"))
        with pikepdf.open(BytesIO(response.content)) as pdf:
            assert len(pdf.pages) == 1
        assert response["Content-Type"] == "application/pdf"

    def test_the_roster_names_who_filed_it_and_not_who_prints_it(self, as_person, course, trainees, district):
        case = recognition_of(course)
        _, before = roster_of(case)
        assert (before["filler"], before["day"]) == ("", None)
        with_package(case, district.owner)
        fire(case, "submit", actor=district.owner)
        for role in ("handler", "approver", "colleague"):
            response = as_person(role).get(page(case, "roster_pdf"))
            # Who printed it stands in the margin alone, before the time.
            told = re.sub(r"账号\d+（\w+）\s*20\d\d-\d\d-\d\d\s*[\d:]+\s*导出", "", text_of(response.content))
            assert district.owner.name in told
            assert getattr(district, role).name not in told

    def test_a_long_roster_is_made_in_the_background_with_progress(self, as_person, course, district):
        case = recognition_of(course)
        for number in range(130):
            enrol(course, person_in(district.unit, f"温知{chr(0x4E00 + number)}"))
        response = as_person("owner").get(page(case, "roster_pdf"))
        job = Job.objects.get(kind="papers.print")
        assert response.headers["Location"] == reverse("jobs:progress", args=[job.uid])
        assert as_person("owner").get(page(case, "roster_pdf")).headers["Location"] == response.headers["Location"]
        sweep()
        job.refresh_from_db()
        assert job.state == "done"
        assert text_of(as_person("owner").get(job.result_url).content).count("温知") == 130
        text(as_person("neighbour").get(job.result_url), 404)
        text(as_person("handler").get(job.result_url), 404)

    def test_workbooks_hold_every_trainee_and_no_full_number(self, as_person, course, trainees):
        case = recognition_of(course)
        for name in ("roster_xlsx", "people_xlsx"):
            response = as_person("owner").get(page(case, name))
            sheet = openpyxl.load_workbook(BytesIO(response.content)).active
            cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
            assert "王小明" in cells
            assert trainees[0].masked_id in cells
            assert trainees[0].person.id_number not in cells


class TestTodos:
    def titles(self, account):
        return [(todo.title, todo.mine) for todo in todos(account) if "学时认定" in todo.title]

    def test_each_role_sees_its_turn(self, district, course, trainees):
        assert self.titles(district.owner) == [(f"申报学时认定：{course}", True)]
        case = recognition_of(course)
        with_package(case, district.owner)
        assert self.titles(district.fresh(district.owner)) == [(f"提交学时认定：{course}", True)]
        fire(case, "submit", actor=district.owner)
        assert self.titles(district.fresh(district.owner)) == [(f"审核学时认定：{course}", False)]
        assert self.titles(district.handler) == [(f"审核学时认定：{course}", True)]
        fire(case, "check", actor=district.handler)
        assert self.titles(district.approver) == [(f"审批学时认定：{course}", True)]
        todo = next(todo for todo in todos(district.approver) if "学时认定" in todo.title)
        assert todo.due == current_rules().due(REPLY, clock.local(case.submitted_at).date()).due
        assert self.titles(district.fresh(district.neighbour)) == []


class TestQueries:
    """As many queries for 30 as for 3 (lists at most 12, case pages at most 20)."""

    def same(self, client, most, prepare, django_assert_max_num_queries):
        found = []
        for number in (3, 30):
            address = prepare(number)
            with django_assert_max_num_queries(most) as queries:
                text(client.get(address))
            found.append(len(queries))
        assert found[0] == found[1]

    def a_case(self, district, number, **kwargs):
        course = class_of(district.unit, days=5)
        sign_all(course, [enrol(course, person_in(district.unit, f"学员{n}")) for n in range(number)])
        return recognition_of(course, **kwargs)

    @pytest.mark.parametrize("person", ["owner", "handler"])
    def test_list(self, district, as_person, person, django_assert_max_num_queries):
        def prepare(number):
            for _ in range(number):
                recognition_of(class_of(district.unit), state="submitted")
                class_of(district.unit)
            return reverse("recognition:list")

        self.same(as_person(person), 12, prepare, django_assert_max_num_queries)

    @pytest.mark.parametrize(
        ("person", "state"),
        [("owner", "draft"), ("owner", "returned"), ("handler", "submitted"), ("approver", "checked")],
    )
    def test_case(self, district, as_person, person, state, django_assert_max_num_queries):
        def prepare(number):
            case = self.a_case(district, number, state=state)
            items = [{"where": "签到表", "wrong": "缺签字", "mend": "补签"}] * number
            returned = RECOGNITION.transition("return")
            record_all(
                [
                    new_event(
                        case, Context(case, district.handler, returned, clock.now(), data={"items": items}), "submitted"
                    )
                ]
            )
            return page(case)

        self.same(as_person(person), 20, prepare, django_assert_max_num_queries)

    def test_decided_case(self, district, as_person, django_assert_max_num_queries):
        def prepare(number):
            case = self.a_case(district, number)
            with_package(case, district.owner)
            fire(case, "submit", actor=district.owner)
            fire(case, "check", actor=district.handler)
            fire(case, "recognise", actor=district.approver)
            return page(Recognition.objects.get(pk=case.pk))

        self.same(as_person("owner"), 20, prepare, django_assert_max_num_queries)

    def test_results(self, district, as_person, django_assert_max_num_queries):
        def prepare(number):
            case = self.a_case(district, number)
            assess(case.application)
            return page(case, "results")

        self.same(as_person("owner"), 20, prepare, django_assert_max_num_queries)
