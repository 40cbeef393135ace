"""Beginning and editing an application: sessions, two clerks at once, organisers who may read."""

from __future__ import annotations

from datetime import date

import pytest

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.models import Event
from tests.training.classes.factories import an_application, project_for
from training.classes.models import ClassApplication
from training.classes.services.applications import (
    OrganiserRow,
    create_application,
    free_sessions,
    replace_timetable,
    save_basics,
)
from training.plans.models import PlanItem

State = ClassApplication.State
pytestmark = pytest.mark.real_services


class TestBeginning:
    def test_the_draft_is_filled_from_the_plan(self, district):
        project = project_for(district.unit, 2027)
        case = create_application(project=project, actor=district.owner)
        assert (case.title, case.people, case.opens_on) == (project.title, project.people, project.starts_on)
        assert [(o.part, o.name, o.unit) for o in case.organisers.all()] == [
            ("host", district.unit.name, district.unit)
        ]
        assert Event.objects.get(name="created").actor == district.owner

    def test_sessions_are_given_in_turn_and_end_with_the_plan(self, district):
        project = project_for(district.unit, 2027, sessions=2)
        made = [create_application(project=project, actor=district.owner) for _ in range(2)]
        assert [case.session for case in made] == [1, 2]
        assert made[1].opens_on is None
        with pytest.raises(NotPossible, match="增补计划"):
            create_application(project=project, actor=district.owner)

    @pytest.mark.parametrize("state", [State.REFUSED, State.CANCELLED])
    def test_a_refused_or_cancelled_one_frees_its_number(self, district, state):
        project = project_for(district.unit, 2027, sessions=1)
        an_application(district.unit, state, project=project, session=1)
        assert free_sessions(project) == [1]
        assert create_application(project=project, actor=district.owner).session == 1

    def test_only_the_unit_of_the_project_may(self, district):
        with pytest.raises(NotPossible, match="申报该项目的单位"):
            create_application(project=project_for(district.unit, 2027), actor=district.neighbour)

    def test_only_a_published_project_may(self, district):
        project = project_for(district.unit, 2027)
        PlanItem.objects.filter(pk=project.pk).update(state=PlanItem.State.WITHDRAWN)
        with pytest.raises(NotPossible, match="公布以后"):
            create_application(project=project, actor=district.owner)

    def test_a_double_click_begins_one_draft(self, client, district):
        project = project_for(district.unit, 2027)
        client.force_login(district.owner)
        answers = [client.post(f"/classes/new/{project.pk}/", {"session": 1}) for _ in range(2)]
        assert len({answer.headers["Location"] for answer in answers}) == 1
        assert project.classes.count() == 1


class TestEditing:
    def test_the_second_stale_save_is_refused_and_changes_nothing(self, district):
        case = an_application(district.unit)
        save_basics(
            application=case, values={"place": "甲地"}, organisers=None, version=case.version, actor=district.owner
        )
        with pytest.raises(Conflict) as stale:
            save_basics(
                application=case, values={"place": "乙地"}, organisers=None, version=case.version,
                actor=district.colleague,
            )  # fmt: skip
        assert stale.value.current.edited_by == district.owner
        assert ClassApplication.objects.get(pk=case.pk).place == "甲地"

    def test_a_filed_application_cannot_be_edited(self, district):
        case = an_application(district.unit, State.SUBMITTED)
        with pytest.raises(NotPossible, match="待审核"):
            replace_timetable(application=case, rows=[], version=case.version, actor=district.owner)
        assert case.timetable.count() == 1

    def test_organisers_known_by_name_may_read_once_it_is_filed(self, district):
        case = an_application(district.unit)
        rows = [OrganiserRow("host", district.unit.name), OrganiserRow("helper", district.neighbour_unit.name)]
        save_basics(application=case, values={}, organisers=rows, version=case.version, actor=district.owner)
        assert not ClassApplication.objects.visible_to(district.neighbour).exists()
        ClassApplication.objects.update(state=State.SUBMITTED, first_submitted_at=clock.now())
        assert ClassApplication.objects.visible_to(district.neighbour).get() == case

    def test_a_reader_may_not_act(self, client, district):
        case = an_application(district.unit, State.SUBMITTED)
        case.organisers.create(part="helper", name="x", unit=district.neighbour_unit, position=2)
        client.force_login(district.neighbour)
        assert client.get(case.get_absolute_url()).status_code == 200
        assert client.post(f"/cases/training_classes.classapplication/{case.pk}/take_back/").status_code == 404
        assert client.get(f"/classes/{case.pk}/edit/").status_code == 404


def test_both_versions_stay_visible_when_a_colleague_saved_first(client, district):
    case = an_application(district.unit)
    client.force_login(district.owner)
    page = client.get(f"/classes/{case.pk}/edit/")
    typed = {
        f"{prefix}{name}": field.value() if field.value() is not None else ""
        for form, prefix in ((page.context["form"], ""),)
        for name, field in ((bound.name, bound) for bound in form)
    }
    save_basics(
        application=case, values={"place": "同事改的地点"}, organisers=None, version=case.version,
        actor=district.colleague,
    )  # fmt: skip
    formset = {"o-TOTAL_FORMS": 1, "o-INITIAL_FORMS": 0, "o-0-part": "host", "o-0-name": district.unit.name}
    typed |= {"place": "我改的地点", "version": case.version, **formset, "charges": ""}
    answer = client.post(f"/classes/{case.pk}/edit/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "同事改的地点" in text
    assert "我改的地点" in text
    assert ClassApplication.objects.get(pk=case.pk).place == "同事改的地点"
    again = client.post(f"/classes/{case.pk}/edit/", typed | {"version": case.version + 1})
    assert again.status_code == 302
    assert ClassApplication.objects.get(pk=case.pk).place == "我改的地点"


def test_the_database_keeps_days_in_order_when_a_draft_saves_itself(client, district):
    case = an_application(district.unit)
    client.force_login(district.owner)
    late = date(case.opens_on.year, 12, 1).isoformat()
    answer = client.post(
        f"/classes/{case.pk}/edit/?autosave=1",
        {"opens_on": late, "ends_on": "没填完", "title": "改了班名", "version": case.version, "form": "face"},
    )
    assert answer.status_code == 422
    assert "只自动保存了一部分" in answer.json()["text"]
    case.refresh_from_db()
    assert case.title == "改了班名"
    assert case.opens_on == case.ends_on
