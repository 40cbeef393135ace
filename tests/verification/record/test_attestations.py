"""The record for title applications: asked for, issued, looked at again, carried away (V10)."""

from __future__ import annotations

import io
import json
import re
from base64 import b64encode
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import lxml.html
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.blanks import closed_up_figures
from luojiang_ce.papers.content import check_on, printable
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import keyring, statement
from luojiang_ce.proof.keyring import Purpose
from luojiang_ce.proof.management.commands.verify_paper import outcome_of, said
from luojiang_ce.proof.words import OUTCOMES
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.queries import statements
from tests.todos import todos
from tests.verification.batches.conftest import SEASON
from tests.verification.batches.samples import a_seal, learned, staff, stamped
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.own_record.slips import opened, slip_of, token_of
from tests.verification.record.cases import attestation_of
from units.models import Leave, Person, Unit
from verification.batches.models import AnnualRecord
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter
from verification.record import portable, services
from verification.record.content import WAIVED, says_the_same, told
from verification.record.export import badge_file, key_set, portable_file
from verification.record.forms import AskForm
from verification.record.models import Attestation
from verification.record.papers import PAPER
from verification.record.tasks import tell_of_second_looks
from verification.requirements.display import OUTCOME_LABELS, on_paper

pytestmark = pytest.mark.django_db
S = Attestation.State


@pytest.fixture(autouse=True)
def at() -> Any:
    """`at(moment)` moves the clock until the test ends; the season in which 2026 is verified."""
    with ExitStack() as stack:
        stack.enter_context(clock.at(SEASON))
        yield lambda moment: stack.enter_context(clock.at(moment))


@pytest.fixture
def person(district: District) -> Person:
    """Somebody whose 2026 is stamped."""
    (person,) = staff(district.unit, 1)
    stamped(district, [person])
    return person


def issued(district: District, person: Person, *, blank: bool = True, **facts: Any) -> Attestation:
    """Asked for by the unit, issued by the approver, made by the worker."""
    case = attestation_of(district, person=person, **facts)
    fire(case, "submit", actor=district.fresh(district.owner))
    fire(case, "issue", actor=district.fresh(district.approver))
    if blank:
        with blank_papers():
            sweep()
    else:
        sweep()
    return case


def paper_of(case: Attestation) -> Paper:
    return Paper.objects.of(case).get(state=Paper.State.ISSUED)


def pdf_of(paper: Paper) -> bytes:
    with paper.file.open() as file:
        content: bytes = file.read()
    return content


def checked(paper: Paper) -> str:
    return Client().get(reverse("papers:check_code", args=[paper.code])).content.decode()


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def take_back(person: Person, district: District, subject: str = "professional") -> LedgerEntry:
    entry = LedgerEntry.objects.standing().get(person=person, subject=subject)
    return counter(entry=entry, reason="检查发现代签", actor=district.approver)


# --- what it says -----------------------------------------------------------------------------------------------------


def test_the_paper_says_each_year_as_it_stands_and_invents_nothing(district: District, person: Person) -> None:
    Leave.objects.create(
        person=person, unit=district.unit, reason="sickness", detail="手术", state="approved",
        starts_on=date(2025, 3, 1), ends_on=date(2025, 8, 31),
    )  # fmt: skip
    learned(person, "10", "0", 2025, title="公需科目网络课程", form="remote")
    case = issued(district, person, blank=False)
    paper = paper_of(case)
    said = text_of(pdf_of(paper))
    stamped_page = Paper.objects.get(kind="verification_person")
    for part in (
        paper.number,
        person.name,
        person.masked_id,
        "2025–2026年度",
        "申报中级职称",
        "2026年度达标",
        f"已验证盖章，{stamped_page.number}",
        "2025年度未达标",
        "年度验证：未报送验证",
        "公需科目网络课程（远程（网络）教育）",
        "2025年3月1日至8月31日",
        "未设定",
        "泉洛政人社〔2017〕27号",
        "规则编号",
    ):
        assert part.replace(" ", "") in said, part
    assert "病假" not in said
    assert "手术" not in said
    assert person.id_number not in said


def test_a_year_without_rules_is_undetermined(district: District) -> None:
    person = person_in(district.unit, "岳临川", category="medical")
    found = told(attestation_of(district, person=person, first_year=2015, last_year=2015)).content["years"][0]
    assert (found["verdict"]["outcome"], found["verdict"]["label"], found["rule"]) == ("undetermined", "未判定", None)


def test_the_sealed_paper_tells_the_clerk_nothing_to_do(district: District) -> None:
    a_seal(district.bureau)
    teacher = person_in(district.unit, "岳临川", category="teacher")
    learned(teacher, "30", "24", 2026)
    case = issued(district, teacher, blank=False, first_year=2026, last_year=2026, purpose="申报高级职称")
    (frozen,) = case.content["years"]
    assert frozen["verdict"]["remark"] == "未登记该年度的五年周期，不作判定。"
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf_of(paper_of(case)))).pages]
    whole = "".join(pages)
    assert "未登记该年度的五年周期，不作判定。" in whole
    assert not re.search("补登|人员信息", whole)
    assert "公共科目30学时，专业科目24学时" in whole
    assert not re.search(r"\d\.0(?![\d.])", whole)  # 30, not 30.0
    assert whole.count("申报高级职称") == 1
    assert frozen["verdict"] == json.loads(portable.opened(portable_file(case)).payload)["years"][0]["verdict"]
    assert all(f"第{nth}页，共{len(pages)}页" in page for nth, page in enumerate(pages, 1))


def test_before_it_is_issued_the_clerk_reads_what_can_still_be_mended(district: District) -> None:
    teacher = person_in(district.unit, "岳临川", category="teacher")
    case = attestation_of(district, person=teacher, first_year=2026, last_year=2026)
    page = signed_in(district.owner).get(reverse("record:preview", args=[case.pk])).content.decode()
    assert "2026 年度：没有登记包含本年度的五年周期，不能判定，请先在人员信息中补登。" in page
    assert "未登记该年度的五年周期，不作判定。" in page


def test_figures_are_bare_where_something_is_missing_or_too_much(district: District) -> None:
    """A doctor with half of the credits, more of them in one form than counts."""
    a_seal(district.bureau)
    Unit.objects.filter(pk=district.unit.pk).update(nature="medical", medical_level="second")
    person = person_in(district.unit, "岳临川", category="medical")
    posted(a_source(), district.handler, hours(person, "15.0", measure="credits", form="remote"))
    case = issued(district, person, blank=False, first_year=2026, last_year=2026, purpose="申报高级职称")
    rows = case.content["years"][0]["verdict"]["rows"]
    said = [text for row in rows for text in (row["required"], row["reached"], row["conclusion"], *row["notes"])]
    assert any(text.startswith("差 ") for text in said)
    assert any("超出 " in text for text in said)
    whole = "".join(
        "".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf_of(paper_of(case)))).pages
    )
    for text in (*said, whole):
        assert not re.search(r"\d\.0(?![\d.])", text), text


def test_what_was_frozen_before_reads_on_paper_as_what_is_frozen_now() -> None:
    """These words stand in content that was frozen; whoever rewords them breaks it."""
    row = {"required": "90.0", "reached": "8.50", "counted": "8.0", "conclusion": "差 82.0", "title": "年度总学时 1.0"}
    kept = {"remark": "没有登记包含本年度的任职周期、五年周期，不能判定，请先在人员信息中补登。", "rows": [
        row | {"notes": ["远程（网络）教育最多计 12，超出 3.0 不计"], "source": "通知"}]}  # fmt: skip
    then = on_paper(kept)
    assert then["remark"] == "未登记该年度的任职周期、五年周期，不作判定。"
    assert then["rows"][0]["notes"] == ["远程（网络）教育最多计 12，超出 3 不计"]
    assert [then["rows"][0][key] for key in row] == ["90", "8.50", "8", "差 82", "年度总学时 1.0"]
    unmet = on_paper({"remark": "没有登记包含本年度的五年周期；本年度的要求未达到，补登也不能达标。", "rows": []})
    assert unmet["remark"] == "未登记该年度的五年周期；本年度的要求未达到。"
    assert on_paper(then) == then
    assert says_the_same({"years": [{"verdict": kept}]}, {"years": [{"verdict": then}]})


@pytest.mark.parametrize("who", ["owner", "approver"])
@pytest.mark.parametrize("state", ["draft", "submitted", "issued"])
def test_years_without_entries_are_told_before_it_is_issued(
    district: District, person: Person, who: str, state: str
) -> None:
    case = attestation_of(district, state, person=person, first_year=2024, last_year=2026)
    client = signed_in(district.fresh(getattr(district, who)))
    page = client.get(case.get_absolute_url())
    seen = who == "owner" or state != "draft"
    assert page.status_code == (200 if seen else 404)
    told_so = "2024、2025 年度没有入账的学时" in page.content.decode()
    assert told_so is (seen and state != "issued")


def test_whoever_issues_many_is_told_of_each_which_years_are_empty(district: District, person: Person) -> None:
    bare = person_in(district.unit, "岳临川")
    years = {"first_year": 2026, "last_year": 2026}
    cases = [attestation_of(district, "submitted", person=each, **years) for each in (person, bare)]
    ticked = {"cases": [f"{case._meta.label_lower}:{case.pk}" for case in cases]}
    url = reverse("home:many", args=["verification_record.attestation", "issue"])
    page = lxml.html.fromstring(signed_in(district.approver).post(url, ticked).content.decode())
    told_of = {
        row.xpath("string(label)"): "2026 年度没有入账的学时" in row.text_content()
        for row in page.xpath("//li[input[@name='cases']]")
    }
    assert told_of == {str(cases[0]): False, str(cases[1]): True}


def test_what_was_countered_is_left_out_and_what_was_given_back_is_there(district: District) -> None:
    person = person_in(district.unit, "岳临川")
    learned(person, "0", "8", 2026)
    case = attestation_of(district, person=person, first_year=2026, last_year=2026)
    back = take_back(person, district)
    assert told(case).content["years"][0]["entries"] == []
    counter(entry=back, reason="查明是误报", actor=district.approver)
    assert [each["amount"] for each in told(case).content["years"][0]["entries"]] == ["8.00"]


def test_the_public_check_knows_it_and_its_statement_is_signed(district: District, person: Person) -> None:
    paper = paper_of(issued(district, person))
    page = checked(paper)
    years = "2025 年度未达标（取得 0 学时），2026 年度达标（取得 96 学时）"
    for part in ("专业技术人员继续教育情况证明", years, "申报中级职称", "有效"):
        assert part in page
    assert person.name not in page
    message, claims = statement.read(bytes(paper.statement))
    assert message.is_by(keyring.current(Purpose.STATEMENTS).verify)
    assert (claims.number, claims.title) == (paper.number, "专业技术人员继续教育情况证明")
    assert claims.years == "2025U0M96"
    assert ("各年度结论", "2025 未达标（取得 0 学时），2026 达标（取得 96 学时）") in said(
        outcome_of(check_on(paper).address)
    )


def test_who_was_let_pass_reads_alike_on_sheet_and_code(district: District) -> None:
    """Whoever compares both is told not to take a paper of which one thing but blanks differs."""
    a_seal(district.bureau)
    case = issued(district, person_in(district.unit, "岳临川"))
    year = case.content["years"][-1]
    assert year["verdict"]["label"] == "未达标"
    year["waiver"] = WAIVED
    case.save(update_fields=["content"])
    paper = paper_of(case)
    said = f"2026 年度{WAIVED}"
    assert f"{said}（取得 0 学时）" in dict(PAPER.public_facts(paper))["各年达标情况"]
    html = lxml.html.fromstring(printable(paper).html())
    head = html.xpath("string((//*[@class='year-head'])[last()])")
    assert head.replace("　", "") == closed_up_figures(said)
    assert "按规则判定：未达标。" in html.text_content()


def test_every_outcome_of_a_year_has_its_letter() -> None:
    """Otherwise the code of an attestation would hold words, and lose them where there are many years."""
    assert {*OUTCOME_LABELS.values(), WAIVED} == {*OUTCOMES.values()}


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 9, 10, 11, 12, 13, 18, 40])
def test_no_page_holds_only_the_seal(district: District, count: int) -> None:
    a_seal(district.bureau)
    person = person_in(district.unit, "岳临川")
    for n in range(count):
        learned(person, "0", "2.5", 2026, title=f"第{n + 1}期果蔬冷链保鲜与农产品质量安全检测技术培训班")
    paper = paper_of(issued(district, person, blank=False))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf_of(paper))).pages]
    (last,) = [page for page in pages if "核验码" in page.rpartition("第")[0] and "以上为" in page.replace("\n", "")]
    assert last is pages[-1]
    assert "年度总学时" in last or "技术培训班" in last.replace("\n", "")


def test_forty_trainings_a_year_over_five_years_fit(district: District) -> None:
    a_seal(district.bureau)
    person = person_in(district.unit, "岳临川")
    for year in range(2022, 2027):
        for n in range(40):
            learned(person, "0", "2.5", year, title=f"{year}年第{n + 1}期技术讲座")
    case = issued(district, person, blank=False, first_year=2022)
    said = text_of(pdf_of(paper_of(case)))
    assert all(f"{year}年第40期技术讲座" in said for year in range(2022, 2027))
    assert len(portable_file(case)) < portable.MOST_BYTES / 4


# --- asking -----------------------------------------------------------------------------------------------------------


def test_many_are_asked_for_at_once_a_case_each_and_two_clicks_make_them_once(district: District) -> None:
    people = [person_in(district.unit, name) for name in ("岳临川", "温知故", "裴南枝")]
    client = signed_in(district.owner)
    sent = {
        "names": "岳临川\n温知故、裴南枝",
        "first_year": 2022,
        "last_year": 2026,
        "purpose": "申报职称",
        "do": "submit",
    }
    for _ in range(2):
        assert client.post(reverse("record:new"), sent).status_code == 302
    assert set(Attestation.objects.values_list("person", flat=True)) == {person.pk for person in people}
    assert Attestation.objects.count() == 3


def test_own_people_are_ticked_or_named_and_one_of_both_is_needed(district: District) -> None:
    here, there = person_in(district.unit, "岳临川"), person_in(district.neighbour_unit, "裴南枝")
    client = signed_in(district.owner)
    form = client.get(reverse("record:new")).context["form"]
    assert [person.pk for person in form.fields["people"].queryset] == [here.pk]
    assert form.initial["last_year"] == clock.today().year - 1  # the last that is closed
    sent = {"first_year": 2022, "last_year": 2025, "purpose": "到省厅参评高级农艺师", "do": "submit"}
    refused = client.post(reverse("record:new"), sent).content.decode()
    assert "请粘贴姓名，或在“人员”名单里勾选" in refused
    assert "两样里至少要有一样" in refused
    assert client.post(reverse("record:new"), {**sent, "people": [there.pk]}).status_code == 422
    assert client.post(reverse("record:new"), {**sent, "people": [here.pk]}).status_code == 302
    case = Attestation.objects.get()
    assert (case.person_id, case.purpose) == (here.pk, "到省厅参评高级农艺师")


def test_of_a_unit_of_hundreds_only_the_ticked_are_listed(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskForm, "lists_up_to", 1)
    here, _ = person_in(district.unit, "岳临川"), person_in(district.unit, "温知故")
    client = signed_in(district.owner)
    assert list(client.get(reverse("record:new")).context["form"].fields["people"].queryset) == []
    page = client.post(reverse("record:new"), {"cases": [f"units.person:{here.pk}"]})
    assert [person.pk for person in page.context["form"].fields["people"].queryset] == [here.pk]


def test_impossible_years_are_told_beside_their_fields(district: District) -> None:
    person_in(district.unit, "岳临川")
    client = signed_in(district.owner)
    for first, last, told_ in (
        (1990, 2026, "应在 2000 到"),
        (2026, 2025, "截止年度不早于"),
        (2025, 2040, "只到今天为止"),
    ):
        sent = {"names": "岳临川", "first_year": first, "last_year": last, "purpose": "申报职称", "do": "submit"}
        page = client.post(reverse("record:new"), sent)
        assert (page.status_code, told_ in page.content.decode()) == (422, True)


def test_nobody_asks_for_people_of_another_unit(district: District) -> None:
    person = person_in(district.unit, "岳临川")
    facts = Attestation(first_year=2025, last_year=2026, purpose="申报职称")
    with pytest.raises(NotPossible):
        services.ask_for(people=[person], facts=facts, actor=district.neighbour)
    case = attestation_of(district, person=person)
    with pytest.raises(PermissionDenied):
        services.save_attestation(attestation=case, actor=district.neighbour)


def test_who_filed_does_not_decide_and_without_a_seal_nothing_is_issued(district: District, person: Person) -> None:
    case = attestation_of(district, "submitted", person=person)
    with pytest.raises(Refused):
        fire(case, "issue", actor=district.handler)
    Seal.objects.update(last_day=date(2026, 12, 31))
    with pytest.raises(Refused, match="没有启用中的验证印章"):
        fire(case, "issue", actor=district.approver)
    assert not Paper.objects.of(case).exists()


def test_what_only_the_approver_can_decide_waits_for_no_handler(district: District, person: Person) -> None:
    case = attestation_of(district, person=person)
    fire(case, "submit", actor=district.fresh(district.owner))
    handler, approver = district.fresh(district.handler), district.fresh(district.approver)
    assert [todo.title for todo in todos(approver, Attestation)] == [f"审批继续教育情况证明：{case}"]
    assert "现在由您审批" in signed_in(approver).get(case.get_absolute_url()).content.decode()
    assert todos(handler, Attestation) == []
    page = signed_in(handler).get(case.get_absolute_url()).content.decode()
    assert "现在等区人社局审批" in page
    assert "现在由您" not in page
    assert "退回补正" in page


def test_more_than_fifteen_are_issued_by_the_worker(district: District) -> None:
    """Each takes some fifty milliseconds; for a whole class a request would take longer than a second."""
    a_seal(district.bureau)
    people = [person_in(district.unit, f"岳临川{n}") for n in range(16)]
    cases = [attestation_of(district, "submitted", person=each) for each in people]
    ticked = {"cases": [f"{case._meta.label_lower}:{case.pk}" for case in cases], "do": "submit", "note": ""}
    url = reverse("home:many", args=["verification_record.attestation", "issue"])
    client = signed_in(district.approver)
    assert "/jobs/" in client.post(url, ticked)["Location"]
    assert not Attestation.objects.filter(state=S.ISSUED).exists()
    with blank_papers():
        sweep()
    assert Attestation.objects.filter(state=S.ISSUED).count() == 16


# --- looked at again --------------------------------------------------------------------------------------------------


def test_hours_reversed_later_put_it_in_review_until_it_is_renewed(district: District, person: Person, at: Any) -> None:
    case = issued(district, person)
    old = paper_of(case)
    at(SEASON + timedelta(hours=1))
    take_back(person, district)
    assert "复核中" in checked(old)
    with pytest.raises(NotPossible, match="正在复核"):
        portable_file(case)
    assert any(case.number in todo.title for todo in todos(district.fresh(district.approver)))
    assert tell_of_second_looks() == tell_of_second_looks() != ""
    assert Notice.objects.filter(recipient=district.owner, title__contains="正在复核").count() == 1
    # The stamped year is looked at first, then the attestation.
    with pytest.raises(Refused, match="2026 年度的验证正在复核"):
        fire(case, "renew", actor=district.approver)
    record = AnnualRecord.objects.get(person=person)
    fire(record, "revoke", actor=district.approver, note="学时冲销")
    with pytest.raises(Refused, match="与证明所载不同"):
        fire(case, "confirm", actor=district.approver)
    at(SEASON + timedelta(hours=2))
    fire(case, "renew", actor=district.approver, note="学时有变动")
    with blank_papers():
        sweep()
    old.refresh_from_db()
    new = paper_of(case)
    assert (old.state, new.replaces_id) == (Paper.State.REVOKED, old.pk)
    assert f"已被 {new.number} 替代" in checked(old)
    assert "2026 年度未达标" in checked(new)
    assert "复核中" not in checked(new)


def test_a_yearly_paper_revoked_later_puts_it_in_review(district: District, person: Person, at: Any) -> None:
    case = issued(district, person)
    at(SEASON + timedelta(hours=1))
    revoke_papers(Paper.objects.filter(kind="verification_person"), actor=district.approver, reason="印错")
    assert "复核中" in checked(paper_of(case))


def test_what_was_counted_anew_and_came_out_the_same_is_confirmed(district: District, at: Any) -> None:
    a_seal(district.bureau)
    person = person_in(district.unit, "岳临川")
    posted(a_source(), district.handler, hours(person, "8.0"))
    case = issued(district, person)
    with pytest.raises(Refused, match="不需要复核"):
        fire(case, "confirm", actor=district.approver)
    at(SEASON + timedelta(hours=1))
    take_back(person, district)
    posted(a_source(), district.handler, hours(person, "8.0"))
    assert "复核中" in checked(paper_of(case))
    at(SEASON + timedelta(hours=2))
    fire(case, "confirm", actor=district.approver)
    assert "复核中" not in checked(paper_of(case))
    assert portable_file(case)


def test_revoked_it_hands_out_no_file(district: District, person: Person) -> None:
    case = issued(district, person)
    fire(case, "revoke", actor=district.approver, note="申请时选错了人")
    assert not Paper.objects.of(case).filter(state=Paper.State.ISSUED).exists()
    with pytest.raises(NotPossible, match="已撤销"):
        portable_file(case)
    answer = signed_in(district.owner).get(reverse("record:portable", args=[case.pk]), follow=True)
    assert "没有可以下载的电子记录" in answer.content.decode()


# --- carried away -----------------------------------------------------------------------------------------------------


def test_the_file_is_signed_by_a_key_of_its_own_and_says_what_the_paper_says(
    district: District, person: Person
) -> None:
    case = issued(district, person)
    signed = portable.opened(portable_file(case))
    key = keyring.current(Purpose.RECORDS)
    assert (signed.kid, signed.is_by(key.verify)) == (key.kid, True)
    assert not signed.is_by(keyring.current(Purpose.STATEMENTS).verify)
    record = portable.read(signed, today=clock.today())
    content = json.loads(signed.payload)
    assert content["years"] == case.content["years"]
    assert (record.issuer, record.paper_number) == (keyring.issuer(), paper_of(case).number)
    assert portable.is_bound_to(record, person.id_number, paper_of(case).code)
    assert sum(entry.amount for entry in record.entries) == Decimal(96)
    text = json.dumps(content, ensure_ascii=False)
    assert person.id_number not in text
    assert portable.plain(paper_of(case).code) not in text
    assert [each["kid"] for each in key_set()["keys"]] == [key.kid]


def test_clerk_bureau_and_person_download_it_and_each_time_is_on_record(district: District, person: Person) -> None:
    case = issued(district, person)
    paper = paper_of(case)
    for account in (district.owner, district.handler):
        page = signed_in(account).get(paper.get_absolute_url()).content.decode()
        assert reverse("record:portable", args=[case.pk]) in page
        assert signed_in(account).get(reverse("record:portable", args=[case.pk])).content == portable_file(case)
    assert signed_in(district.neighbour).get(reverse("record:portable", args=[case.pk])).status_code == 404
    for account in (district.keeper, district.audit_admin):  # they read the case, and need no copy of it
        page = signed_in(account).get(paper.get_absolute_url()).content.decode()
        page += signed_in(account).get(case.get_absolute_url()).content.decode()
        for name in ("record:portable", "record:badge"):
            url = reverse(name, args=[case.pk])
            assert url not in page
            assert signed_in(account).get(url).status_code == 404
    shown = lxml.html.fromstring(signed_in(district.owner).get(case.get_absolute_url()).content.decode())
    assert "下载电子记录" not in shown.xpath("string((//ol[@class='lj-history'])[1])")
    assert shown.xpath("string(//summary[starts-with(., '下载')])") == "下载电子文件 2 次"
    slip = slip_of(person, district.owner)
    phone, token = opened(slip, person), token_of(slip)
    page = phone.get(reverse("own:record", args=[token])).content.decode()
    url = reverse("own:carried_record", args=[token, paper.uid])
    assert url in page
    assert phone.get(url).content == portable_file(case)
    assert phone.get(reverse("own:carried_badge", args=[token, paper.uid])).content == badge_file(case)
    downloads = [event for event in history(case) if event.name.endswith("_downloaded")]
    assert len(downloads) == 4
    other = person_in(district.unit, "岳临川")
    theirs = slip_of(other, district.owner)
    stranger = opened(theirs, other)
    assert stranger.get(reverse("own:carried_record", args=[token_of(theirs), paper.uid])).status_code == 404


def test_where_nothing_can_be_signed_it_says_so(district: District, person: Person, settings: Any) -> None:
    case = issued(district, person)
    portable_file(case)  # the key is there
    settings.SIGNING_SECRET = b64encode(b"0" * 32).decode()
    for name in ("portable", "badge"):
        answer = signed_in(district.owner).get(reverse(f"record:{name}", args=[case.pk]), follow=True)
        assert "现在签不了名" in answer.content.decode()


@pytest.mark.parametrize("number", [3, 30])
def test_the_list_asks_as_often_for_thirty_as_for_three(district: District, number: int) -> None:
    for n in range(number):
        attestation_of(district, person=person_in(district.unit, f"岳临川{n}"))
    client = signed_in(district.owner)
    with statements() as asked:
        assert client.get(reverse("record:list")).status_code == 200
    assert len(asked) <= 12


def test_the_case_asks_at_most_twenty_times(district: District, person: Person) -> None:
    case = issued(district, person)
    client = signed_in(district.approver)
    with statements() as asked:
        assert client.get(case.get_absolute_url()).status_code == 200
    assert len(asked) <= 20
