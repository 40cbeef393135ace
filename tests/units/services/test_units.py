"""Units: registering, changing, suspending, merging, scopes (product.md U1)."""

from datetime import date, timedelta

import pytest
from stdnum.cn import uscc

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.factories import UnitFactory, account_with, person_in
from units.models import Assignment, Employment, Unit
from units.services import (
    add_scope,
    create_unit,
    end_scope,
    merge_unit,
    resume_unit,
    suspend_unit,
    update_unit,
)

CODE = "12350504MB0000000" + uscc.calc_check_digit("12350504MB0000000")


def problems_of(excinfo) -> dict:
    return {field: " ".join(texts) for field, texts in excinfo.value.by_field.items()}


def test_a_unit_is_registered_with_a_code_of_its_initials(district) -> None:
    unit = create_unit(
        actor=district.handler, name=" 洛江区云岭医院 ", nature="medical", medical_level="second", uscc=CODE.lower()
    )
    assert (unit.name, unit.code, unit.uscc) == ("洛江区云岭医院", "LJQYLYY", CODE)
    assert history(unit).get().actor == district.handler


def test_codes_made_of_the_same_initials_are_told_apart(district) -> None:
    names = ["洛江区云岭医院", "洛江区云林医院", "洛江区云龙医院"]
    codes = [create_unit(actor=district.handler, name=name, nature="medical").code for name in names]
    assert len(set(codes)) == 3


def test_everything_that_is_wrong_is_said_at_once(district) -> None:
    with pytest.raises(NotPossible) as refused:
        create_unit(
            actor=district.handler,
            name=district.unit.name,
            code=district.unit.code,
            nature="school",
            uscc="12350504MB000000XX",
            medical_level="first",
            supervisor=district.neighbour_unit,
        )
    assert set(problems_of(refused)) == {"name", "code", "uscc", "medical_level", "supervisor"}
    assert not Event.objects.exists()


def test_a_code_belongs_to_one_unit_and_the_refusal_names_it(district) -> None:
    create_unit(actor=district.handler, name="洛江区云岭医院", nature="medical", uscc=CODE)
    with pytest.raises(NotPossible, match="洛江区云岭医院"):
        update_unit(unit=district.unit, actor=district.handler, uscc=CODE)


def test_nobody_supervises_himself_even_through_others(district) -> None:
    update_unit(unit=district.health, actor=district.handler, supervisor=district.education)
    with pytest.raises(NotPossible, match="主管部门不能是本单位"):
        update_unit(unit=district.education, actor=district.handler, supervisor=district.health)


def test_an_edit_tells_the_fields_never_the_words(district) -> None:
    update_unit(unit=district.unit, actor=district.handler, phone="0595-22630000", short_name="青麓中心")
    event = history(district.unit).get()
    assert (event.name, event.data) == ("edited", {"fields": ["phone", "short_name"]})


def test_an_edit_that_changes_nothing_leaves_no_event(district) -> None:
    update_unit(unit=district.unit, actor=district.handler, phone="")
    assert not history(district.unit).exists()


def test_who_is_slower_is_told_who_was_quicker(district) -> None:
    seen = district.unit.version
    update_unit(unit=district.unit, actor=district.approver, version=seen, phone="1")
    with pytest.raises(Conflict) as stale:
        update_unit(unit=district.unit, actor=district.handler, version=seen, phone="2")
    assert stale.value.who == district.approver.name
    assert Unit.objects.get(pk=district.unit.pk).phone == "1"


def test_suspending_and_resuming_need_a_reason_and_the_right_state(district) -> None:
    with pytest.raises(NotPossible):
        suspend_unit(unit=district.unit, actor=district.handler, reason=" ")
    suspend_unit(unit=district.unit, actor=district.handler, reason="停业整顿")
    with pytest.raises(NotPossible, match="暂停"):
        suspend_unit(unit=district.unit, actor=district.handler, reason="又一次")
    resume_unit(unit=district.unit, actor=district.handler, reason="整顿完毕")
    assert Unit.objects.get(pk=district.unit.pk).status == "active"
    assert [e.name for e in history(district.unit)] == ["resumed", "suspended"]


def test_the_bureau_cannot_be_suspended(district) -> None:
    with pytest.raises(NotPossible, match="区人社局不能暂停"):
        suspend_unit(unit=district.bureau, actor=district.handler, reason="x")


class TestMerging:
    def test_people_supervised_units_and_roles_follow(self, district) -> None:
        old, new, day = district.unit, district.neighbour_unit, clock.today()
        people = [person_in(old, since=date(2020, 1, 1)) for _ in range(3)]
        leaver = person_in(old)
        leaver.employments.update(ended_on=date(2021, 5, 31), end_reason="left")
        below = UnitFactory(supervisor=old)
        assert merge_unit(unit=old, into=new, on=day, actor=district.approver, reason="洛委编〔2026〕3号") == 3
        old.refresh_from_db()
        below.refresh_from_db()
        assert (old.status, old.merged_into, below.supervisor) == ("merged", new, new)
        for person in people:
            jobs = list(person.employments.values_list("unit", "ended_on"))
            assert jobs == [(new.pk, None), (old.pk, day - timedelta(days=1))]
        assert leaver.employments.get().unit == old
        assert not Assignment.objects.current().filter(unit=old).exists()
        assert not district.fresh(district.owner).holds(Role.UNIT_CLERK)

    def test_who_began_on_the_day_itself_is_counted_to_the_new_unit(self, district) -> None:
        today = clock.today()
        person = person_in(district.unit, since=today)
        merge_unit(unit=district.unit, into=district.neighbour_unit, on=today, actor=district.approver, reason="合并")
        assert [j.unit for j in Employment.objects.filter(person=person)] == [district.neighbour_unit]

    @pytest.mark.parametrize("target", ["unit", "suspended"])
    def test_impossible_targets(self, district, target) -> None:
        into = district.unit if target == "unit" else UnitFactory(status="suspended")
        with pytest.raises(NotPossible):
            merge_unit(unit=district.unit, into=into, on=clock.today(), actor=district.approver, reason="合并")

    def test_the_number_of_queries_does_not_grow(self, district, django_assert_num_queries) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def cost(people: int) -> int:
            old, new = UnitFactory(), UnitFactory()
            for _ in range(people):
                person_in(old)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                merge_unit(unit=old, into=new, on=clock.today(), actor=district.approver, reason="合并")
            return len(queries)

        assert cost(3) == cost(30)


@pytest.mark.notice("三2")
class TestScopes:
    def test_only_a_provider_has_a_scope(self, district) -> None:
        with pytest.raises(NotPossible, match="不是施教机构"):
            add_scope(unit=district.health, actor=district.handler, subject="护理", valid_from=date(2026, 1, 1))

    def test_an_ended_scope_still_covers_what_it_covered(self, district) -> None:
        scope = add_scope(unit=district.unit, actor=district.handler, subject="农业技术", valid_from=date(2025, 1, 1))
        end_scope(scope=scope, on=date(2026, 6, 30), actor=district.handler, reason="资质到期")
        scope.refresh_from_db()
        assert scope.covers(date(2026, 6, 30))
        assert not scope.covers(date(2026, 7, 1))

    def test_days_in_order(self, district) -> None:
        with pytest.raises(NotPossible, match="早于起始"):
            add_scope(
                unit=district.unit, actor=district.handler, subject="农业技术",
                valid_from=date(2026, 1, 1), valid_to=date(2025, 12, 31),
            )  # fmt: skip


def test_a_clerk_of_another_unit_keeps_the_role_after_a_merger(district) -> None:
    other = account_with(Role.UNIT_CLERK, UnitFactory())
    merge_unit(
        unit=district.unit, into=district.neighbour_unit, on=clock.today(), actor=district.approver, reason="合并"
    )
    assert district.fresh(other).holds(Role.UNIT_CLERK)
