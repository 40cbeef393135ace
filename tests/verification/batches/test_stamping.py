"""Stamping: pages and roster with number, seal and register entry; the public check; revoking."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history, last_of
from tests.conftest import District
from tests.factories import account_with
from tests.id_ends import given_away
from tests.units.views.helpers import browser, workbook_rows
from tests.verification.batches.cases import on
from tests.verification.batches.samples import SEAL_NAME, a_batch, a_seal, learned, quick_batch, staff
from units.models import Person
from verification.batches import services
from verification.batches.form4 import row_of
from verification.batches.models import AnnualRecord, Batch, Material
from verification.counter.deciding import decide
from verification.requirements.display import on_paper

pytestmark = pytest.mark.django_db
R = AnnualRecord.State


def text_of(paper: Paper) -> str:
    """All text of a paper without blanks, which layout puts anywhere."""
    with paper.file.open() as file:
        pages = PdfReader(BytesIO(file.read())).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def author_of(paper: Paper) -> str:
    """Whom the file itself names as its author."""
    with paper.file.open() as file:
        return str(PdfReader(BytesIO(file.read())).metadata.author)  # type: ignore[union-attr]


def decided(district: District, *, short: int = 0) -> Batch:
    """A batch that was worked through at the counter: two met, `short` let pass by the approver."""
    batch = a_batch(district, people=[*staff(district.unit, 2), *staff(district.unit, short, met=False)])
    met = [r.pk for r in batch.records.all() if r.verdict["outcome"] == "met"]
    rest = list(batch.records.exclude(pk__in=met).values_list("pk", flat=True))
    decide(batch=batch, records=met, name="verify", actor=district.handler)
    decide(batch=batch, records=rest, name="waive", actor=district.approver, reason="下乡支教半年")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    fire(batch, "finish", actor=district.handler)
    return batch


def stamped(district: District, **more: int) -> Batch:
    batch = decided(district, **more)
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    sweep()
    return batch


def pages(batch: Batch) -> list[Paper]:
    return list(Paper.objects.of(batch).filter(kind="verification_person").order_by("pk"))


def roster(batch: Batch) -> Paper:
    return Paper.objects.of(batch).filter(kind="verification_roster").order_by("-pk")[0]


@pytest.mark.notice("一(一)")
@pytest.mark.notice("附件4")
def test_one_act_makes_a_page_for_each_the_roster_and_the_register(district: District) -> None:
    batch = stamped(district)
    assert batch.state == Batch.State.STAMPED
    assert set(batch.records.values_list("state", flat=True)) == {R.STAMPED}
    papers = [*pages(batch), roster(batch)]
    assert [paper.state for paper in papers] == ["issued"] * 3
    assert [paper.number for paper in papers] == [
        "洛人社验〔2027〕00001号",
        "洛人社验〔2027〕00002号",
        "洛人社验册〔2027〕0001号",
    ]
    assert {author_of(paper) for paper in papers} == {district.bureau.name}
    uses = SealUse.objects.order_by("pk")
    assert {(use.seal_name, use.approver, use.keeper, use.applicant) for use in uses} == {
        (SEAL_NAME, f"按规定出具（经办 {district.handler.name}）", district.keeper.name, district.unit.name)
    }
    assert {use.sha256 for use in uses} == {paper.sha256 for paper in papers}


@pytest.mark.notice("一(一)")
def test_a_page_says_the_seals_full_name_the_hours_and_the_same_verdict_as_the_screen(district: District) -> None:
    batch = stamped(district)
    record = batch.records.order_by("pk").first()
    paper = next(each for each in pages(batch) if each.subject_id == record.pk)
    text = text_of(paper)
    assert SEAL_NAME in text
    assert record.person.name in text
    assert record.person.masked_id in text
    assert record.person.id_number not in text
    for row in on_paper(record.verdict)["rows"]:
        assert "".join(f"{row['required']}{row['reached']}{row['counted']}{row['conclusion']}".split()) in text
    assert "公共科目24学时，专业科目72学时，合计96学时" in text
    assert "准予验证" in text


@pytest.mark.notice("一(三)1")
def test_the_reason_for_letting_somebody_pass_is_printed(district: District) -> None:
    batch = stamped(district, short=1)
    record = batch.records.get(waived_by=district.approver)
    paper = next(each for each in pages(batch) if each.subject_id == record.pk)
    assert "经审批同意通过验证。理由：下乡支教半年" in text_of(paper)
    assert "经审批：下乡支教半年" in text_of(roster(batch))


@pytest.mark.notice("附件4")
def test_the_roster_holds_everybody_the_form_and_the_seal(district: District) -> None:
    batch = stamped(district)
    text = text_of(roster(batch))
    for words in ("洛江区专业技术人员继续教育培训证书发放、验证花名册", "培训项目（名称、时间、主办单位）", SEAL_NAME):
        assert words in text
    for record in batch.records.all():
        assert record.person.name in text
        assert record.certificate_number in text


def test_the_roster_gives_no_number_away(district: District) -> None:
    batch = stamped(district)
    people = list(Person.objects.all())
    assert people[0].id_end[-6:] in text_of(roster(batch))
    assert [given_away(text_of(paper), people) for paper in (roster(batch), *pages(batch))] == [[], [], []]
    assert b"".join(browser(district.owner).get(reverse("papers:download", args=[roster(batch).uid])))
    assert not history(roster(batch)).filter(name__contains="whole_ids").exists()


@pytest.mark.notice("附件4")
def test_the_bureau_may_print_whole_numbers_each_printing_on_record(district: District, settings: Any) -> None:
    settings.WHOLE_IDS_ON_FORM4 = True
    batch = stamped(district)
    paper = roster(batch)
    assert all(person.id_number in text_of(paper) for person in Person.objects.all())
    assert not any(person.id_number in text_of(each) for person in Person.objects.all() for each in pages(batch))
    assert last_of(paper, "printed_with_whole_ids")
    for account in (district.owner, district.handler):
        assert b"".join(browser(account).get(reverse("papers:download", args=[paper.uid])))[:4] == b"%PDF"
    opened = history(paper).filter(name="opened_with_whole_ids").order_by("pk")
    assert [event.actor for event in opened] == [district.owner, district.handler]
    page = browser(district.handler).get(paper.get_absolute_url()).content.decode()
    assert "印有完整证件号码" in page
    assert not any(person.id_number in page for person in Person.objects.all())
    # What the unit prints for itself, and the workbook, stay masked whatever the setting.
    sheet = browser(district.owner).get(reverse("batches:sheet", args=[batch.pk]))
    assert given_away("\n".join(str(cell) for row in workbook_rows(sheet) for cell in row), Person.objects.all()) == []


def test_anyone_checks_a_page_by_its_code_and_reads_no_more_than_the_public_may(district: District) -> None:
    batch = stamped(district)
    paper = pages(batch)[0]
    record = AnnualRecord.objects.get(pk=paper.subject_id)
    said = Client().get(reverse("papers:check_code", args=[paper.code])).content.decode()
    for words in (paper.number, "2026 年度", "24 学时", "72 学时", "达标", "2027年1月6日"):
        assert words in said
    assert record.person.name not in said
    assert record.person.masked_id not in said


def test_the_employing_unit_reads_its_peoples_pages_a_neighbour_does_not(district: District) -> None:
    batch = stamped(district)
    paper = pages(batch)[0]
    assert Paper.objects.visible_to(district.colleague).filter(pk=paper.pk).exists()
    assert not Paper.objects.visible_to(district.neighbour).filter(pk=paper.pk).exists()


def test_only_a_seal_in_force_today_of_the_bureau_is_used(district: District) -> None:
    batch = decided(district)
    with pytest.raises(Refused, match="没有启用中的验证印章"):
        fire(batch, "stamp", actor=district.keeper)
    old = a_seal(district.bureau, name="旧验证章", last_day=date(2017, 3, 2), first_day=date(2010, 1, 1))
    health = a_seal(district.health)
    for seal in (old, health):
        with pytest.raises(Refused, match=r"现行的验证印章|没有启用中的"):
            fire(batch, "stamp", actor=district.keeper, data={"seal": seal})
    assert not Paper.objects.exists()


def test_whoever_finished_does_not_stamp(district: District) -> None:
    both = account_with("bureau_handler", district.bureau)
    account_with("seal_keeper", district.bureau)
    both.assignments.create(role="seal_keeper", unit=district.bureau, valid_from=date(2017, 1, 1))
    batch = a_batch(district)
    batch.records.update(state="verified")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    fire(batch, "finish", actor=district.fresh(both))
    with pytest.raises(Refused, match="须为两人"):
        fire(batch, "stamp", actor=district.fresh(both), data={"seal": a_seal(district.bureau)})


def test_whoever_verified_one_of_them_does_not_stamp_it(district: District) -> None:
    """Neither the roster, nor a page ahead of the others."""
    both = account_with("bureau_handler", district.bureau)
    both.assignments.create(role="seal_keeper", unit=district.bureau, valid_from=date(2017, 1, 1))
    batch = a_batch(district, people=staff(district.unit, 2))
    first, second = batch.records.order_by("pk")
    decide(batch=batch, records=[first.pk], name="verify", actor=district.fresh(both))
    seal = {"seal": a_seal(district.bureau)}
    with pytest.raises(Refused, match="办过“验证通过”"):
        fire(batch, "stamp_pages", actor=district.fresh(both), data=seal)
    decide(batch=batch, records=[second.pk], name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    fire(batch, "finish", actor=district.handler)
    with pytest.raises(Refused, match="办过“验证通过”"):
        fire(batch, "stamp", actor=district.fresh(both), data=seal)
    fire(batch, "stamp", actor=district.keeper, data=seal)


def test_a_keeper_of_another_unit_does_not_stamp(district: District) -> None:
    stranger = account_with("seal_keeper", district.health)
    with pytest.raises(Refused, match="只有监印人"):
        fire(decided(district), "stamp", actor=stranger, data={"seal": a_seal(district.bureau)})


def test_pages_are_stamped_while_somebody_still_has_to_bring_a_paper(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 2))
    first, second = batch.records.order_by("pk")
    decide(batch=batch, records=[first.pk], name="verify", actor=district.handler)
    decide(batch=batch, records=[second.pk], name="supplement", actor=district.handler, reason="缺缴费凭证")
    seal = a_seal(district.bureau)
    fire(batch, "stamp_pages", actor=district.keeper, data={"seal": seal})
    sweep()
    assert batch.state == Batch.State.SUBMITTED
    assert [paper.state for paper in pages(batch)] == ["issued"]
    decide(batch=batch, records=[second.pk], name="verify", actor=district.handler)
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": seal})
    sweep()
    assert len(pages(batch)) == 2
    assert roster(batch).state == "issued"


def test_a_wrong_stamped_decision_revokes_page_and_roster_and_opens_the_batch(district: District) -> None:
    batch = stamped(district)
    record = batch.records.order_by("pk").first()
    with pytest.raises(Refused, match="请勿写证件号码"):
        fire(record, "revoke", actor=district.approver, note="证件 350504199001011234 有误")
    fire(record, "revoke", actor=district.approver, note="学时认定已被撤销")
    batch.refresh_from_db()
    assert (record.state, batch.state) == (R.FILED, Batch.State.SUBMITTED)
    states = {paper.subject_id: paper.state for paper in pages(batch)}
    assert states[record.pk] == "revoked"
    assert roster(batch).state == "revoked"
    said = Client().get(reverse("papers:check_code", args=[roster(batch).code])).content.decode()
    assert "已撤销" in said
    decide(batch=batch, records=[record.pk], name="fail", actor=district.handler, reason="学时不足")
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": roster(batch).seal})
    sweep()
    assert roster(batch).state == "issued"
    assert roster(batch).replaces is not None


@pytest.mark.parametrize("name", ["verify", "fail"])
def test_whose_hours_have_changed_goes_under_no_seal_until_decided_anew(district: District, name: str) -> None:
    """Neither one who passed nor one who failed; and the counter does not finish such a batch."""
    batch = a_batch(district, people=staff(district.unit, 2))
    changed, other = batch.records.order_by("pk")
    decide(batch=batch, records=[other.pk], name="verify", actor=district.handler)
    decide(batch=batch, records=[changed.pk], name=name, actor=district.handler, reason="学时不足")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    seal = {"seal": a_seal(district.bureau)}
    fire(batch, "finish", actor=district.handler)
    learned(changed.person, "0", "8")
    with pytest.raises(Refused, match=f"{changed.person.name}办理以后学时有变动，不能用印：请区人社局撤回办结"):
        fire(batch, "stamp", actor=district.keeper, data=seal)
    assert not Paper.objects.exclude(seal=None).exists()

    fire(batch, "reopen", actor=district.handler, note="学时有变动")
    for act in ("finish", "stamp_pages"):
        actor = district.handler if act == "finish" else district.keeper
        with pytest.raises(Refused, match=f"{changed.person.name}办理以后学时有变动，请撤回其结论"):
            fire(batch, act, actor=actor, data=seal)
    decide(batch=batch, records=[changed.pk], name="withdraw", actor=district.handler, reason="学时有变动")
    services.refreeze(batch=batch, actor=district.handler)
    decide(batch=batch, records=[changed.pk], name="verify", actor=district.handler)
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data=seal)
    sweep()
    assert "专业科目80学时" in "".join(text_of(page) for page in pages(batch))


@pytest.mark.notice("二(一)教师验印")
def test_a_teachers_year_whose_hours_have_changed_is_not_stamped(district: District) -> None:
    batch = quick_batch(district, "in_review")
    on("teacher", "education")(district, batch)
    keeper = account_with("seal_keeper", district.education)
    seal = {"seal": a_seal(district.education, name="洛江区教育局验印章")}
    fire(batch, "validate", actor=district.education_reviewer)
    learned(batch.records.get().person, "0", "8")
    with pytest.raises(Refused, match="学时有变动，不能用印：请主管部门撤回年度审核"):
        fire(batch, "stamp", actor=keeper, data=seal)
    fire(batch, "unvalidate", actor=district.education_reviewer, note="学时有变动")
    services.refreeze(batch=batch, actor=district.education_reviewer)
    fire(batch, "validate", actor=district.education_reviewer)
    fire(batch, "stamp", actor=keeper, data=seal)
    assert batch.records.get().state == R.STAMPED


def test_a_reason_that_no_longer_applies_is_not_printed(district: District) -> None:
    """What was said of hours that were missing, and a reason left in the field from the person before."""
    batch = a_batch(district, people=staff(district.unit, 1, met=False))
    record = batch.records.get()
    batch.records.update(unmet_reason="外派半年未修满")
    assert row_of(batch.records.get())["unmet_reason"] == "外派半年未修满"
    learned(record.person, "0", "40")
    services.refreeze(batch=batch, actor=district.handler)
    decide(batch=batch, records=[record.pk], name="supplement", actor=district.handler, reason="缺缴费凭证")
    decide(batch=batch, records=[record.pk], name="verify", actor=district.handler, reason="专业科目学时不足")
    Batch.objects.filter(pk=batch.pk).update(materials_seen=Material.values)
    batch.refresh_from_db()
    fire(batch, "finish", actor=district.handler)
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    sweep()
    for paper in (*pages(batch), roster(batch)):
        for gone in ("外派半年未修满", "缺缴费凭证", "专业科目学时不足"):
            assert gone not in text_of(paper)


def test_stamping_twice_is_refused_and_makes_no_second_paper(district: District) -> None:
    batch = stamped(district)
    with pytest.raises(Refused, match="现在的状态是“已盖章”"):
        fire(batch, "stamp", actor=district.keeper, data={"seal": roster(batch).seal})
    assert Paper.objects.of(batch).count() == 3


@pytest.mark.parametrize(
    ("outcome", "waived", "words"),
    [
        ("undetermined", True, "规定要求未设定，达标情况未判定，经审批同意通过验证"),
        ("unmet", True, "未达到规定要求，经审批同意通过验证"),
        ("in_progress", False, "任职周期未满"),
        ("met", False, "达到规定要求，准予验证"),
    ],
)
def test_a_page_claims_no_more_than_was_found(district: District, outcome: str, waived: bool, words: str) -> None:
    batch = a_batch(district, people=staff(district.unit, 1))
    record = batch.records.get()
    waived_by = district.approver if waived else None
    facts = {"verdict": {**record.verdict, "outcome": outcome}, "waived_by": waived_by, "reason": "援藏"}
    batch.records.update(state=R.VERIFIED, **facts)
    fire(batch, "stamp_pages", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    sweep()
    assert words in text_of(pages(batch)[0])


@pytest.mark.notice("二(一)教师验印")
def test_a_teachers_stamped_year_is_revoked_by_the_education_bureau_and_decided_again(district: District) -> None:
    batch = quick_batch(district, "in_review")
    on("teacher", "education")(district, batch)
    keeper = account_with("seal_keeper", district.education)
    seal = {"seal": a_seal(district.education, name="洛江区教育局验印章")}
    fire(batch, "validate", actor=district.education_reviewer)
    fire(batch, "stamp", actor=keeper, data=seal)
    sweep()
    record = batch.records.get()
    with pytest.raises(Refused, match="只有区人社局审批"):
        fire(record, "revoke", actor=district.approver, note="登记有误")
    fire(record, "revoke_year", actor=district.education_reviewer, note="登记有误")
    batch.refresh_from_db()
    assert (record.state, batch.state) == (R.FILED, Batch.State.IN_REVIEW)
    assert set(Paper.objects.of(batch).values_list("state", flat=True)) == {"revoked"}
    learned(record.person, "0", "8")
    with pytest.raises(Refused, match="学时有变动，请先按现有学时重新核算"):
        fire(batch, "validate", actor=district.education_reviewer)
    batch.refresh_from_db()
    with pytest.raises(NotPossible, match="由主管部门重新核算"):
        services.refreeze(batch=batch, actor=district.handler)
    assert services.refreeze(batch=batch, actor=district.education_reviewer) == 1
    fire(batch, "validate", actor=district.education_reviewer)
    fire(batch, "stamp", actor=keeper, data=seal)
    sweep()
    assert list(Paper.objects.of(batch).filter(state="issued").order_by("kind").values_list("kind", flat=True)) == [
        "education_person",
        "education_roster",
    ]


@pytest.mark.notice("二(一)教师验印")
def test_a_teachers_year_is_stamped_by_the_education_bureau(district: District) -> None:
    batch = quick_batch(district, "in_review")
    on("teacher", "education")(district, batch)
    keeper = account_with("seal_keeper", district.education)
    seal = a_seal(district.education, name="洛江区教育局验印章")
    fire(batch, "validate", actor=district.education_reviewer)
    with pytest.raises(Refused, match="只有监印人"):
        fire(batch, "stamp", actor=district.keeper, data={})
    fire(batch, "stamp", actor=keeper, data={"seal": seal})
    sweep()
    kinds = set(Paper.objects.of(batch).values_list("kind", "state"))
    assert kinds == {("education_person", "issued"), ("education_roster", "issued")}


def test_the_list_of_papers_names_whom_they_are_about_to_whoever_may_know(district: District) -> None:
    batch = stamped(district)
    record = batch.records.select_related("person").order_by("pk").first()
    client = Client()
    address, name = reverse("papers:list"), record.person.name
    for account, seen in ((district.owner, True), (district.handler, True), (district.neighbour, False)):
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        for query in ({}, {"q": name}):
            rows = client.get(address, query).content.decode()
            assert (f'<b class="text-nowrap">{name}</b>' in rows) is seen
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    paper = next(each for each in pages(batch) if each.subject_id == record.pk)
    response = client.get(reverse("papers:download", args=[paper.uid]), {"save": "1"})
    assert quote(name) in response.headers["Content-Disposition"]
    b"".join(response.streaming_content)


def test_the_workbook_of_papers_says_whom_they_are_about_and_tells_namesakes_apart(district: District) -> None:
    batch = stamped(district)
    Person.objects.update(name="王芳")
    client = Client()
    client.force_login(district.handler, backend="django.contrib.auth.backends.ModelBackend")
    (head, *rows) = workbook_rows(client.get(reverse("papers:export")))
    said = {row[0]: row[head.index("姓名")] for row in rows}
    people = {row.pk: row.person for row in batch.records.select_related("person")}
    assert len(people) > 1
    wanted = {paper.number: f"王芳（尾号 {people[paper.subject_id].id_number[-2:]}）" for paper in pages(batch)}
    assert {number: said[number] for number in wanted} == wanted


def test_the_list_of_papers_asks_as_often_for_thirty_as_for_three(
    district: District, django_assert_max_num_queries: Any
) -> None:
    seal, asked = a_seal(district.bureau), []
    for size in (3, 30):
        batch = a_batch(district, "decided", people=staff(district.unit, size))
        fire(batch, "stamp", actor=district.keeper, data={"seal": seal})
        client = Client()
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse("papers:list"))
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_the_public_check_of_the_roster_does_not_say_why_one_person_was_withdrawn(district: District) -> None:
    batch = stamped(district)
    one, other = batch.records.order_by("pk")
    fire(one, "revoke", actor=district.approver, note="论文系抄袭")
    client = Client()
    said = {
        paper: client.get(reverse("papers:check_code", args=[paper.code])).content.decode()
        for paper in [*pages(batch), roster(batch)]
    }
    for paper, html in said.items():
        assert ("论文系抄袭" in html) is (paper.subject_id == one.pk), paper
    assert "册内有人的验证结论已撤销，本花名册作废" in said[roster(batch)]
    assert next(html for paper, html in said.items() if paper.subject_id == other.pk).count("已撤销") == 0
