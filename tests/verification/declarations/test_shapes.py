"""What each form of learning is asked: elsewhere, transfers, skills, papers; public subjects by catalogue."""

from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import person_in
from tests.units.views.helpers import browser
from training.classes.models import CatalogueCourse, CourseEntitlement
from verification.declarations.models import Declaration
from verification.declarations.serials import read_serial
from verification.declarations.together import declared_together
from verification.ledger.models import LedgerEntry

from .cases import declaration_of, with_evidence
from .test_pages import typed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=True):
        yield


@pytest.fixture
def person(district):
    return person_in(district.unit, "仇远")


def new(form: str) -> str:
    return reverse("declarations:new", args=[form])


def course_of(first=2017, last=None, name="测试公共科目") -> CatalogueCourse:
    return CatalogueCourse.objects.create(name=name, first_year=first, last_year=last, document="测人社〔2017〕1号")


ELSEWHERE = {"approver": "某市人力资源和社会保障局", "approval": "测人社〔2026〕8号", "check_code": "测验0001"}
SKILLS = {"approver": "某市人力资源和社会保障局", "approval": "测人社〔2026〕9号"}
PAPER = {"confirmed_on": "2026-04-01", "serial": "ISSN 1000-0003", "authorship": "first", "date_to": None}


class TestFields:
    @pytest.mark.notice("一(四)")
    @pytest.mark.parametrize(
        ("form", "facts"),
        [
            ("elsewhere", ELSEWHERE),
            ("skills", {"approver": "市人社局", "approval": "测人社〔2026〕9号"}),
            ("paper", PAPER),
        ],
    )
    def test_are_asked_by_form_kept_and_shown_to_the_reviewer(self, district, person, form, facts):
        clerk = browser(district.owner)
        sent = typed(person, form=form, **facts)
        for name in set(facts) - {"date_to", "confirmed_on"}:
            answer = clerk.post(new(form), sent | {name: ""})
            assert answer.status_code == 422
            assert f'href="#id_{name}"' in answer.content.decode()
        assert clerk.post(new(form), sent).status_code == 302
        case = Declaration.objects.get()
        fire(with_evidence(case, district.owner), "submit", actor=district.owner)
        html = browser(district.handler).get(case.get_absolute_url()).content.decode()
        fire(case, "accept", actor=district.handler)
        entry = LedgerEntry.objects.get()
        for name in set(facts) - {"date_to", "confirmed_on"}:
            said = case.get_authorship_display() if name == "authorship" else facts[name]
            assert said in html
            assert said in entry.reason

    def test_a_form_that_is_not_asked_keeps_nothing_of_another(self, district, person):
        clerk = browser(district.owner)
        clerk.post(new("elsewhere"), typed(person, form="elsewhere", **ELSEWHERE))
        case = Declaration.objects.get()
        edit = reverse("declarations:edit", args=[case.pk])
        clerk.post(edit, typed(person, form="lecture", version=case.version, **ELSEWHERE))
        case.refresh_from_db()
        assert (case.form, case.approver, case.approval, case.check_code) == ("lecture", "", "", "")

    def test_a_paper_has_one_day(self, district, person):
        browser(district.owner).post(new("paper"), typed(person, form="paper", **PAPER))
        case = Declaration.objects.get()
        assert case.date_from == case.date_to == date(2026, 5, 6)


class TestSerials:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("1000-0003", "ISSN 1000-0003"),
            ("issn：１０００－０００３", "ISSN 1000-0003"),
            ("10000003", "ISSN 1000-0003"),
            ("0000-006x", "ISSN 0000-006X"),
            ("CN35-0001/s", "CN 35-0001/S"),
            ("cn 35—0001", "CN 35-0001"),
            ("https://doi.org/10.1234/Ab.c-1", "DOI 10.1234/Ab.c-1"),
            ("DOI: 10.12345/x(2026)01.", "DOI 10.12345/x(2026)01"),
            ("国内统一刊号 CN 35-0001/S；国际标准刊号 ISSN 1000-0003", "ISSN 1000-0003；CN 35-0001/S"),
            ("ISSN 1000-0003 / CN 35-0001/S", "ISSN 1000-0003；CN 35-0001/S"),
        ],
    )
    def test_are_kept_in_one_way_of_writing(self, sent, kept):
        assert read_serial(sent) == kept
        assert read_serial(kept) == kept

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ("1000-0004", "最后一位与前七位不符"),
            ("核心期刊", "认不出“核心期刊”"),
            ("12345", "认不出“12345”"),
            ("http://example.invalid/a", "认不出"),
            ("ISSN", "请填 ISSN"),
            ("1000-0003 和另一种", "认不出“和另一种”"),
            ("x" * 500, "认不出"),
        ],
    )
    def test_a_doi_or_issn_typed_wildly_is_explained(self, sent, says):
        with pytest.raises(ValueError, match=says):
            read_serial(sent)

    def test_the_form_says_so_and_keeps_what_was_typed(self, district, person):
        facts = typed(person, form="paper", **PAPER | {"serial": "1000-0004"})
        html = browser(district.owner).post(new("paper"), facts).content.decode()
        assert "最后一位与前七位不符" in html
        assert 'value="1000-0004"' in html


@pytest.mark.notice("一(二)")
class TestPublic:
    def sent(self, person, course, unit, **changes):
        return typed(person, subject="public", catalogue=course.pk, organiser_unit=unit.pk, organiser="", **changes)

    def test_names_a_course_and_who_organised_it(self, district, person):
        clerk, course = browser(district.owner), course_of()
        html = clerk.post(new("remote"), typed(person, subject="public")).content.decode()
        assert "公共科目须选公共科目目录里的课程（通知 一(二)）" in html
        assert "公共科目由人社部门组织实施（通知 一(二)）" in html
        assert clerk.post(new("remote"), self.sent(person, course, district.bureau)).status_code == 302
        case = Declaration.objects.get()
        assert (case.catalogue, case.organiser_unit, case.organiser) == (course, district.bureau, district.bureau.name)

    def test_a_professional_declaration_names_none(self, district, person):
        facts = typed(person, catalogue=course_of().pk, organiser_unit=district.bureau.pk)
        browser(district.owner).post(new("remote"), facts)
        case = Declaration.objects.get()
        assert (case.catalogue, case.organiser_unit, case.organiser) == (None, None, "福建省测试网络学院")

    def test_a_course_that_left_the_catalogue(self, district, person):
        """Explained in the form, and by the guards where it left after the draft was written."""
        clerk, course = browser(district.owner), course_of(last=2025)
        html = clerk.post(new("remote"), self.sent(person, course, district.bureau)).content.decode()
        assert "只到 2025 年度，已退出公共科目目录（测人社〔2017〕1号），2026 年度不能再按公共科目申报" in html
        CatalogueCourse.objects.update(last_year=None)
        clerk.post(new("remote"), self.sent(person, course, district.bureau))
        case = with_evidence(Declaration.objects.get(), district.owner)
        fire(case, "submit", actor=district.owner)
        CatalogueCourse.objects.update(last_year=2025)
        with pytest.raises(Refused, match=r"已退出公共科目目录.*通知 一\(二\)"):
            fire(Declaration.objects.get(), "accept", actor=district.handler)

    def test_a_course_before_it_came(self, district, person):
        course = course_of(first=2027)
        html = browser(district.owner).post(new("remote"), self.sent(person, course, district.bureau)).content.decode()
        assert "自 2027 年度起才列入公共科目目录" in html

    def test_an_organiser_who_is_not_entitled_on_that_day(self, district, person):
        clerk, course, base = browser(district.owner), course_of(), district.neighbour_unit
        answer = clerk.post(new("remote"), self.sent(person, course, base))
        assert answer.status_code == 422  # is not even offered
        given = CourseEntitlement.objects.create(
            unit=base, course=course, document="测委〔2026〕1号", valid_from=date(2026, 5, 10)
        )
        html = clerk.post(new("remote"), self.sent(person, course, base)).content.decode()
        assert "2026年5月6日没有组织“测试公共科目”的有效委托（委托期：2026年5月10日至长期）" in html
        given.valid_from = date(2026, 5, 1)
        given.valid_to = date(2026, 5, 28)
        given.save()
        html = clerk.post(new("remote"), self.sent(person, course, base)).content.decode()
        assert "2026年5月29日没有组织" in html
        assert "至2026年5月28日" in html
        renewed = CourseEntitlement.objects.create(
            unit=base, course=None, document="测委〔2026〕2号", valid_from=date(2026, 5, 20)
        )
        CourseEntitlement.objects.filter(pk=given.pk).update(valid_to=date(2026, 5, 12))
        html = clerk.post(new("remote"), self.sent(person, course, base)).content.decode()
        assert "2026年5月13日没有组织" in html  # between the two
        CourseEntitlement.objects.filter(pk=renewed.pk).update(valid_from=date(2026, 5, 13))
        assert clerk.post(new("remote"), self.sent(person, course, base)).status_code == 302

    def test_of_another_course_somebody_is_not_entitled(self, district, person):
        base, other = district.neighbour_unit, course_of(name="另一门")
        CourseEntitlement.objects.create(unit=base, course=other, document="测委", valid_from=date(2026, 1, 1))
        html = browser(district.owner).post(new("remote"), self.sent(person, course_of(), base)).content.decode()
        assert "委托期：没有" in html


class TestTransfers:
    def sent(self, person, **changes):
        facts = {"person": person.pk, "form": "transfer", "organiser": "某市某区", "year": "2025", "amount": "60",
                 "subject": "professional", "basis": "继续教育证书 测0001", "do": "submit"}  # fmt: skip
        return facts | changes

    def test_a_year_of_hours_with_their_proof(self, district, person):
        browser(district.owner).post(new("transfer"), self.sent(person))
        case = Declaration.objects.get()
        assert (case.title, case.date_from, case.date_to) == (
            "由某市某区转入的学时", date(2025, 1, 1), date(2025, 12, 31),
        )  # fmt: skip
        with pytest.raises(Refused, match="还缺材料：转出地区的学时证明，"):
            fire(case, "submit", actor=district.owner)
        fire(with_evidence(case, district.owner), "submit", actor=district.owner)
        fire(case, "accept", actor=district.handler)
        assert (LedgerEntry.objects.get().form, LedgerEntry.objects.get().year) == ("transfer", 2025)

    def test_several_years_one_after_the_other_share_their_proof(self, district, person):
        clerk = browser(district.owner)
        answer = clerk.post(new("transfer"), self.sent(person, another="1"))
        page = clerk.get(answer.headers["Location"]).content.decode()
        assert 'value="某市某区"' in page
        assert f'<option value="{person.pk}" selected>' in page
        clerk.post(new("transfer"), self.sent(person, year="2024"))
        clerk.post(new("transfer"), self.sent(person, year="2024", subject="public", amount="18"))
        cases = list(Declaration.objects.all())
        assert len(cases) == 3
        assert set(declared_together(cases[0])) == set(cases)

    @pytest.mark.parametrize("year", ["2027", "1999", "0", "99999"])
    def test_a_year_that_cannot_be_is_explained(self, district, person, year):
        answer = browser(district.owner).post(new("transfer"), self.sent(person, year=year))
        assert answer.status_code == 422
        assert "转入的年度应在 2000 年至 2026 年之间" in answer.content.decode()

    def test_a_transfer_for_a_year_that_the_person_has_here_already_is_pointed_out(self, district, person):
        here = with_evidence(
            declaration_of(district.unit, person, year=2025, date_from="2025-05-06", date_to="2025-05-29"),
            district.owner,
        )
        fire(here, "submit", actor=district.owner)
        fire(here, "accept", actor=district.handler)
        clerk, said = browser(district.owner), "仇远 2025 年度在本区已有专业科目 12 学时入账"
        page = clerk.post(new("transfer"), self.sent(person), follow=True).content.decode()
        assert page.count(said) == 2  # when it is saved, and on its page
        case = Declaration.objects.get(form="transfer")
        fire(with_evidence(case, district.owner), "submit", actor=district.owner)
        assert said in browser(district.handler).get(case.get_absolute_url()).content.decode()
        other = declaration_of(district.unit, person, form="transfer", year=2024, date_from="2024-01-01",
                               date_to="2024-12-31")  # fmt: skip
        assert "在本区已有" not in clerk.get(other.get_absolute_url()).content.decode()

    def test_is_not_declared_for_many(self, district):
        assert 'value="transfer"' not in browser(district.owner).get(reverse("declarations:new_many")).content.decode()


def test_the_ledger_still_refuses_changes_after_its_table_was_made_anew(district, person):
    from django.db import DatabaseError, transaction

    case = with_evidence(declaration_of(district.unit, person), district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "accept", actor=district.handler)
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntry.objects.update(amount=99)


@pytest.mark.parametrize(
    ("facts", "said", "unsaid"),
    [
        ({"form": "paper", "confirmed_on": date(2026, 4, 1)}, ("发表日期", "刊物", "折算依据"), ("起止日期",)),
        ({"form": "transfer"}, ("转出地区", "转出证明"), ("起止日期", "发表日期", "折算依据")),
        ({"form": "remote"}, ("起止日期", "主办单位", "折算依据"), ("发表日期",)),
    ],
)
def test_the_page_calls_things_as_the_form_does(district, facts, said, unsaid):
    case = declaration_of(district.unit, **facts)
    page = browser(district.owner).get(case.get_absolute_url()).content.decode()
    assert all(f"<dt>{each}</dt>" in page for each in said)
    assert not [each for each in unsaid if f"<dt>{each}</dt>" in page]
