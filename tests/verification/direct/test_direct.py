"""Direct stamping of the bureau's own training (notice 二(二)): from the pass list to ledger and papers, and back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.check import find
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.sheets.services import returned_file
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import assignment, id_number, person_in
from tests.luojiang_ce.sheets.imports import confirmed
from tests.queries import statements
from tests.training.classes.factories import a_course
from tests.verification.batches.samples import a_seal
from tests.verification.direct.cases import training_of
from tests.verification.direct.lists import HEADER, in_file, uploaded, workbook
from units.models import Employment, Person
from units.services import end_employment, transfer
from verification.direct import papers
from verification.direct.importing import PASS_IMPORT
from verification.direct.models import DirectTraining, Passed
from verification.direct.pass_list import is_over, listed_twice
from verification.direct.services import begin_again, list_people, remove_people, save_training
from verification.ledger.models import LedgerEntry, sums_of
from verification.verdicts import assessments

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(二)")]


def numbered(district: District, names: str, **facts: Any) -> list[tuple[Person, str]]:
    """People of the district's unit with their numbers."""
    numbers = [id_number() for _ in names.split()]
    return [
        (person_in(district.unit, name, number=number, **facts), number)
        for name, number in zip(names.split(), numbers, strict=True)
    ]


def ready(district: District, **facts: Any) -> DirectTraining:
    a_seal(district.bureau)
    training = training_of(district, **facts)
    fire(training, "prepare", actor=district.handler)
    return DirectTraining.objects.get(pk=training.pk)


def stamped(district: District, **facts: Any) -> DirectTraining:
    fire(ready(district, **facts), "stamp", actor=district.keeper)
    return DirectTraining.objects.get()


# --- the list ---------------------------------------------------------------------------------------------------------


def test_three_hundred_rows_of_which_five_are_wrong(district: District) -> None:
    """The sound ones are listed, the wrong ones come back: a stranger, wrong name or number, twice, nowhere at work."""
    training = training_of(district, people=())
    known = numbered(district, " ".join(["王小明"] * 295))
    gone, number_of_gone = numbered(district, "莫知之")[0]
    Employment.objects.filter(person=gone).update(ended_on=training.date_from - timedelta(days=30))
    wrong = [
        ["岳无名", id_number()],
        ["欧阳错", numbered(district, "岳临川")[0][1]],
        ["白位数", known[1][1][:17]],
        ["王小明", known[2][1]],
        ["莫知之", number_of_gone],
    ]
    file = workbook([*([person.name, number] for person, number in known), *wrong])
    batch = uploaded(training, file, district.handler)
    assert (batch.counts["rows"], batch.counts["new"], batch.counts["wrong"]) == (300, 295, 5)
    assert confirmed(PASS_IMPORT, batch=batch, application=training, actor=district.handler) == {"added": 295}
    assert set(training.passed.values_list("person", flat=True)) == {person.pk for person, _ in known}
    back: Any = load_workbook(BytesIO(returned_file(batch))).active
    said = "\n".join(str(cell) for row in back.iter_rows(values_only=True) for cell in row if cell)
    reasons = ("本区没有这个证件号码的人员", "姓名与证件号码不一致", "是 17 位", "与第 6 行相同", "都不在本区单位任职")
    for reason in reasons:
        assert reason in said, said


def test_a_list_is_read_as_offices_keep_it(district: District) -> None:
    """Full-width digits, blanks, a lower-case x, other words for columns and results; who failed is left out."""
    people = numbered(district, "仇远 莫知之 温如故")
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    rows = [
        [" 仇　远 ", people[0][1].translate(wide).lower(), "青麓", "是"],
        ["莫知之", people[1][1], "", "未通过"],
        ["温如故", people[2][1], "", "大概"],
    ]
    training = training_of(district, people=())
    read = read_file(PASS_IMPORT, workbook(rows, header=(*HEADER, "是否合格")), training)
    assert [row.outcome for row in read.rows] == ["new", "failed", "wrong"]
    assert [problem.what for problem in read.problems] == ["考核结果认不出"]


def test_other_documents_are_known_by_the_number_with_which_somebody_is_registered(district: District) -> None:
    """A passport, a foreigner's card of before 2023; twice in a file, of another name, or of nobody, they come back."""
    foreigner = person_in(district.unit, "安娜", number="E12345678", id_kind="passport")
    old = person_in(district.unit, "米勒", number="DEU350412345678", id_kind="residence")
    person_in(district.unit, "玛丽", number="E11112222", id_kind="passport")
    digits = person_in(district.unit, "史密斯", number="512345678", id_kind="passport")
    rows = [
        ["安娜", "ｅ12345678"],
        ["米勒", "DEU 350412345678"],
        ["史密斯", 512345678],  # a number, as Excel makes of it
        ["安娜", "E12345678"],
        ["安那", "E11112222"],
        ["外人", "E87654321"],
    ]
    read = read_file(PASS_IMPORT, workbook(rows), training_of(district, people=()))
    assert [row.value for row in read.rows[:3]] == [foreigner, old, digits]
    assert [row.outcome for row in read.rows] == ["new"] * 3 + ["wrong"] * 3
    said = [problem.what for problem in read.problems]
    assert said[:1] == ["证件号码与第 4 行相同"]
    assert "姓名与证件号码不一致" in said
    assert any("应为 18 位" in each for each in said)


def test_a_resident_number_with_a_digit_wrong_is_nobodys(district: District) -> None:
    """Whoever has an 18-digit number is not known by anything else."""
    person, number = numbered(district, "仇远")[0]
    read = read_file(PASS_IMPORT, workbook([["仇远", number[:-1]]]), training_of(district, people=(person,)))
    assert [row.outcome for row in read.rows] == ["wrong"]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv"])
@pytest.mark.parametrize("title", ["成绩", "成绩评定", "考核情况", "评定", "结论"])
def test_a_column_of_results_is_known_by_the_words_of_offices(district: District, kind: str, title: str) -> None:
    people = numbered(district, "仇远 莫知之 温如故 许长安")
    said = ("合格", "不合格", 58, "")
    rows = [[person.name, number, "", word] for (person, number), word in zip(people, said, strict=True)]
    read = read_file(PASS_IMPORT, in_file(kind, rows, (*HEADER, title)), training_of(district, people=()))
    assert [row.outcome for row in read.rows] == ["new", "failed", "wrong", "wrong"]
    assert [problem.what for problem in read.problems] == ["考核结果认不出", "考核结果没有填，其他人的填了"]


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv"])
@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("学员表现", "不合格"),
        ("备注", "缺考，待补"),
        ("", "未通过"),
        ("结业测验", "不及格"),
        ("理论分数（满分100）", 58),
        ("实操得分情况", 86),
    ],
)
def test_a_column_that_is_not_read_passes_nobody_who_may_have_failed(
    district: District, kind: str, title: str, said: Any
) -> None:
    people = numbered(district, "仇远 莫知之")
    rows = [[people[0][0].name, people[0][1], "", ""], [people[1][0].name, people[1][1], "", said]]
    training = training_of(district, people=())
    read = read_file(PASS_IMPORT, in_file(kind, rows, (*HEADER, title)), training)
    assert [row.outcome for row in read.rows] == ["new", "wrong"]
    (problem,) = read.problems
    assert "D 列" in problem.what
    assert title in problem.what
    assert str(said)[:2] in problem.what
    assert "请在“考核结果”一列填“不合格”" in problem.remedy


def test_other_columns_with_numbers_or_words_of_passing_are_no_results(district: District) -> None:
    person, number = numbered(district, "仇远")[0]
    header = (*HEADER, "学时", "电话", "考核成绩说明", "座位")
    read = read_file(
        PASS_IMPORT,
        workbook([["仇远", number, "", 24, 13800000000, "合格", 12]], header),
        training_of(district, people=()),
    )
    assert [row.value for row in read.rows] == [person]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_list_may_be_a_text_file(district: District, encoding: str) -> None:
    person, number = numbered(district, "仇远")[0]
    file = BytesIO(f"姓名,身份证号\n仇远,{number}\n".encode(encoding))
    read = read_file(PASS_IMPORT, file, training_of(district, people=()))
    assert [row.value for row in read.rows] == [person]


def test_the_same_list_again_changes_nothing(district: District) -> None:
    person, number = numbered(district, "仇远")[0]
    training = training_of(district, people=(person,))
    batch = uploaded(training, workbook([["仇远", number]]), district.handler)
    assert (batch.counts["new"], batch.counts["present"]) == (0, 1)


def test_a_person_is_on_one_list_of_a_training_only(district: District) -> None:
    """Of the same training; another course of the same days, or the same course on other days, is another matter."""
    person, number = numbered(district, "仇远")[0]
    course = a_course("职业道德")
    public = {"kind": "public", "catalogue": course}
    first = training_of(district, "stamped", people=(person,), **public)
    again = training_of(district, people=(), title="公共课", **public)
    read = read_file(PASS_IMPORT, workbook([["仇远", number]]), again)
    assert [problem.what for problem in read.problems] == [f"已在同一期培训的另一份名单里（{first.number}）"]
    before = {"date_from": date(2025, 3, 3), "date_to": date(2025, 3, 3)}
    for other in (public | {"catalogue": a_course("教育法规")}, public | before):
        read = read_file(PASS_IMPORT, workbook([["仇远", number]]), training_of(district, people=(), **other))
        assert read.problems == []


def test_what_two_lists_have_meanwhile_is_found_by_the_stamp(district: District) -> None:
    """Two handlers each list the person; the second to be stamped is refused with name and number."""
    a_seal(district.bureau)
    person = person_in(district.unit, "仇远")
    one, other = (training_of(district, people=(person,)) for _ in range(2))
    with pytest.raises(Refused, match=f"仇远（{other.number}）"):
        fire(one, "prepare", actor=district.handler)
    fire(other, "drop", actor=district.handler)
    fire(one, "prepare", actor=district.handler)


def test_another_last_day_moves_people_to_another_unit_on_record(district: District) -> None:
    person = person_in(district.unit, "仇远")
    training = training_of(district, people=(person,), date_from=date(2026, 3, 3), date_to=date(2026, 3, 3))
    person.employments.update(started_on=date(2025, 1, 1), ended_on=date(2026, 3, 5), end_reason="moved")
    Employment.objects.create(person=person, unit=district.neighbour_unit, started_on=date(2026, 3, 6))
    training.date_to = date(2026, 3, 9)
    save_training(training=training, actor=district.handler)
    assert training.passed.get().unit == district.neighbour_unit
    notes = [each.note_row.text for each in history(training) if each.name == "edited"]
    moved = f"仇远（{district.unit.short} → {district.neighbour_unit.short}）"
    assert [moved in note for note in notes].count(True) == 1


def test_lines_are_taken_off_until_it_is_handed_on(district: District) -> None:
    training = training_of(district)
    assert (
        remove_people(training=training, rows=training.passed.values_list("pk", flat=True), actor=district.handler) == 1
    )
    with pytest.raises(Refused, match="合格名单还是空的"):
        fire(training, "prepare", actor=district.handler)
    list_people(training=training, people=[person_in(district.unit)], actor=district.handler)
    a_seal(district.bureau)
    fire(training, "prepare", actor=district.handler)
    with pytest.raises(NotPossible, match="名单不能再改"):
        list_people(training=training, people=[person_in(district.unit)], actor=district.handler)
    fire(training, "take_back", actor=district.handler)
    assert DirectTraining.objects.get().state == "draft"


# --- the stamp --------------------------------------------------------------------------------------------------------


def test_hours_and_papers_in_one_act(district: District) -> None:
    """Two people of two units: an entry each, a page each, one list; the year's verdict is computed as ever."""
    mine, theirs = person_in(district.unit, "仇远"), person_in(district.neighbour_unit, "莫知之")
    training = stamped(district, people=(mine, theirs), course="师德修养", intensive=True)
    entries = LedgerEntry.objects.of_source(training)
    facts = {(e.person, e.year, e.subject, e.amount, e.form, e.course, e.intensive, e.organiser) for e in entries}
    said = (training.year, "public", Decimal(24), "class", "师德修养", True, district.bureau.name)
    assert facts == {(mine, *said), (theirs, *said)}
    assert sums_of(entries, training.year) == {("hours", "public"): Decimal(48)}
    verdict = assessments([mine], training.year)[mine.pk]
    assert verdict.outcome == "unmet"  # 24 of 90: stamped hours are no stamped year
    asked = Paper.objects.of(training).values_list("kind", flat=True)
    assert sorted(asked) == ["direct_person", "direct_person", "direct_roster"]
    assert {(n.recipient, n.title) for n in Notice.objects.filter(title__startswith="本单位人员调训合格")} == {
        (who, f"本单位人员调训合格，学时已盖章入账：{training}")
        for who in (district.owner, district.colleague, district.neighbour)
    }


def test_who_prepared_it_does_not_stamp_it(district: District) -> None:
    assignment(district.handler, Role.SEAL_KEEPER, district.bureau).save()
    case = ready(district)
    with pytest.raises(Refused, match="提请盖章"):
        fire(case, "stamp", actor=district.fresh(district.handler))
    fire(case, "stamp", actor=district.approver)
    paper = Paper.objects.filter(kind="direct_roster").get()
    assert (paper.approver, paper.keeper) == (district.approver, None)


@pytest.mark.parametrize("who", ["handler", "owner", "health_reviewer", "system_admin"])
def test_nobody_else_stamps(district: District, who: str) -> None:
    with pytest.raises(Refused):
        fire(ready(district), "stamp", actor=getattr(district, who))


def test_what_is_not_over_or_has_no_seal_is_not_stamped(district: District) -> None:
    """All reasons at once."""
    tomorrow = clock.today() + timedelta(days=1)
    training = training_of(district, date_to=tomorrow, date_from=clock.today())
    with pytest.raises(Refused) as refused:
        fire(training, "prepare", actor=district.handler)
    assert [reason[:6] for reason in refused.value.reasons] == [f"培训到 {tomorrow.year}"[:6], "区人社局今天"]


def test_on_its_last_day_a_training_is_not_over(district: District) -> None:
    training = training_of(district, date_to=clock.today(), date_from=clock.today())
    assert not is_over(training)
    with clock.at(clock.now() + timedelta(days=1)):
        assert is_over(training)


def test_a_leaver_and_one_who_moved_get_what_they_earned(district: District) -> None:
    """The list names the unit of the last day; who sees the line is whoever has the person now."""
    leaver, mover = person_in(district.unit, "仇远"), person_in(district.unit, "莫知之")
    training = training_of(district, people=())
    end_employment(person=leaver, actor=district.owner, reason="left", last_day=clock.today() - timedelta(days=1))
    transfer(person=mover, actor=district.handler, to=district.neighbour_unit, on=clock.today(), reason="调动")
    list_people(training=training, people=[leaver, mover], actor=district.handler)
    assert set(training.passed.values_list("unit", flat=True)) == {district.unit.pk}
    a_seal(district.bureau)
    fire(training, "prepare", actor=district.handler)
    fire(training, "stamp", actor=district.keeper)
    assert LedgerEntry.objects.of_source(training).count() == 2
    assert [row.person for row in Passed.objects.visible_to(district.neighbour)] == [mover]
    assert list(Passed.objects.visible_to(district.owner)) == []


# --- taking it back ---------------------------------------------------------------------------------------------------


def test_withdrawal_counters_every_entry_and_revokes_every_paper(district: District) -> None:
    training = stamped(district)
    with pytest.raises(Refused):
        fire(training, "withdraw", actor=district.keeper, note="名单有误")
    with pytest.raises(Refused, match="请写明理由"):
        fire(training, "withdraw", actor=district.approver)
    with pytest.raises(Refused, match="证件号码"):
        fire(training, "withdraw", actor=district.approver, note=f"{id_number()} 误列")
    fire(training, "withdraw", actor=district.approver, note="名单有误")
    entries = LedgerEntry.objects.of_source(training)
    assert sorted(entries.values_list("amount", flat=True)) == [-24, 24]
    assert entries.get(amount__lt=0).reason == f"调训撤回（{training.number}）：名单有误"
    assert set(Paper.objects.of(training).values_list("state", "revoke_reason")) == {("revoked", "名单有误")}
    assert Event.objects.filter(case_type="verification_direct.directtraining", name="withdraw").count() == 1
    assert Notice.objects.filter(recipient=district.owner, title=f"调训学时已撤回冲销：{training}").exists()


def test_what_was_withdrawn_is_drawn_up_anew_with_its_list(district: District) -> None:
    """And can be stamped: its first entry stands no more in the way."""
    old = stamped(district)
    with pytest.raises(NotPossible, match="撤回以后才能重新编制"):
        begin_again(training=old, actor=district.handler)
    fire(old, "withdraw", actor=district.approver, note="学时写错")
    new = begin_again(training=old, actor=district.handler)
    assert begin_again(training=old, actor=district.handler).pk == new.pk
    assert [row.person for row in new.passed.all()] == [row.person for row in old.passed.all()]
    new.amount = Decimal("16.0")
    save_training(training=new, actor=district.handler)
    fire(new, "prepare", actor=district.handler)
    fire(new, "stamp", actor=district.keeper)
    assert sums_of(LedgerEntry.objects.all(), new.year) == {("hours", "public"): Decimal(16)}


class TestWithdrawingOne:
    """Of a stamped training one person is taken back, with a reason; the others keep what they got."""

    @pytest.fixture
    def two(self, district: District) -> DirectTraining:
        people = tuple(person_in(district.unit, name) for name in ("仇远", "莫知之"))
        return stamped(district, people=people)

    def take_back(self, district: District, training: DirectTraining, name: str = "仇远") -> Passed:
        row = training.passed.get(person__name=name)
        whom = {"person": row.person_id}
        fire(training, "withdraw_one", actor=district.approver, note="考核缺考，误列合格", data=whom)
        return Passed.objects.get(pk=row.pk)

    def test_the_entry_is_countered_the_page_revoked_and_a_list_without_the_person_takes_its_place(
        self, district: District, two: DirectTraining
    ) -> None:
        sweep()
        row = self.take_back(district, two)
        sweep()
        entries = LedgerEntry.objects.of_source(two)
        assert sorted(entries.filter(person=row.person_id).values_list("amount", flat=True)) == [-24, 24]
        other = two.passed.exclude(pk=row.pk).get()
        assert [entry.amount for entry in entries.filter(person=other.person_id)] == [24]
        pages = dict(Paper.objects.filter(kind="direct_person").values_list("subject_id", "state"))
        assert pages == {row.pk: "revoked", other.pk: "issued"}
        old, new = Paper.objects.filter(kind="direct_roster").order_by("pk")
        assert (old.state, old.revoke_reason, new.state) == ("revoked", "考核缺考，误列合格", "issued")
        assert dict(papers.roster_facts(old))["合格人数"] == "2 人"
        assert dict(papers.roster_facts(new))["合格人数"] == "1 人"
        assert [cell.text for cell in papers.build_roster(new)["rows"][0].cells][1] == "莫知之"
        assert two.state == "stamped"
        event = Event.objects.get(name="withdraw_one")
        assert (event.actor, event.note_row.text) == (district.approver, "考核缺考，误列合格")
        assert Notice.objects.filter(recipient=district.owner, title__startswith="本单位一人的调训学时已撤回").exists()

    def test_no_reason_twice_and_the_last_one_are_refused(self, district: District, two: DirectTraining) -> None:
        row = two.passed.get(person__name="仇远")
        for actor, note, said in (
            (district.approver, "", "请写明理由"),
            (district.approver, f"{id_number()} 误列", "证件号码"),
            (district.handler, "误列", "只有"),
        ):
            with pytest.raises(Refused, match=said):
                fire(two, "withdraw_one", actor=actor, note=note, data={"person": row.person_id})
        self.take_back(district, two)
        with pytest.raises(Refused, match="已经撤回"):
            self.take_back(district, two)
        with pytest.raises(Refused, match="请撤回整期"):
            self.take_back(district, two, "莫知之")
        with pytest.raises(Refused, match="没有这个人"):
            fire(two, "withdraw_one", actor=district.approver, note="误列", data={"person": 0})

    def test_afterwards_the_person_may_stand_on_another_list_and_the_whole_is_withdrawn_without(
        self, district: District, two: DirectTraining
    ) -> None:
        row = self.take_back(district, two)
        assert listed_twice(training_of(district, people=()), [row.person_id]) == {}
        fire(two, "withdraw", actor=district.approver, note="学时写错")
        assert LedgerEntry.objects.of_source(two).count() == 4
        new = begin_again(training=two, actor=district.handler)
        assert [each.person.name for each in new.passed.all()] == ["莫知之"]

    def test_the_pages_say_who_was_taken_back_and_why(
        self, client: Any, district: District, two: DirectTraining
    ) -> None:
        row = two.passed.get(person__name="仇远")
        address = reverse("direct:withdraw_one", args=[two.pk, row.pk])
        people = reverse("direct:people", args=[two.pk])
        client.force_login(district.handler)
        assert address not in client.get(people).content.decode()
        client.force_login(district.approver)
        assert address in client.get(people).content.decode()
        assert "请" in client.post(address, {"note": ""}).content.decode()
        assert client.post(address, {"note": "考核缺考"}).status_code == 302
        shown = client.get(people).content.decode()
        assert "此人已撤回" in shown
        assert "考核缺考" in shown
        assert "另有 1 人已撤回" in client.get(two.get_absolute_url()).content.decode()
        client.force_login(district.owner)
        own = client.get(reverse("direct:list")).content.decode()
        assert "此人已撤回" in own
        assert "考核缺考" in own

    def test_of_another_training_nobody_is_taken_back(
        self, client: Any, district: District, two: DirectTraining
    ) -> None:
        other = training_of(district, "stamped", title="另一期").passed.get()
        client.force_login(district.approver)
        assert client.get(reverse("direct:withdraw_one", args=[two.pk, other.pk])).status_code == 404


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_clerk_sees_the_own_people_once_they_are_stamped(client: Any, district: District) -> None:
    """With their page; nothing of a colleague of another unit, and nothing before."""
    mine, theirs = person_in(district.unit, "仇远"), person_in(district.neighbour_unit, "莫知之")
    case = ready(district, people=(mine, theirs))
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert "仇远" not in client.get(reverse("direct:list")).content.decode()
    fire(case, "stamp", actor=district.keeper)
    text = client.get(reverse("direct:list")).content.decode()
    assert "仇远" in text
    assert "莫知之" not in text
    seen = Paper.objects.visible_to(district.owner)
    assert [paper.subject_id for paper in seen] == [case.passed.get(person=mine).pk]
    assert not DirectTraining.objects.visible_to(district.owner).exists()
    assert client.get(case.get_absolute_url()).status_code == 404


def test_the_form_says_everything_that_is_wrong_at_once(client: Any, district: District) -> None:
    client.force_login(district.handler, backend="django.contrib.auth.backends.ModelBackend")
    old = a_course("旧课", first_year=2018, last_year=2020)
    sent = {
        "kind": "public", "title": "公共课", "document": "测文", "date_from": "2026-05-08", "date_to": "2026-05-07",
        "year": "2026", "subject": "professional", "amount": "0", "catalogue": old.pk,
    }  # fmt: skip
    page = client.post(reverse("direct:new"), sent)
    text = page.content.decode()
    assert page.status_code == 422
    for wrong in (
        "科目是公共科目",
        "2018 年度至 2020 年度",
        "结束日期早于起始日期",
        "应大于 0",
        "目录里的课程是公共科目",
    ):
        assert wrong in text
    sent |= {"date_to": "2026-05-09", "subject": "public", "amount": "8", "catalogue": "", "year": "2025"}
    text = client.post(reverse("direct:new"), sent).content.decode()
    assert "公共课须选公共科目目录里的课程" in text
    assert "不能计入 2025 年度" in text
    assert not DirectTraining.objects.exists()
    text = client.post(reverse("direct:new"), {**sent, "amount": "48.1"}).content.decode()
    assert "2 天的培训最多 48 小时，不会有 48.1 学时" in text
    text = client.post(
        reverse("direct:new"), {**sent, "date_from": "9000-01-01", "date_to": "9000-01-02"}
    ).content.decode()
    assert "日期太远" in text
    sent |= {"catalogue": a_course("职业道德").pk, "year": "2026"}
    assert client.post(reverse("direct:new"), sent).status_code == 302
    assert client.post(reverse("direct:new"), sent).status_code == 302
    assert DirectTraining.objects.count() == 1


@pytest.mark.parametrize("url", ["direct:list", "direct:people", "direct:directtraining"])
def test_pages_ask_as_often_for_many_people(client: Any, district: District, url: str) -> None:
    def asked(number: int) -> int:
        people = tuple(person_in(district.unit) for _ in range(number))
        training = training_of(district, "stamped", people=people)
        for who in (district.handler, district.owner):
            client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
            args = [] if url == "direct:list" else [training.pk]
            with statements() as found:
                client.get(reverse(url, args=args))
        return len(found)

    assert asked(3) == asked(30) <= 20


# --- papers -----------------------------------------------------------------------------------------------------------


def test_what_the_papers_say(district: District) -> None:
    training = stamped(district, people=(person_in(district.unit, "仇远"),))
    page = Paper.objects.get(kind="direct_person")
    built = papers.build_page(page)
    assert built["name"] == "仇远"
    assert ("学　　时", f"24 学时，计入 {training.year} 年度") in built["facts"]
    assert built["statement"] == f"经{district.bureau.name}统一调训，培训合格，学时准予验证。"
    assert papers.page_facts(page)[0] == ("姓名", "仇*")
    roster = papers.build_roster(Paper.objects.get(kind="direct_roster"))
    assert [cell.text for cell in roster["rows"][0].cells][1:2] == ["仇远"]
    assert [box.signer for box in roster["boxes"]] == [district.handler.name, district.keeper.name]
    facts = dict(papers.roster_facts(Paper.objects.get(kind="direct_roster")))
    assert (facts["合格人数"], facts["每人学时"]) == ("1 人", "24 学时")
    assert "仇远" not in str(facts)


def test_the_papers_are_in_the_register_with_number_and_code(district: District) -> None:
    stamped(district, people=(person_in(district.unit, "仇远"),))
    sweep()
    page, roster = (Paper.objects.get(kind=kind) for kind in ("direct_person", "direct_roster"))
    year = page.year
    assert (page.number, roster.number) == (f"洛人社调〔{year}〕00001号", f"洛人社调册〔{year}〕0001号")
    by_rule = f"按规定出具（经办 {district.handler.name}）"  # a handler approves of nothing
    assert set(SealUse.objects.values_list("approver", "keeper")) == {(by_rule, district.keeper.name)}
    assert SealUse.objects.count() == 2
    assert find(code=page.code) == page


def test_the_worker_stamps_what_takes_more_than_a_second(
    client: Any, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it is under way; the worker does it as the keeper asked."""
    monkeypatch.setattr("verification.direct.pass_list.AT_ONCE", 1)
    case = ready(district, people=(person_in(district.unit), person_in(district.unit)))
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("workflow:act", args=["verification_direct.directtraining", case.pk, "stamp"]))
    assert DirectTraining.objects.get().state == "ready"
    sweep()
    assert DirectTraining.objects.get().state == "stamped"
    assert LedgerEntry.objects.of_source(case).count() == 2
