"""照往期带入: a session filled from the one before, its timetable on the new days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workdays.calendar import Calendar
from tests.training.classes.factories import a_course, a_lecturer, a_row, an_application, project_for
from training.classes.models import ClassApplication, TimetableRow
from training.classes.services.applications import OrganiserRow, create_application, save_basics
from training.classes.services.repeating import last_one, repeat
from training.classes.shifting import moved_days

MONDAY = date(2026, 6, 1)
DAYS = st.lists(st.integers(0, 60), min_size=1, max_size=12)


def days_of(numbers):
    return [MONDAY + timedelta(days=number) for number in numbers]


class TestMovedDays:
    @pytest.mark.parametrize(
        ("said", "old", "opens", "new"),
        [
            ("a week later", (0, 1, 2), date(2026, 6, 8), ("06-08", "06-09", "06-10")),
            ("over a weekend", (0, 1, 2), date(2026, 6, 11), ("06-11", "06-12", "06-15")),
            ("a day meets nobody", (0, 1, 2, 3), date(2026, 6, 11), ("06-11", "06-12", "06-15", "06-16")),
            ("over a festival", (0, 1, 7), date(2026, 6, 18), ("06-18", "06-22", "06-25")),
            ("at weekends", (5, 6), date(2026, 7, 4), ("07-04", "07-05")),
            ("every Wednesday", (2, 9, 16), date(2026, 7, 1), ("07-01", "07-08", "07-15")),
        ],
    )
    def test_days(self, said, old, opens, new):
        days = days_of(old)
        moved = moved_days(days, days[0], opens, Calendar())
        assert [f"{moved[day]:%m-%d}" for day in days] == list(new), said

    @given(DAYS, st.integers(-300, 300))
    def test_no_two_days_become_one_and_their_order_stays(self, numbers, ahead):
        days = sorted(set(days_of(numbers)))
        opens = MONDAY + timedelta(days=ahead)
        moved = moved_days(days, days[0], opens, Calendar())
        new = [moved[day] for day in days]
        assert new == sorted(set(new))
        assert new[0] == opens
        calendar = Calendar()
        assert all(calendar.is_working(moved[day]) for day in days[1:] if calendar.is_working(day))


@pytest.fixture
def before(district):
    """A first session of three rows on two days."""
    project = project_for(district.unit, 2027, starts_on=date(2027, 6, 7), ends_on=date(2027, 6, 8), days=2)
    case = an_application(
        district.unit, ClassApplication.State.APPROVED, project=project,
        opens_on=date(2027, 6, 7), ends_on=date(2027, 6, 8), actor=district.owner,
    )  # fmt: skip
    a_row(case, date=date(2027, 6, 8), course="第二天", lecturer=a_lecturer(district.unit))
    ClassApplication.objects.filter(pk=case.pk).update(
        difference_notes={"place": "原地点装修", "dates": "避开考试"}, textbooks="自编讲义"
    )
    case.refresh_from_db()
    return case


@pytest.mark.django_db
class TestRepeating:
    def test_everything_but_number_days_and_people_is_taken(self, district, before):
        draft = create_application(project=before.project, actor=district.owner)
        made = repeat(
            application=draft, like=before, opens_on=date(2027, 9, 30), version=draft.version, actor=district.owner
        )
        assert (made.session, made.number, made.state) == (2, None, "draft")
        assert (made.leader, made.class_teacher, made.textbooks) == ("岳临川", "顾清和", "自编讲义")
        assert made.difference_notes == {"place": "原地点装修"}  # the days were another matter
        rows = TimetableRow.objects.filter(application=made)
        # 1 to 7 October are days of rest
        assert [(row.course, row.date) for row in rows] == [
            ("采后生理与品质控制", date(2027, 9, 30)),
            ("第二天", made.ends_on),
        ]
        assert made.ends_on > date(2027, 10, 3)
        assert [(each.part, each.name) for each in made.organisers.all()] == [
            (each.part, each.name) for each in before.organisers.all()
        ]
        assert not made.enrolments.exists()
        assert before.timetable.count() == 2

    def test_of_another_project_the_plan_goes_first(self, district, before):
        other = project_for(district.unit, 2027, place="另一处", people=30)
        draft = create_application(project=other, actor=district.owner)
        made = repeat(
            application=draft, like=before, opens_on=date(2027, 9, 6), version=draft.version, actor=district.owner
        )
        assert (made.place, made.people, made.leader) == ("另一处", 30, "岳临川")
        assert made.difference_notes == {}

    def test_a_course_that_left_the_catalogue_is_left_open(self, district, before):
        course = a_course(last_year=2027)
        before.timetable.update(catalogue_course=course)
        draft = create_application(project=project_for(district.unit, 2028), actor=district.owner)
        made = repeat(
            application=draft, like=before, opens_on=date(2028, 6, 5), version=draft.version, actor=district.owner
        )
        assert set(made.timetable.values_list("catalogue_course", flat=True)) == {None}

    def test_the_session_before_is_proposed(self, district, before):
        an_application(district.unit, opens_on=date(2027, 12, 6))
        draft = create_application(project=before.project, actor=district.owner)
        assert last_one(draft) == before

    def test_what_somebody_else_saved_meanwhile_is_not_overwritten(self, district, before):
        draft = create_application(project=before.project, actor=district.owner)
        save_basics(
            application=draft, values={"place": "别处"}, organisers=[OrganiserRow("host", "甲")],
            version=draft.version, actor=district.colleague,
        )  # fmt: skip
        with pytest.raises(Conflict):
            repeat(
                application=draft, like=before, opens_on=date(2027, 9, 6), version=draft.version, actor=district.owner
            )
        draft.refresh_from_db()
        assert draft.place == "别处"

    def test_only_a_class_of_the_same_unit(self, district, before):
        draft = create_application(project=before.project, actor=district.owner)
        theirs = an_application(district.neighbour_unit)
        with pytest.raises(NotPossible, match="本单位"):
            repeat(
                application=draft, like=theirs, opens_on=date(2027, 9, 6), version=draft.version, actor=district.owner
            )


@pytest.mark.django_db
class TestPage:
    def test_two_clicks_and_one_day(self, client, district, before):
        client.force_login(district.owner)
        begun = client.post(reverse("classes:create", args=[before.project_id]), {"session": 2, "repeat": "yes"})
        page = client.get(begun.url)
        assert f'<option value="{before.pk}" selected>' in page.content.decode()
        sent = {"like": before.pk, "opens_on": "2027-09-06", "version": "0"}
        saved = client.post(begun.url, sent, follow=True)
        assert "2027年9月6日" in saved.content.decode()
        made = ClassApplication.objects.get(session=2)
        assert made.timetable.count() == 2

    @pytest.mark.parametrize("who", ["owner", "colleague"])
    def test_another_units_class_is_no_choice(self, client, district, before, who):
        draft = create_application(project=before.project, actor=district.owner)
        theirs = an_application(district.neighbour_unit, title="邻单位的班")
        client.force_login(getattr(district, who))
        url = reverse("classes:repeat", args=[draft.pk])
        answer = client.post(url, {"like": theirs.pk, "opens_on": "2027-09-06", "version": "0"})
        assert answer.status_code == 422
        assert theirs.title not in client.get(url).content.decode()

    def test_a_day_outside_the_calendar_is_refused_beside_its_field(self, client, district, before):
        draft = create_application(project=before.project, actor=district.owner)
        client.force_login(district.owner)
        url = reverse("classes:repeat", args=[draft.pk])
        answer = client.post(url, {"like": before.pk, "opens_on": "9999-12-31", "version": "0"})
        assert answer.status_code == 422
        assert "id_opens_on_error" in answer.content.decode()
