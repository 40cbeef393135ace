"""发证: a booklet gets its number when the page is stamped, or at the counter while no pattern is set (附件4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.verification.batches.cases import on
from tests.verification.batches.samples import a_batch, a_draft, a_seal, quick_batch, staff
from tests.verification.batches.test_stamping import pages, text_of
from units.models import Certificate
from units.services.certificates import set_pattern
from verification.batches import services
from verification.batches.completeness import missing_of
from verification.batches.models import AnnualRecord, Batch, Material
from verification.counter.deciding import decide

pytestmark = [pytest.mark.django_db, pytest.mark.notice("附件4")]


def verified(district: District, number: int = 2) -> Batch:
    """Everybody passed, nobody has a booklet yet."""
    batch = a_batch(district, people=staff(district.unit, number, booklet=False))
    assert all(batch.records.values_list("issues", flat=True))
    decide(batch=batch, records=list(batch.records.values_list("pk", flat=True)), name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    return batch


def test_the_stamp_gives_each_a_number_of_the_bureaus_pattern(district: District) -> None:
    set_pattern(kind="general", typed="洛继教{年}{序号:4}", following=7, actor=district.system_admin)
    batch = verified(district)
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    sweep()
    rows = list(batch.records.order_by("certificate_number"))
    assert [row.certificate_number for row in rows] == ["洛继教20270007", "洛继教20270008"]
    assert [row.person.certificates.get().number for row in rows] == [row.certificate_number for row in rows]
    for row in rows:
        paper = next(page for page in pages(batch) if page.subject_id == row.pk)
        assert f"证书编号{row.certificate_number}" in text_of(paper)
    fire(rows[0], "revoke", actor=district.approver, note="学时认定已被撤销")
    decide(batch=batch, records=[rows[0].pk], name="verify", actor=district.handler)
    fire(batch, "stamp_pages", actor=district.keeper, data={"seal": pages(batch)[0].seal})
    rows[0].refresh_from_db()
    assert rows[0].certificate_number == "洛继教20270007"
    assert Certificate.objects.count() == 2


def test_while_no_pattern_is_set_the_counter_types_it(district: District) -> None:
    batch = verified(district, 1)
    record = batch.records.get()
    seal = {"seal": a_seal(district.bureau)}
    for name, actor in (("finish", district.handler), ("stamp_pages", district.keeper)):
        with pytest.raises(Refused, match=f"{record.person.name}发证、换证还没有编号（编号规则未设定）"):
            fire(batch, name, actor=actor, data=seal)
    client = Client()
    client.force_login(district.handler)
    page = client.get(reverse("batches:record", args=[record.pk])).content.decode()
    here = reverse("batches:certificate", args=[record.pk])
    assert here in page
    assert client.post(here, {"number": "0526-0901"}).status_code == 302
    assert record.person.certificates.get().number == "0526-0901"
    client.post(here, {"number": "0526-0910"})  # a slip of the pen is put right, not a second booklet
    assert record.person.certificates.get().number == "0526-0910"
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data=seal)
    record.refresh_from_db()
    assert (record.state, record.certificate_number) == ("stamped", "0526-0910")


def test_a_number_that_was_typed_is_kept_with_the_person_for_next_year(district: District) -> None:
    """A booklet that nobody had registered: the counter has looked at it."""
    people = staff(district.unit, 1, booklet=False)
    batch = a_batch(district, people=people)
    batch.records.update(issues=False, certificate_number="0526-0333", state="verified")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    assert people[0].certificates.get().number == "0526-0333"


class TestSomebodyElses:
    def test_is_told_before_filing_and_stops_it(self, district: District) -> None:
        Certificate.objects.create(person=person_in(district.neighbour_unit), number="0526-0333")
        batch = a_draft(district)
        batch.records.filter(pk=batch.records.order_by("pk")[0].pk).update(certificate_number="0526-0333")
        assert [problem.text for problem in missing_of(batch)] == ["证书编号已登记给另一人，请对照证书核对"]
        with pytest.raises(Refused, match="证书编号已登记给另一人"):
            fire(batch, "submit", actor=district.owner)

    def test_who_is_to_get_a_booklet_types_no_number(self, district: District) -> None:
        batch = a_draft(district, people=staff(district.unit, 1, booklet=False))
        batch.records.update(certificate_number="自编1号")
        assert "编号由区人社局给出" in missing_of(batch)[0].text

    def test_is_not_stamped_and_the_counter_puts_it_right(self, district: District) -> None:
        batch = verified(district, 1)
        record = batch.records.get()
        Certificate.objects.create(person=person_in(district.neighbour_unit), number="0526-0333")
        batch.records.update(certificate_number="0526-0333")
        with pytest.raises(Refused, match="证书编号已登记给另一人，请在个人页更正"):
            fire(batch, "finish", actor=district.handler)
        with pytest.raises(NotPossible, match="已登记给另一人"):
            services.type_number(row=record, number="0526-0333", actor=district.handler)
        services.type_number(row=record, number="0526-0334", actor=district.handler)
        fire(batch, "finish", actor=district.handler)


@pytest.mark.notice("二(一)教师验印")
def test_of_a_teachers_year_the_education_bureau_types_it_before_it_decides(district: District) -> None:
    batch = quick_batch(district, "in_review")
    on("teacher", "education")(district, batch)
    batch.records.update(issues=True, certificate_number="")
    record = batch.records.get()
    keeper = account_with("seal_keeper", district.education)
    seal = a_seal(district.education, name="洛江区教育局验印章")
    with pytest.raises(Refused, match="发证、换证还没有编号"):
        fire(batch, "validate", actor=district.education_reviewer)
    with pytest.raises(NotPossible, match="由正在办理这一批次的单位填写"):
        services.type_number(row=record, number="0526-0901", actor=district.handler)
    services.type_number(row=record, number="0526-0901", actor=district.education_reviewer)
    fire(batch, "validate", actor=district.education_reviewer)
    fire(batch, "stamp", actor=keeper, data={"seal": seal})
    assert record.person.certificates.get().number == "0526-0901"


def test_the_unit_may_not_type_it(district: District) -> None:
    record = verified(district, 1).records.get()
    client = Client()
    client.force_login(district.owner)
    assert client.post(reverse("batches:certificate", args=[record.pk]), {"number": "1"}).status_code == 404
    with pytest.raises(NotPossible):
        services.type_number(row=record, number="0526-0901", actor=district.owner)


class TestExpired:
    """附件4: 换证. An expired booklet is not verified as it is; it is exchanged with the verification."""

    def one(self, district: District, last: date) -> AnnualRecord:
        (person,) = staff(district.unit, 1)
        person.certificates.update(valid_to=last)
        return a_draft(district, people=[person]).records.select_related("batch").get()

    def test_is_proposed_to_be_exchanged_and_not_filed_as_it_is(self, district: District) -> None:
        record = self.one(district, clock.today() - timedelta(days=1))
        assert (record.renews, record.verifies, record.issues) == (True, True, False)
        assert missing_of(record.batch) == []
        AnnualRecord.objects.filter(pk=record.pk).update(renews=False)
        said = missing_of(record.batch)[0].text
        assert said.startswith("继续教育证书已于")
        assert "请勾选“换证”" in said
        with pytest.raises(Refused, match="请勾选“换证”"):
            fire(record.batch, "submit", actor=district.owner)

    def test_nobody_who_holds_one_is_issued_another(self, district: District) -> None:
        record = self.one(district, clock.today() - timedelta(days=1))
        for ticked, said in (({"renews": False}, "请勾选“换证”"), ({"renews": True}, "只能勾选一项")):
            AnnualRecord.objects.filter(pk=record.pk).update(issues=True, **ticked)
            assert said in missing_of(record.batch)[0].text

    def test_on_its_last_day_it_holds(self, district: District) -> None:
        record = self.one(district, clock.today())
        assert not record.renews
        assert missing_of(record.batch) == []

    def test_its_page_and_the_choice_of_people_say_so(self, client, district: District) -> None:
        record = self.one(district, clock.today() - timedelta(days=1))
        client.force_login(district.owner)
        page = client.get(reverse("batches:record", args=[record.pk])).content.decode()
        assert "换证，用印时给出新编号" in page
        AnnualRecord.objects.all().delete()
        page = client.get(reverse("batches:choose", args=[record.batch_id])).content.decode()
        assert "已到期，须换证" in page


class TestExchanged:
    def exchanging(self, district: District) -> Batch:
        batch = a_batch(district, people=staff(district.unit, 1))
        batch.records.update(renews=True)
        row = batch.records.get()
        decide(batch=batch, records=[row.pk], name="verify", actor=district.handler)
        Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
        batch.refresh_from_db()
        return batch

    def test_the_stamp_gives_another_number_once_and_prints_both(self, district: District) -> None:
        set_pattern(kind="general", typed="洛继教{年}{序号:4}", following=7, actor=district.system_admin, valid_years=6)
        batch = self.exchanging(district)
        former = batch.records.get().certificate_number
        fire(batch, "finish", actor=district.handler)
        fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
        sweep()
        row = batch.records.get()
        number = f"洛继教{clock.today().year}0007"
        assert (row.certificate_number, row.former_number) == (number, former)
        held = {each.number: each for each in row.person.certificates.all()}
        assert held[former].valid_to == clock.today() - timedelta(days=1)
        assert (held[number].valid_from, held[number].valid_to is None) == (clock.today(), False)
        assert f"证书编号{number}原{former}" in text_of(pages(batch)[0])
        fire(row, "revoke", actor=district.approver, note="学时认定已被撤销")
        decide(batch=batch, records=[row.pk], name="verify", actor=district.handler)
        fire(batch, "stamp_pages", actor=district.keeper, data={"seal": pages(batch)[0].seal})
        row.refresh_from_db()
        assert (row.certificate_number, row.person.certificates.count()) == (number, 2)

    def test_without_a_pattern_the_counter_types_the_new_number(self, district: District) -> None:
        batch = self.exchanging(district)
        row = batch.records.get()
        former = row.certificate_number
        with pytest.raises(Refused, match="发证、换证还没有编号"):
            fire(batch, "finish", actor=district.handler)
        with pytest.raises(NotPossible, match="这是原证书的编号"):
            services.type_number(row=row, number=former.lower(), actor=district.handler)
        for number in ("0526-0900", "0526-0901"):  # a slip of the pen is put right
            row = services.type_number(row=row, number=number, actor=district.handler)
        assert (row.certificate_number, row.former_number) == ("0526-0901", former)
        fire(batch, "finish", actor=district.handler)
        fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
        assert {each.number for each in row.person.certificates.all()} == {former, "0526-0901"}
        assert row.person.certificates.get(number=former).valid_to is not None


def test_a_doctor_who_holds_both_booklets_is_listed_with_the_medical_one(district: District) -> None:
    (person,) = staff(district.unit, 1, category="medical")
    Certificate.objects.create(person=person, kind="medical", number="医0001")
    batch = a_draft(district, people=[person], path="medical")
    assert batch.records.get().certificate_number == "医0001"
