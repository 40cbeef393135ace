"""Asking for papers: once each, whoever asks; refusals say everything; revoking."""

from datetime import date

import pytest
from django.db import transaction

from luojiang_ce.jobs.models import Job
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.public import NotForThePublic
from luojiang_ce.papers.services import request_paper, request_papers, retry, revoke_papers, revoke_standing
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import SYSTEM, Refused
from luojiang_ce.workflow.models import Event
from tests.conftest import in_parallel
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_letter, made, seal_of


@pytest.mark.django_db
def test_a_paper_is_pending_with_a_job_and_without_a_number(district, seal):
    paper = request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal, reason="准予开班")
    assert (paper.state, paper.number, paper.file.name) == (Paper.State.PENDING, None, "")
    assert paper.job.kind == "papers.issue"
    assert paper.job.case_id == district.unit.pk
    assert paper.keeper == district.keeper  # who keeps the seal and asks is the 监印人


@pytest.mark.django_db
def test_asking_twice_gives_the_same_paper_and_one_job(district):
    first = request_paper("sample.letter", district.unit, actor=district.handler)
    again = request_paper("sample.letter", district.unit, actor=district.approver)
    assert first == again
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_case_subject_and_variant_tell_papers_apart(district):
    person = person_in(district.unit)
    request = {"actor": district.handler}
    papers = {
        request_paper("sample.page", district.unit, subject=person, **request).pk,
        request_paper("sample.page", district.unit, subject=person, variant="2024", **request).pk,
        request_paper("sample.page", district.unit, subject=person_in(district.unit, "许明"), **request).pk,
        request_paper("sample.page", district.neighbour_unit, subject=person, **request).pk,
    }
    assert len(papers) == 4


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_paper(district):
    def ask(actor):
        return lambda: request_paper("sample.letter", district.unit, actor=actor).pk

    assert len(set(in_parallel([ask(district.handler), ask(district.approver)] * 2))) == 1
    assert Paper.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_rolled_back_leaves_nothing(district):
    with transaction.atomic():
        request_paper("sample.letter", district.unit, actor=district.handler)
        transaction.set_rollback(True)
    assert (Paper.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_many_papers_are_one_job_in_the_order_asked_for(district, django_assert_max_num_queries):
    people = [person_in(district.unit, f"王{i}") for i in range(30)]
    with django_assert_max_num_queries(20):
        papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=people)
    assert [paper.subject_id for paper in papers] == [person.pk for person in people]
    assert len({paper.job_id for paper in papers}) == 1
    assert len({paper.code for paper in papers}) == 30


@pytest.mark.django_db
@pytest.mark.parametrize("size", [3, 20])  # SQLite takes 999 values a statement: of 25 rows the last go alone
def test_the_queries_of_a_bulk_request_do_not_grow(district, size, django_assert_num_queries):
    people = [person_in(district.unit, f"王{i}") for i in range(size)]
    with django_assert_num_queries(11):
        request_papers("sample.page", district.unit, actor=SYSTEM, subjects=people)


@pytest.mark.django_db
def test_nobody_asked_for_is_nothing_made(district):
    assert request_papers("sample.page", district.unit, actor=district.keeper, subjects=[]) == []


@pytest.mark.django_db
def test_a_typed_number_is_needed_where_there_is_no_series_and_refused_where_there_is(district):
    with pytest.raises(match="请填写培训项目公布文件的发文字号"):
        request_paper("sample.typed", district.unit, actor=district.handler)
    with pytest.raises(match="自动编号"):
        request_paper("sample.letter", district.unit, actor=district.handler, number="甲〔2026〕1号")
    paper = request_paper("sample.typed", district.unit, actor=district.handler, number=" 泉洛政人社〔2026〕15号 ")
    assert paper.number == "泉洛政人社〔2026〕15号"
    with pytest.raises(match="泉洛政人社〔2026〕15号 已经用过"):
        request_paper("sample.typed", district.neighbour_unit, actor=district.handler, number="泉洛政人社〔2026〕15号")


@pytest.mark.django_db
def test_everything_that_is_wrong_is_said_at_once(district):
    old = seal_of(district.bureau, name="旧章", last_day=date(2016, 12, 31))
    with pytest.raises(NotPossible) as refused:
        request_paper("sample.typed", district.unit, actor=district.handler, seal=old, keeper=district.handler)
    assert len(refused.value.reasons) == 3
    assert "旧章”已于 2016年12月31日停用" in str(refused.value)
    assert "监印人不保管印章" in str(refused.value)


@pytest.mark.django_db
@pytest.mark.notice("一(一)")
def test_a_seal_is_used_between_its_days_and_a_renamed_one_is_another_seal(district):
    old = seal_of(district.bureau, name="旧章", last_day=date(2017, 3, 2))
    new = seal_of(district.bureau, first_day=date(2017, 3, 3))
    assert Seal.objects.for_use(district.bureau, "verification", date(2017, 3, 2)) == old
    assert Seal.objects.for_use(district.bureau, "verification", date(2017, 3, 3)) == new
    assert Seal.objects.for_use(district.health, "verification", date(2017, 3, 3)) is None
    assert "启用" in (new.problem_on(date(2017, 3, 2)) or "")
    assert new.problem_on(date(2026, 1, 1)) is None


@pytest.mark.django_db
def test_a_signing_seal_is_refused_until_there_is_a_certificate(district):
    seal = seal_of(district.bureau, provider=Seal.Provider.SIGNED)
    with pytest.raises(match="没有选定签名证书"):
        request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal)


@pytest.mark.django_db
def test_an_unknown_kind_and_a_foreign_case_are_mistakes_of_the_caller(district):
    with pytest.raises(LookupError):
        request_paper("no.such", district.unit, actor=district.handler)
    with pytest.raises(TypeError):
        request_paper("sample.letter", district.handler, actor=district.handler)


@pytest.mark.django_db
def test_a_revoked_paper_stays_with_its_number_and_the_next_one_replaces_it(district, seal):
    paper = issued_letter(district)
    before = (paper.number, paper.sha256, paper.file.name)
    revoke_papers([paper], actor=district.approver, reason="课程表被更正")
    paper.refresh_from_db()
    assert (paper.state, paper.revoked_by, paper.revoke_reason) == (
        Paper.State.REVOKED,
        district.approver,
        "课程表被更正",
    )
    assert (paper.number, paper.sha256, paper.file.name) == before
    following = made(request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal))
    assert following.replaces == paper
    assert following.number != paper.number


@pytest.mark.django_db
def test_revoking_needs_an_issuer_and_a_reason_fit_for_the_public(district, seal):
    paper = issued_letter(district)
    with pytest.raises(Refused, match="签发机关"):
        revoke_papers([paper], actor=district.owner, reason="不想要了")
    with pytest.raises(Refused, match="须写明原因"):
        revoke_papers([paper], actor=district.approver, reason="  ")
    with pytest.raises(NotForThePublic):
        revoke_papers([paper], actor=district.approver, reason="999999198503120018 弄错了")
    paper.refresh_from_db()
    assert paper.state == Paper.State.ISSUED


@pytest.mark.django_db
def test_revoking_many_leaves_those_already_revoked(district, seal):
    papers = [issued_letter(district), request_paper("sample.roster", district.unit, actor=district.handler)]
    assert revoke_papers(papers, actor=district.approver, reason="批次撤回") == 2
    assert revoke_papers(Paper.objects.all(), actor=district.approver, reason="再撤一次") == 0
    assert Event.objects.filter(case_type="papers.paper", name="revoke").count() == 2


@pytest.mark.django_db
def test_what_stands_of_a_kind_is_revoked_about_one_subject_or_all_and_nothing_else(district):
    unit, people = district.unit, [person_in(district.unit), person_in(district.unit, "许明")]
    first, second = request_papers("sample.page", unit, actor=district.handler, subjects=people)
    kept = [
        request_paper("sample.page", unit, subject=people[0], variant="2024", actor=district.handler),
        request_paper("sample.page", district.neighbour_unit, subject=people[0], actor=district.handler),
        request_paper("sample.roster", unit, actor=district.handler),
    ]
    why = {"actor": district.approver, "reason": "结论有误"}
    assert revoke_standing("sample.page", unit, subject=people[0], **why) == 1
    assert revoke_standing("sample.page", unit, **why) == 1
    assert revoke_standing("sample.page", unit, **why) == 0
    assert set(Paper.objects.standing()) == set(kept)
    assert set(Paper.objects.filter(revoke_reason="结论有误")) == {first, second}


@pytest.mark.django_db
def test_a_failed_paper_goes_back_to_work_with_its_number(district):
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.FAILED, number="洛人社培〔2026〕7号")
    Job.objects.update(state=Job.State.FAILED)
    retry(paper, actor=district.handler)
    assert (paper.state, paper.number) == (Paper.State.PENDING, "洛人社培〔2026〕7号")
    assert paper.job.state == Job.State.QUEUED
    assert retry(paper, actor=district.handler).job == paper.job  # a second click changes nothing
