"""Posted ids of another unit's rows, or of rows in a wrong state: answered in words or not found; nothing changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.forms import model_to_dict
from django.urls import reverse

from luojiang_ce import clock
from tests.factories import person_in
from tests.training.classes.factories import a_lecturer, an_application, enrolled, far_monday, project_for
from tests.training.factories import class_of, enrol, recognition_of
from tests.training.plans.factories import a_batch, a_plan, a_project, a_scan, an_item
from training.attendance.models import Sign
from training.classes.models import ClassApplication, Enrolment
from training.plans.models import Plan, PlanItem
from training.recognition.models import AssessmentResult, Exclusion, Override

DAY = date(2026, 5, 11)


@pytest.fixture
def neighbour(client, district):
    client.force_login(district.neighbour)
    return client


@pytest.fixture
def owner(client, district):
    client.force_login(district.owner)
    return client


class TestPlans:
    def test_an_item_does_not_move_to_another_plan(self, owner, district):
        item = an_item(a_plan(district.unit), title="冷链保鲜班")
        theirs = a_plan(district.neighbour_unit)
        typed = {name: value for name, value in model_to_dict(item).items() if value is not None}
        address = reverse("plans:item_edit", args=[item.plan_id, item.pk])
        answer = owner.post(
            address, {**typed, "plan": theirs.pk, "unit": theirs.unit_id, "state": "published", "version": 0}
        )
        assert answer.status_code == 302
        item.refresh_from_db()
        assert (item.plan.unit, item.unit, item.state) == (district.unit, district.unit, PlanItem.State.LISTED)

    def test_an_item_is_found_under_its_own_plan_only(self, owner, district):
        mine, theirs = a_plan(district.unit), an_item(a_plan(district.neighbour_unit))
        assert owner.get(reverse("plans:item_edit", args=[mine.pk, theirs.pk])).status_code == 404
        owner.post(reverse("plans:item_delete", args=[mine.pk, theirs.pk]))
        assert PlanItem.objects.filter(pk=theirs.pk).exists()

    def test_only_checked_items_of_the_year_are_gathered(self, client, district):
        client.force_login(district.handler)
        batch, checked = a_batch(), Plan.State.CHECKED
        other_year = an_item(a_plan(district.unit, 2025, checked), PlanItem.State.CHECKED)
        listed = an_item(a_plan(district.unit, 2026, checked))
        for item in (other_year, listed):
            page = client.post(reverse("plans:gather", args=[batch.pk]), {"items": [item.pk]}, follow=True)
            assert page.status_code == 200
        assert not batch.items.exists()

    def test_an_item_is_dropped_from_its_own_batch_only(self, client, district):
        client.force_login(district.handler)
        project, batch = a_project(district.unit), a_batch()
        assert client.post(reverse("plans:drop", args=[batch.pk, project.pk])).status_code == 404


class TestClasses:
    def test_no_application_on_a_neighbours_project(self, neighbour, district):
        project = project_for(district.unit, clock.today().year)
        assert neighbour.post(reverse("classes:create", args=[project.pk]), {"session": "1"}).status_code == 404
        assert not ClassApplication.objects.exists()

    def test_a_neighbours_lecturer_is_no_choice(self, owner, district):
        case = an_application(district.unit)
        theirs = a_lecturer(district.neighbour_unit, "邻家教师")
        row = {"date": case.opens_on, "half_day": "morning", "starts_at": "09:00", "ends_at": "10:30", "course": "甲"}
        typed = {f"r-0-{name}": value for name, value in {**row, "subject": "professional", "counts": "on"}.items()}
        typed |= {"r-0-hours": "2", "r-TOTAL_FORMS": 1, "r-INITIAL_FORMS": 0, "version": case.version}
        for lecturer, status in ((theirs, 422), (a_lecturer(district.unit), 302)):
            answer = owner.post(reverse("classes:timetable", args=[case.pk]), {**typed, "r-0-lecturer": lecturer.pk})
            assert answer.status_code == status
        assert case.timetable.get().lecturer.unit == district.unit

    @pytest.mark.parametrize("name", ["basics", "timetable", "review", "timetable_import"])
    def test_a_neighbour_does_not_write_an_application(self, neighbour, district, name):
        case = an_application(district.unit)
        assert neighbour.post(reverse(f"classes:{name}", args=[case.pk]), {"version": case.version}).status_code == 404

    def test_a_neighbours_lecturer_is_not_changed(self, neighbour, district):
        mine = a_lecturer(district.unit)
        typed = {"name": "改名", "employer": "别处", "unit": district.neighbour_unit.pk}
        assert neighbour.post(reverse("classes:lecturer_edit", args=[mine.pk]), typed).status_code == 404

    def test_a_lecturer_does_not_move_to_another_unit(self, owner, district):
        mine = a_lecturer(district.unit)
        typed = {"version": "0", "name": "温如故", "employer": "市农业科学研究所", "unit": district.neighbour_unit.pk}
        owner.post(reverse("classes:lecturer_edit", args=[mine.pk]), typed)
        mine.refresh_from_db()
        assert mine.unit == district.unit


class TestTrainees:
    @pytest.fixture
    def case(self, district):
        return an_application(district.unit, ClassApplication.State.APPROVED, people=9)

    def test_a_neighbours_people_are_not_enrolled(self, neighbour, district, case):
        person = person_in(district.unit)
        assert neighbour.post(reverse("classes:enrol", args=[case.pk]), {"ticked": [person.pk]}).status_code == 422
        assert not Enrolment.objects.exists()

    @pytest.mark.parametrize("name", ["agree", "refuse", "remove_own"])
    def test_a_neighbour_does_not_answer_for_others(self, neighbour, district, case, name):
        row = enrolled(case, person_in(district.unit), agreement=Enrolment.Agreement.WAITING)
        page = neighbour.post(reverse(f"classes:{name}"), {"ticked": [row.pk], "reason": "x"}, follow=True)
        assert "勾选的人员有的已不在名单里" in page.content.decode()
        row.refresh_from_db()
        assert (row.agreement, row.removed_at) == (Enrolment.Agreement.WAITING, None)

    @pytest.mark.parametrize("name", ["remove", "scan"])
    def test_a_provider_touches_its_own_list_only(self, owner, district, case, name):
        other = an_application(district.neighbour_unit, ClassApplication.State.APPROVED)
        row = enrolled(other, person_in(district.neighbour_unit), agreement=Enrolment.Agreement.WAITING)
        typed = {"ticked": [row.pk], "reason": "x", "scan": a_scan()}
        page = owner.post(reverse(f"classes:{name}", args=[case.pk]), typed, follow=True)
        assert "勾选的人员有的已不在名单里" in page.content.decode()
        assert owner.post(reverse(f"classes:{name}", args=[other.pk]), typed).status_code == 404
        row.refresh_from_db()
        assert (row.agreement, row.removed_at) == (Enrolment.Agreement.WAITING, None)

    def test_two_answers_of_a_double_click_are_one(self, neighbour, district, case):
        row = enrolled(case, person_in(district.neighbour_unit), agreement=Enrolment.Agreement.WAITING)
        for count in (1, 0):
            page = neighbour.post(reverse("classes:agree"), {"ticked": [row.pk]}, follow=True).content.decode()
            assert f"已同意 {count} 人" in page


class TestAttendanceAndRecognition:
    @pytest.fixture
    def course(self, district):
        return class_of(district.unit, opens_on=clock.today() - timedelta(days=5), assessment="exam")

    def test_signs_of_another_classs_trainee_are_refused(self, owner, district, course):
        other = class_of(district.neighbour_unit, opens_on=course.opens_on)
        stranger = enrol(other, person_in(district.neighbour_unit))
        address = reverse("attendance:half_day", args=[course.pk, course.opens_on, "morning"])
        typed = {"people": [stranger.pk], "time_in": "08:30", "time_out": "11:30", "do": "record"}
        assert owner.post(address, typed).status_code == 422
        there = reverse("attendance:correct", args=[course.pk, course.opens_on, "morning", stranger.pk])
        assert owner.post(there, {**typed, "reason": "x"}).status_code == 404
        assert not Sign.objects.exists()

    @pytest.mark.parametrize("name", ["half_day", "scan"])
    def test_a_neighbour_records_nothing(self, neighbour, district, course, name):
        trainee = enrol(course, person_in(district.neighbour_unit))
        address = reverse(f"attendance:{name}", args=[course.pk, course.opens_on, "morning"])
        assert neighbour.post(address, {"people": [trainee.pk], "time_in": "08:30"}).status_code == 404

    def test_a_neighbour_begins_no_recognition(self, neighbour, district, course):
        assert neighbour.post(reverse("recognition:begin", args=[course.pk])).status_code == 404

    def test_results_of_another_classs_trainee_are_not_kept(self, owner, district, course):
        other = class_of(district.neighbour_unit, assessment="exam")
        stranger = enrol(other, person_in(district.neighbour_unit))
        case = recognition_of(course)
        owner.post(reverse("recognition:results", args=[case.pk]), {"version": "0", f"outcome-{stranger.pk}": "passed"})
        assert not AssessmentResult.objects.exists()

    def test_the_handler_decides_on_the_classs_own_trainees_only(self, client, district, course):
        client.force_login(district.handler)
        stranger = enrol(class_of(district.neighbour_unit), person_in(district.neighbour_unit))
        case = recognition_of(course, state="submitted")
        typed = {"reason": "x", "enrolment": stranger.pk, "half_day": f"{course.opens_on}_morning"}
        there = reverse("recognition:decide", args=[case.pk, stranger.pk])
        assert client.post(there, typed).status_code == 404
        assert client.post(reverse("recognition:exclude", args=[case.pk]), typed).status_code == 422
        other = recognition_of(stranger.application, state="submitted")
        exclusion = Exclusion.objects.create(recognition=other, reason="x", decided_by=district.handler)
        client.post(reverse("recognition:include", args=[case.pk, exclusion.pk]))
        assert Exclusion.objects.get() == exclusion
        assert not Override.objects.exists()


class TestFarOffNumbers:
    """Numbers no row can have, and days no calendar has: a page, never an error of the server."""

    @pytest.mark.parametrize("typed", ["99999999999999999999", "-1", "1e9", "x", ""])
    def test_ids(self, owner, district, typed):
        case = an_application(district.unit, ClassApplication.State.APPROVED)
        for name, args in (("enrol", [case.pk]), ("remove", [case.pk]), ("agree", []), ("refuse", [])):
            answer = owner.post(reverse(f"classes:{name}", args=args), {"ticked": [typed], "reason": "x"})
            assert answer.status_code in (302, 422)
        project = case.project
        assert owner.post(reverse("classes:create", args=[project.pk]), {"session": typed}).status_code == 302

    @pytest.mark.parametrize("version", ["", "-1", "99999999999999999999", "²"])
    def test_versions(self, owner, district, version):
        case = an_application(district.unit, opens_on=far_monday())
        answer = owner.post(reverse("classes:review", args=[case.pk]), {"version": version})
        assert answer.status_code in (302, 422)
