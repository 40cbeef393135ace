"""No roster stands where nobody can act: every state × kind of unit × kind of person (notice 二(一); product.md V4)."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from itertools import product
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import of_case
from luojiang_ce.papers.models import Seal
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.luojiang_ce.deadlines.dead_ends import dead_ends
from tests.todos import todos
from tests.verification.batches.samples import YEAR, a_draft, a_seal, staff
from units.models import Account, Assignment, Certificate, Person, StudyPeriod, Unit
from units.notify import whose_turn
from units.services.seals import end_seal
from verification.batches.models import AnnualRecord, Batch, Material
from verification.batches.routing import authority_of

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)", "二(一)教师验印")]
S = Batch.State
SUPERVISORS = ("", "health", "education", "bureau")
CATEGORIES = {"general": "general", "medical": "medical", "teacher": "teacher", "cycle": "teacher"}
KINDS = list(product(Unit.Nature.values, SUPERVISORS, CATEGORIES))
FORWARD = ("submit", "send", "health_pass", "education_pass", "validate", "finish", "stamp_first", "stamp")


@pytest.fixture
def complete(district: District) -> District:
    """The district as it works: both sealing organs have a seal and a keeper of their own."""
    for owner in (district.bureau, district.education):
        a_seal(owner)
    account_with("seal_keeper", district.education)
    return district


def roster(district: District, nature: str, supervisor: str, path: str) -> Batch:
    """A draft of one person of that kind, in a unit of that kind."""
    above = getattr(district, supervisor) if supervisor else None
    Unit.objects.filter(pk=district.unit.pk).update(nature=nature, supervisor=above)
    people = staff(district.unit, 1)
    Person.objects.filter(pk=people[0].pk).update(category=CATEGORIES[path])
    if path == "medical":
        people[0].certificates.update(kind=Certificate.Kind.MEDICAL)
    if CATEGORIES[path] == "teacher":
        last = YEAR if path == "cycle" else YEAR + 1
        StudyPeriod.objects.create(person=people[0], kind="cycle", first_year=last - 4, last_year=last)
    batch = a_draft(district, people, path=path)
    batch.records.update(unmet_reason="学时未修满")
    assert batch.records.count() == 1, "the person's year goes this way"
    return batch


def actors(batch: Batch) -> list[Account]:
    """Whose turn it is with the batch, of everybody in the district."""
    batch = Batch.objects.get(pk=batch.pk)
    owed = list(of_case(kind_of(batch), batch, terms_in_force()))
    return [account for accounts in whose_turn(owed) for account in accounts]


def go_on(batch: Batch, district: District) -> bool:
    """Fire what leads on, by whoever may."""
    if batch.state == S.SUBMITTED:
        batch.records.filter(state="filed").update(state="verified", decided_by=district.handler)
        Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    for account in Account.objects.all():
        fresh = Batch.objects.get(pk=batch.pk)
        for action in actions_for(fresh, account, *FORWARD):
            if action.enabled:
                seals = Seal.objects.filter(owner_id__in=account.unit_ids("seal_keeper"))
                fire(batch, action.transition.name, actor=account, data={"seal": seals.first()})
                return True
    return False


@pytest.mark.parametrize(("nature", "supervisor", "path"), KINDS)
def test_a_roster_of_any_unit_and_any_people_comes_to_its_end(
    complete: District, nature: str, supervisor: str, path: str
) -> None:
    batch = roster(complete, nature, supervisor, path)
    states = []
    while batch.state != S.STAMPED:
        states.append(batch.state)
        assert actors(batch), f"nobody can act in {batch.state}"
        assert list(dead_ends()) == []
        assert go_on(batch, complete), f"nothing leads on from {batch.state}"
    assert (S.IN_REVIEW in states) is (path != "general")
    assert (S.SUBMITTED in states) is (path != "teacher")


@pytest.mark.parametrize("path", ["medical", "teacher", "cycle"])
def test_whoever_reviews_may_send_back_to_any_unit_and_it_comes_again(complete: District, path: str) -> None:
    batch = roster(complete, "company", "", path)
    fire(batch, "send", actor=complete.owner)
    reviewer = complete.health_reviewer if path == "medical" else complete.education_reviewer
    name = "health_return" if path == "medical" else "education_return"
    items = [{"where": "", "wrong": "证书编号有误", "mend": ""}]
    fire(batch, name, actor=reviewer, data={"items": items})
    fire(batch, "resend", actor=complete.owner, data={"answers": {}})
    assert batch.state == S.IN_REVIEW
    assert reviewer in actors(batch)


def test_medical_staff_of_any_unit_go_to_the_health_bureau_and_it_sees_their_roster_alone(complete: District) -> None:
    batch = roster(complete, "company", "", "medical")
    fire(batch, "send", actor=complete.owner)
    record: AnnualRecord = batch.records.get()
    client = Client()
    for reader, status in (
        (complete.health_reviewer, 200),
        (complete.education_reviewer, 404),
        (complete.neighbour, 404),
    ):
        client.force_login(reader)
        assert client.get(batch.get_absolute_url()).status_code == status
        assert client.get(record.get_absolute_url()).status_code == status
    client.force_login(complete.health_reviewer)
    assert client.get(reverse("ledger:person", args=[record.person_id])).status_code == 404
    assert (
        reverse("ledger:person", args=[record.person_id]) not in client.get(record.get_absolute_url()).content.decode()
    )
    assert [todo.title for todo in todos(complete.health_reviewer, Batch) if todo.mine] == [f"审核：{batch}"]


def test_of_two_authorities_that_review_the_units_own_comes_first(district: District) -> None:
    other = Unit.objects.create(code="LJWJ2", name="洛江区第二卫生局", nature="district", is_authority=True)
    account_with("health_reviewer", other)
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=other)
    assert authority_of(Unit.objects.get(pk=district.unit.pk), "medical") == other
    assert authority_of(district.neighbour_unit, "medical") == district.health


def test_nothing_is_sent_where_nobody_reviews(district: District) -> None:
    Assignment.objects.filter(role="health_reviewer").update(valid_to=date(2026, 1, 1))
    batch = roster(district, "medical", "health", "medical")
    with pytest.raises(Refused, match="全区还没有“卫健局初审”人员，不能送初审"):
        fire(batch, "send", actor=district.owner)


def test_a_teachers_year_is_not_passed_on_where_it_could_not_be_stamped(district: District) -> None:
    batch = roster(district, "school", "education", "teacher")
    fire(batch, "send", actor=district.owner)

    def said() -> str:
        with pytest.raises(Refused) as refused:
            fire(batch, "validate", actor=district.education_reviewer)
        return str(refused.value)

    assert "还没有启用中的验证印章" in said()
    assert "还没有监印人" in said()
    own = [todo for todo in todos(district.handler) if todo.title.startswith("登记印章")]
    assert [(todo.mine, todo.url) for todo in own] == [(True, f"{reverse('seals:new')}?owner={district.education.pk}")]
    assert any(todo.title.startswith("任命监印人") for todo in todos(district.security_admin))
    seal = a_seal(district.education)
    Assignment.objects.create(
        account=district.education_reviewer, unit=district.education, role="seal_keeper", valid_from=date(2017, 1, 1)
    )
    assert "还没有另一位监印人" in said()
    account_with("seal_keeper", district.education)
    assert not [todo for todo in todos(district.handler) if todo.title.startswith("登记印章")]
    end_seal(seal=seal, last_day=date(2027, 1, 5), reason="更名", actor=district.handler)
    assert "还没有启用中的验证印章" in said()
    assert list(dead_ends()) == []


def test_where_a_role_ends_while_rosters_wait_for_it_the_security_officer_is_told(complete: District) -> None:
    batch = roster(complete, "medical", "health", "medical")
    fire(batch, "send", actor=complete.owner)
    Assignment.objects.filter(role="health_reviewer").update(valid_to=date(2027, 1, 1))
    assert actors(batch) == []
    told = [todo.title for todo in todos(complete.fresh(complete.security_admin)) if todo.mine]
    assert "任命卫健局初审：洛江区卫生健康局没有人担任，1 批等着审核" in told


def test_a_reviewer_whose_role_ends_one_day_reviews_until_then(district: District) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.education)
    unit = Unit.objects.get(pk=district.unit.pk)
    Assignment.objects.filter(role="health_reviewer").update(valid_to=clock.today())
    assert authority_of(unit, "medical") == district.health
    Assignment.objects.filter(role="health_reviewer").update(valid_to=clock.today() - timedelta(days=1))
    assert authority_of(unit, "medical") is None


@pytest.mark.parametrize(
    ("state", "sent_later", "goes"),
    [
        ("in_review", False, True),
        ("returned", False, True),
        ("in_review", True, False),
        ("submitted", False, False),
        ("decided", False, False),
        ("stamped", False, False),
    ],
)
def test_what_went_astray_because_a_reviewer_had_a_last_day_comes_back(
    district: District, state: str, sent_later: bool, goes: bool
) -> None:
    """Two health authorities review; that of the unit's reviewer has a last day, which 0006 took for nobody."""
    other = account_with("health_reviewer", UnitFactory(code="A0")).current_assignments[0].unit
    Unit.objects.filter(pk=district.unit.pk).update(supervisor=district.health)
    Assignment.objects.filter(unit=district.health).update(valid_to=clock.today() + timedelta(days=90))
    done = MigrationRecorder(connection).migration_qs.filter(app="verification_batches", name="0006_who_reviews")
    moment = done.values_list("applied", flat=True).get()
    Assignment.objects.update(valid_from=moment.date() - timedelta(days=400))
    batch = roster(district, "medical", "health", "medical")
    sent = moment + timedelta(minutes=1 if sent_later else -1)
    Batch.objects.filter(pk=batch.pk).update(state=state, submitted_at=sent, authority=other)
    for _ in range(2):
        migration = import_module("verification.batches.migrations.0007_reviewers_with_a_last_day")
        migration.settle_anew(apps, SimpleNamespace(connection=connection))
        batch.refresh_from_db()
        assert batch.authority == (district.health if goes else other)
