"""Papers on screen: visible where their case is; waiting, failing; the register of seal use."""

import io
from datetime import timedelta
from uuid import UUID

import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.papers import printouts
from luojiang_ce.papers.forms import PaperFilter
from luojiang_ce.papers.kinds import PaperKind, paper_kinds, papers_in_review
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.papers.registerbook import REGISTER
from luojiang_ce.papers.services import request_paper, request_papers, revoke_papers
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.papers.samples import PAGE, SEAL_NAME, issued_letter, issued_page, made, register_paper, seal_of
from tests.units.views.helpers import workbook_rows
from units.models import Person

LIST = reverse("papers:list")
BOOK = reverse("papers:register")


def get(client, account, address, **kwargs):
    client.force_login(account)
    return client.get(address, **kwargs)


@pytest.mark.django_db
def test_the_list_shows_the_papers_of_the_cases_one_sees(client, district, seal):
    paper = issued_letter(district)
    page = get(client, district.owner, LIST).content.decode()
    assert '<span class="lj-state plain is-done">有效</span>' in page
    for account, sees in ((district.owner, True), (district.colleague, True), (district.neighbour, False)):
        assert (paper.number in get(client, account, LIST).content.decode()) is sees
        for name in ("paper", "download", "state"):
            response = get(client, account, reverse(f"papers:{name}", args=[paper.uid]))
            assert (response.status_code == 404) is not sees
            b"".join(response)
    client.logout()
    for name in ("paper", "download", "state"):
        assert client.get(reverse(f"papers:{name}", args=[paper.uid])).status_code == 302


@pytest.mark.django_db
def test_a_paper_open_to_its_subject_is_seen_where_the_subject_is(client, district):
    kind = PaperKind(**{**PAGE.__dict__, "key": "sample.open", "open_to_subject": True})
    register_paper(kind)
    person = person_in(district.neighbour_unit)
    paper = request_paper("sample.open", district.unit, actor=district.handler, subject=person)
    closed = request_paper("sample.page", district.unit, actor=district.handler, subject=person)
    assert Person.objects.visible_to(district.neighbour).filter(pk=person.pk).exists()
    assert list(Paper.objects.visible_to(district.neighbour)) == [paper]
    assert set(Paper.objects.visible_to(district.owner)) == {paper, closed}


@pytest.mark.django_db
def test_what_was_revoked_before_it_had_a_number_leaves_the_usual_list_and_awaits_none(client, district):
    letter = issued_letter(district)
    never = request_paper("sample.roster", district.unit, actor=district.handler)
    revoke_papers([letter, never], actor=district.approver, reason="有误")
    usual = get(client, district.handler, LIST).content.decode()
    assert letter.number in usual
    assert never.get_absolute_url() not in usual
    assert "全部（未出具即撤销的，查找时才列出）" in usual
    found = get(client, district.handler, LIST, data={"q": never.title}).content.decode()
    assert never.get_absolute_url() in found  # nothing is hidden from who looks for it
    asked = get(client, district.handler, LIST, data={"state": "revoked"}).content.decode()
    for page in (asked, get(client, district.handler, never.get_absolute_url()).content.decode()):
        assert never.title in page
        assert "未出具即撤销" in page
        assert "待编号" not in page


@pytest.mark.django_db
def test_the_list_is_filtered_and_says_when_nothing_fits(client, district):
    letter = issued_letter(district)
    waiting = request_paper("sample.roster", district.unit, actor=district.handler)
    for query, found, missed in (
        ({"state": "issued"}, letter.title, waiting.title + "</td>"),
        ({"kind": "sample.roster"}, waiting.title, letter.number),
        ({"q": letter.number[-4:]}, letter.number, waiting.title + "</td>"),
        ({"job": str(waiting.job.uid)}, waiting.title, letter.number),
    ):
        text = get(client, district.handler, LIST, data=query).content.decode()
        assert found in text
        assert missed not in text
    for odd in ({"year": "1999"}, {"q": "没有的"}, {"job": "x"}, {"kind": "x"}, {"page": "99"}, {"year": "a"}):
        assert get(client, district.handler, LIST, data=odd).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("account", ["owner", "handler"])
def test_the_lists_make_the_same_queries_for_3_and_30(client, district, seal, account, django_assert_max_num_queries):
    people = [person_in(district.unit, f"王{i}") for i in range(30)]
    client.force_login(getattr(district, account))
    counts = []
    for size in (3, 30):
        papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=people[:size], seal=seal)
        made(papers[-1])
        with django_assert_max_num_queries(12) as queries:
            client.get(LIST)
        counts.append(len(queries))
        if account == "handler":
            with django_assert_max_num_queries(12) as queries:
                client.get(BOOK)
            counts.append(len(queries))
    assert counts[: len(counts) // 2] == counts[len(counts) // 2 :]


@pytest.mark.django_db
def test_what_is_looked_at_again_is_found_in_as_many_queries_for_all_kinds(django_assert_max_num_queries):
    papers = [Paper(pk=nth, kind=kind, state=Paper.State.ISSUED) for nth, kind in enumerate(sorted(paper_kinds()) * 3)]
    with django_assert_max_num_queries(4):
        assert papers_in_review(papers) == set()


@pytest.mark.django_db
def test_a_paper_page_tells_all_and_makes_few_queries(client, district, django_assert_max_num_queries):
    paper = issued_letter(district, reason="准予开班")
    client.force_login(district.handler)
    with django_assert_max_num_queries(20):
        text = client.get(paper.get_absolute_url()).content.decode()
    for part in (
        paper.number,
        SEAL_NAME,
        paper.seal_uses.get().number,
        paper.sha256,
        "准予开班",
        paper.code,
        district.unit.name,
    ):
        assert part in text
    revoke_papers([paper], actor=district.approver, reason="课程表被更正")
    assert "课程表被更正" in client.get(paper.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_the_file_opens_in_the_browser_or_is_saved(client, district):
    paper = issued_letter(district)
    address = reverse("papers:download", args=[paper.uid])
    response = get(client, district.owner, address)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "no-store" in response.headers["Cache-Control"]
    with paper.file.open() as file:
        assert b"".join(response.streaming_content) == file.read()
    saved = get(client, district.owner, address, data={"save": "1"})
    assert saved.headers["Content-Disposition"].startswith("attachment")
    b"".join(saved.streaming_content)


@pytest.mark.django_db
def test_a_pending_paper_is_asked_for_until_it_is_there(client, district):
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    address = reverse("papers:state", args=[paper.uid])
    waiting = get(client, district.owner, address)
    assert waiting.status_code == 200
    assert "正在生成" in waiting.content.decode()
    assert f'hx-get="{address}"' in waiting.content.decode()
    assert get(client, district.owner, reverse("papers:download", args=[paper.uid])).status_code == 404
    made(paper)
    ready = client.get(address)
    assert ready.status_code == 286  # htmx stops asking
    assert "hx-get" not in ready.content.decode()
    assert reverse("papers:download", args=[paper.uid]) in ready.content.decode()


@pytest.mark.django_db
def test_a_failed_paper_offers_the_bureau_to_make_it_again(client, district):
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.FAILED)
    again = reverse("papers:retry", args=[paper.uid])
    assert "请联系区人社局经办" in get(client, district.owner, paper.get_absolute_url()).content.decode()
    assert client.post(again).status_code == 404
    assert again in get(client, district.handler, paper.get_absolute_url()).content.decode()
    assert client.get(again).status_code == 405
    assert client.post(again).headers["Location"] == paper.get_absolute_url()
    paper.refresh_from_db()
    assert made(paper).state == Paper.State.ISSUED


@pytest.mark.django_db(transaction=True)
def test_the_register_cannot_be_changed_even_with_the_database_at_hand(district):
    use = issued_letter(district).seal_uses.get()
    for statement in ("UPDATE papers_sealuse SET copies = 9", "DELETE FROM papers_sealuse"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        use.delete()
    assert SealUse.objects.get() == use


@pytest.mark.django_db
def test_the_register_is_read_by_the_seal_s_unit_the_bureau_and_the_audit_officer(client, district):
    paper = issued_letter(district)
    education = seal_of(district.education, name="洛江区教育局继续教育专用章")
    keeper_there = district.education_reviewer
    for account in (district.keeper, district.handler, district.approver, district.audit_admin):
        assert paper.number in get(client, account, BOOK).content.decode()
    for account in (district.owner, keeper_there, district.system_admin):
        assert get(client, account, BOOK).status_code == 404
    assert education.name not in get(client, district.keeper, BOOK).content.decode()
    assert education.name in get(client, district.audit_admin, BOOK).content.decode()


@pytest.mark.django_db
def test_the_register_is_exported_as_it_is_filtered(client, district):
    paper = issued_letter(district, reason="=准予开班")
    response = get(client, district.keeper, reverse("papers:register_workbook"), data={"year": str(paper.year)})
    sheet = load_workbook(io.BytesIO(response.content)).active
    title, head, titles, first, *_ = list(sheet.iter_rows(values_only=True))
    assert title[0] == "用印登记簿"
    assert [each for each in head if each] == ["印章名称：全部", f"年度：{paper.year}", "查找：不限", "用印次数：1"]
    assert list(titles) == [column.title for column in REGISTER.columns]
    line = dict(zip([column.key for column in REGISTER.columns], first, strict=True))
    assert (line["number"], line["seal_name"], line["sha256"]) == (
        paper.seal_uses.get().number,
        SEAL_NAME,
        paper.sha256,
    )
    assert line["reason"].endswith("=准予开班")
    assert sheet.cell(4, 5).data_type == "s"  # text, no formula
    # Its pages are as wide as the paper and as many as it takes, rows as high as their texts, the header on each.
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight, sheet.print_title_rows) == (1, 0, "$3:$3")
    assert all(sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1))
    found = get(client, district.keeper, reverse("papers:register_workbook"), data={"q": paper.number})
    assert "查找：" + paper.number in workbook_rows(found)[1]
    asked = {"year": "1999", "seal": str(paper.seal_id)}
    other = get(client, district.keeper, reverse("papers:register_workbook"), data=asked)
    rows = workbook_rows(other)
    assert (rows[1][0], rows[-2][0]) == (f"印章名称：{SEAL_NAME}", REGISTER.columns[0].title)  # no line, and the foot


@pytest.mark.django_db
def test_an_unknown_paper_is_not_found(client, district):
    issued_letter(district)
    assert get(client, district.handler, reverse("papers:paper", args=[UUID(int=0)])).status_code == 404


@pytest.mark.django_db
def test_the_list_is_taken_away_whole_or_as_ticked(client, district, seal) -> None:
    letter, page = issued_letter(district), issued_page(district, person_in(district.unit))
    client.force_login(district.handler)
    shown = client.get(reverse("papers:list")).content.decode()
    assert all(f'value="papers.paper:{paper.pk}"' in shown for paper in (letter, page))
    address = reverse("papers:export")
    assert {row[0] for row in workbook_rows(client.get(address))[1:]} == {letter.number, page.number}
    ticked = client.post(address, {"cases": [f"papers.paper:{page.pk}"]})
    assert [row[0] for row in workbook_rows(ticked)[1:]] == [page.number]


@pytest.mark.django_db
def test_the_list_goes_by_the_day_that_it_shows(client, district, seal) -> None:
    letter, page = issued_letter(district), issued_page(district, person_in(district.unit))
    Paper.objects.filter(pk=letter.pk).update(dated=page.dated + timedelta(days=1))
    client.force_login(district.handler)
    assert [each.pk for each in client.get(LIST).context["page_obj"]] == [letter.pk, page.pk]
    assert [row[0] for row in workbook_rows(client.get(reverse("papers:export")))[1:]] == [letter.number, page.number]


def test_no_two_kinds_of_paper_are_called_the_same_in_the_filter() -> None:
    choices = PaperFilter.base_filters["kind"].extra["choices"]()
    called = [label for key, label in choices if not key.startswith("sample.")]
    assert len(set(called)) == len(called) > 1


@pytest.mark.django_db
def test_every_line_names_who_approved_of_it(district, seal) -> None:
    made(request_paper("sample.letter", district.unit, actor=district.keeper, approver=district.approver, seal=seal))
    made(request_paper("sample.roster", district.unit, actor=district.handler, seal=seal))
    by_rule = f"按规定出具（经办 {district.handler.name}）"  # a handler approves of nothing
    assert list(SealUse.objects.values_list("approver", flat=True)) == [district.approver.name, by_rule]


@pytest.mark.django_db
def test_the_register_of_a_seal_and_year_is_filed_as_landscape_sheets(client, district, seal, monkeypatch) -> None:
    monkeypatch.setattr(printouts, "AT_ONCE", 200)
    people = [person_in(district.unit, f"王{n}") for n in range(12)]
    made(request_papers("sample.page", district.unit, actor=district.keeper, subjects=people, seal=seal)[0])
    year = clock.today().year
    address = reverse("seals:register_paper", args=[seal.pk])
    started = get(client, district.keeper, address, data={"year": str(year)})
    job = Job.objects.get(kind="papers.print")
    assert started.headers["Location"] == reverse("jobs:progress", args=[job.uid])
    run(job.pk)
    content = client.get(reverse("papers:printed", args=[job.uid])).content
    text = text_of(content)
    assert all(use.number in text for use in SealUse.objects.all())
    assert all(part in text for part in (SEAL_NAME, f"{year}", "审批人", "手工加盖", "第1页"))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        box = [float(each) for each in pdf.pages[0].MediaBox]
    assert box[2] > box[3]
    empty = get(client, district.keeper, address, data={"year": "1999"})
    assert "本年没有用印" in text_of(empty.content)
    assert get(client, district.owner, address).status_code == 404
