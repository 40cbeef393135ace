"""A year goes by the person's system, whatever the unit; one batch goes one way (notice 二(一); product.md V4)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import account_with
from tests.verification.batches.samples import YEAR, a_draft, a_seal, staff
from units.models import Person, StudyPeriod, Unit
from verification.batches import services
from verification.batches.models import Batch
from verification.batches.routing import WORDS, Path, path_of
from verification.requirements.assess import PersonFacts

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)", "二(一)卫生", "二(一)教师验印")]


def teacher(unit: Unit, *, last: int) -> Person:
    """In a cycle that ends with that year."""
    (person,) = staff(unit, 1, category="teacher")
    StudyPeriod.objects.create(person=person, kind="cycle", first_year=last - 4, last_year=last)
    return person


@pytest.mark.parametrize(
    ("category", "cycle", "path"),
    [
        ("general", None, Path.GENERAL),
        ("general", (YEAR - 4, YEAR), Path.GENERAL),  # was a teacher once
        ("medical", None, Path.MEDICAL),
        ("medical", (YEAR - 4, YEAR), Path.MEDICAL),
        ("teacher", None, Path.TEACHER),
        ("teacher", (YEAR - 3, YEAR + 1), Path.TEACHER),
        ("teacher", (YEAR - 4, YEAR), Path.CYCLE),
    ],
)
def test_the_category_decides_and_for_a_teacher_the_end_of_the_cycle(category, cycle, path) -> None:
    assert path_of(PersonFacts(category, None, None, cycle), YEAR) == path


@pytest.mark.parametrize(("nature", "above"), [("school", "education"), ("medical", "health"), ("company", "")])
def test_of_a_unit_with_people_of_every_system_a_batch_is_proposed_for_each(
    district: District, client: Client, nature: str, above: str
) -> None:
    """A nurse in a school, a teacher in a hospital, the office of either: each goes the own way, none is mixed."""
    supervisor = getattr(district, above) if above else None
    Unit.objects.filter(pk=district.unit.pk).update(nature=nature, supervisor=supervisor)
    people = {
        Path.GENERAL: staff(district.unit, 3)[:1],
        Path.MEDICAL: staff(district.unit, 1, category="medical"),
        Path.TEACHER: [teacher(district.unit, last=YEAR + 1)],
        Path.CYCLE: [teacher(district.unit, last=YEAR)],
    }
    client.force_login(district.owner)
    page = client.get(reverse("batches:new")).content.decode()
    for path in Path:
        number = 3 if path == Path.GENERAL else 1
        assert f">{path.label}</a>　{number} 人　<span" in page
        assert WORDS[path] in page
    assert "不能混在一批" in page
    goes = {Path.GENERAL: None, Path.MEDICAL: district.health}
    for path, (person,) in people.items():
        url = f"{reverse('batches:new')}?unit={district.unit.pk}&year={YEAR}&path={path}"
        assert client.get(url).context["form"]["path"].value() == path
        batch = a_draft(district, [person], path=path)
        batch.records.update(unmet_reason="学时未修满")
        batch.refresh_from_db()
        fire(batch, "submit" if path == Path.GENERAL else "send", actor=district.owner)
        assert batch.authority == goes.get(path, district.education)
        assert [row.path for row in batch.records.all()] == [path]


def test_a_clerk_who_mixes_is_told_who_goes_where(district: District, client: Client) -> None:
    (office,) = staff(district.unit, 1)
    (nurse,) = staff(district.unit, 1, category="medical")
    draft = a_draft(district, [])
    client.force_login(district.owner)
    url = reverse("batches:choose", args=[draft.pk])
    page = client.get(url).content.decode()
    assert f"“卫生系列”的花名册</a>里列入：{nurse.name}<" in page
    page = client.post(url, {"people": [office.pk, nurse.pk]}, follow=True).content.decode()
    assert [row.person for row in draft.records.all()] == [office]
    assert f"{nurse.name}应走“卫生系列”（卫生系列的先送卫健局初审，通知 二(一)），不同类别不能混在一批" in page


class TestATeacherGoesToTheOfficeInMidCycle:
    def test_before_it_is_filed_the_year_is_filed_anew(self, district: District) -> None:
        person = teacher(district.unit, last=YEAR + 1)
        batch = a_draft(district, [person], path=Path.TEACHER)
        Person.objects.filter(pk=person.pk).update(category="general")
        with pytest.raises(Refused, match=f"{person.name}：现应走“一般人员”，请移出后列入该类批次"):
            fire(batch, "send", actor=district.owner)
        batch = Batch.objects.get(pk=batch.pk)
        services.remove_people(batch=batch, records=[batch.records.get().pk], actor=district.owner)
        again = a_draft(district, [person])
        fire(again, "submit", actor=district.owner)
        assert again.records.get().path == Path.GENERAL

    def test_what_was_filed_is_decided_by_what_was_frozen(self, district: District) -> None:
        person = teacher(district.unit, last=YEAR)
        batch = a_draft(district, [person], path=Path.CYCLE)
        batch.records.update(unmet_reason="学时未修满")
        fire(batch, "send", actor=district.owner)
        Person.objects.filter(pk=person.pk).update(category="general")
        a_seal(district.education)
        account_with("seal_keeper", district.education)
        fire(batch, "education_pass", actor=district.education_reviewer)
        row = batch.records.get()
        assert (batch.state, batch.authority, row.path) == ("submitted", district.education, Path.CYCLE)
        assert row.facts["category"] == "teacher"
