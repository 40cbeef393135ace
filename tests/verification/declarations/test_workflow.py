"""From draft to ledger: guards, effects, and what cannot be done. Every state × action × role: test_walk.py."""

from datetime import date, datetime, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from tests.factories import UnitFactory, person_in
from tests.verification.declarations.cases import declaration_of, in_state, with_evidence
from tests.verification.self_study.cases import study_of
from units.models import Employment
from verification.batches.models import AnnualRecord
from verification.declarations.materials import materials
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.verdicts import assessments

pytestmark = pytest.mark.django_db


def submitted(district, **facts) -> Declaration:
    case = with_evidence(declaration_of(district.unit, **facts), district.owner)
    fire(case, "submit", actor=district.owner)
    return case


class TestSubmitting:
    @pytest.mark.notice("二(一)2")
    @pytest.mark.notice("二(一)3")
    @pytest.mark.parametrize(
        ("without", "title"),
        [("notice", "相关培训通知文件"), ("consent", "单位同意参加的报名情况"), ("proof", "学时（学分）证明")],
    )
    def test_needs_the_evidence_of_a_training(self, district, without, title):
        case = with_evidence(declaration_of(district.unit), district.owner, without=without)
        with pytest.raises(Refused, match=title):
            fire(case, "submit", actor=district.owner)
        assert Declaration.objects.get().state == "draft"

    @pytest.mark.notice("二(一)4")
    def test_a_paid_course_needs_its_voucher(self, district):
        case = with_evidence(declaration_of(district.unit, paid=True), district.owner, without="voucher")
        with pytest.raises(Refused, match="缴费凭证"):
            fire(case, "submit", actor=district.owner)
        free = with_evidence(declaration_of(district.unit), district.owner)
        fire(free, "submit", actor=district.owner)

    @pytest.mark.notice("二(一)5")
    @pytest.mark.parametrize(
        ("without", "title"),
        [("admission", "录取通知书"), ("voucher", "缴费凭证"), ("marks", "毕业证书或当年度科目成绩")],
    )
    def test_a_degree_needs_admission_receipt_and_marks(self, district, without, title):
        case = with_evidence(declaration_of(district.unit, form="degree"), district.owner, without=without)
        with pytest.raises(Refused, match=title):
            fire(case, "submit", actor=district.owner)

    @pytest.mark.notice("二(一)5")
    def test_a_degree_under_way_needs_the_years_marks_and_no_diploma(self, district):
        """Each year with its own marks, in the ledger of that year."""
        ends = clock.today() + timedelta(days=500)
        facts = {"form": "degree", "date_from": date(2025, 9, 1), "date_to": ends, "title": "农业硕士（在职）"}
        person = person_in(district.unit)
        for year in (2025, 2026):
            case = declaration_of(district.unit, person, year=year, **facts)
            assert [row.title for row in materials(case) if row.code == "marks"] == ["当年度科目成绩合格证书"]
            with_evidence(case, district.owner, without="marks")
            with pytest.raises(Refused, match="还缺材料：当年度科目成绩合格证书"):
                fire(case, "submit", actor=district.owner)
            with_evidence(case, district.owner)
            fire(case, "submit", actor=district.owner)
            fire(case, "accept", actor=district.handler)
        assert list(LedgerEntry.objects.order_by("year").values_list("year", flat=True)) == [2025, 2026]

    @pytest.mark.notice("二(一)6")
    def test_a_paper_needs_its_confirmation(self, district):
        paper = {"form": "paper", "confirmed_on": date(2026, 4, 1)}
        case = with_evidence(declaration_of(district.unit, **paper), district.owner, without="confirmation")
        with pytest.raises(Refused, match="论文确认件"):
            fire(case, "submit", actor=district.owner)
        fire(with_evidence(case, district.owner), "submit", actor=district.owner)
        assert case.state == "submitted"

    @pytest.mark.notice("二(一)6")
    def test_a_paper_is_confirmed_before_the_year_is_filed_for_verification(self, district):
        paper = {"form": "paper", "confirmed_on": date(2026, 4, 2)}
        case = submitted(district, **paper)
        facts = {"person": case.person, "unit": district.unit, "year": case.year}
        filed = AnnualRecord.objects.create(
            first_submitted_at=datetime(2026, 4, 1, 23, 30, tzinfo=clock.SHANGHAI), **facts
        )
        with pytest.raises(Refused, match="确认日期 2026年4月2日 晚于该年度验证的首次报送日 2026年4月1日"):
            fire(case, "accept", actor=district.handler)
        AnnualRecord.objects.filter(pk=filed.pk).update(first_submitted_at=None)
        fire(case, "accept", actor=district.handler)

    def test_only_for_people_who_work_here(self, district):
        case = with_evidence(declaration_of(district.unit), district.owner)
        Employment.objects.filter(person=case.person).update(ended_on=date(2026, 6, 30))
        with pytest.raises(Refused, match="已不在本单位"):
            fire(case, "submit", actor=district.owner)

    def test_says_everything_that_is_missing_at_once_and_on_the_button(self, district):
        case = declaration_of(district.unit, form="self_study", filing=study_of(district, "submitted"))
        Employment.objects.filter(person=case.person).update(ended_on=date(2026, 6, 30))
        (submit,) = [each for each in actions_for(case, district.owner) if each.transition.name == "submit"]
        assert len(submit.reasons) == 3
        assert "现为“待核准”" in "".join(submit.reasons)
        assert not submit.enabled


class TestReviewing:
    def test_accepting_enters_the_ledger_once(self, district):
        case = submitted(district, intensive=False, course="")
        fire(case, "accept", actor=district.handler)
        entry = LedgerEntry.objects.get()
        assert (entry.person, entry.year, str(entry.amount)) == (case.person, 2026, "12.00")
        assert (entry.form, entry.source_id, entry.reason) == ("remote", case.pk, f"依据：{case.basis}")
        with pytest.raises(Refused):
            fire(case, "accept", actor=district.handler)
        assert LedgerEntry.objects.count() == 1

    @pytest.mark.notice("一(三)1")
    def test_what_is_accepted_counts(self, district):
        case = submitted(district, amount=60)
        assert assessments([case.person], 2026)[case.person_id].requirements[1].counted == 0
        fire(case, "accept", actor=district.handler)
        assert assessments([case.person], 2026)[case.person_id].requirements[1].met

    def test_a_file_taken_away_meanwhile_stops_the_acceptance(self, district):
        case = submitted(district)
        case_files = type(case).objects.get(pk=case.pk)
        from luojiang_ce.files.models import Attachment

        Attachment.objects.of(case_files).filter(material="proof").update(removed_at=case.submitted_at)
        with pytest.raises(Refused, match="还缺材料"):
            fire(case, "accept", actor=district.handler)
        assert not LedgerEntry.objects.exists()

    def test_a_return_lists_what_is_wrong_and_is_answered(self, district):
        case = submitted(district)
        items = [{"where": "折算依据", "wrong": "没有文号", "mend": "补写文号"}]
        fire(case, "return", actor=district.handler, data={"items": items})
        assert case.state == "returned"
        first = case.first_submitted_at
        fire(case, "resubmit", actor=district.colleague)
        assert (case.state, case.first_submitted_at) == ("submitted", first)
        assert case.submitted_at > first

    def test_the_unit_is_told(self, district):
        case = submitted(district)
        fire(case, "refuse", actor=district.handler, note="证明与平台记录不符")
        told = Notice.objects.values_list("recipient__username", flat=True)
        assert set(told) == {district.owner.username, district.colleague.username}
        assert Notice.objects.first().title == f"学时申报 {case.number} 不予认可"
        assert Notice.objects.first().text == "王小明：专业技术人员网络课程\n证明与平台记录不符"

    def test_authorities_review_their_own_system(self, district):
        clinic = UnitFactory(supervisor=district.health, nature="medical", medical_level="second")
        case = declaration_of(
            clinic, subject="class_2", measure="credits", state="submitted", first_submitted_at="2026-06-01T09:00+08:00"
        )
        with_evidence(case, district.handler)
        with pytest.raises(Refused, match="只有"):
            fire(case, "accept", actor=district.education_reviewer)
        fire(case, "accept", actor=district.health_reviewer)
        assert LedgerEntry.objects.get().measure == "credits"

    def test_an_acceptance_can_be_revoked_by_the_approver(self, district):
        case = submitted(district)
        fire(case, "accept", actor=district.handler)
        with pytest.raises(Refused):
            fire(case, "revoke", actor=district.handler, note="证明系伪造")
        fire(case, "revoke", actor=district.approver, note="证明系伪造")
        assert [str(entry.amount) for entry in LedgerEntry.objects.order_by("pk")] == ["12.00", "-12.00"]
        assert LedgerEntry.objects.last().reason == "证明系伪造"
        assert not LedgerEntry.objects.standing().exists()

    def test_withdrawing_ends_it_before_acceptance_only(self, district):
        case = submitted(district)
        fire(case, "withdraw", actor=district.colleague)
        assert case.state == "withdrawn"
        with pytest.raises(Refused):
            fire(in_state(district, "accepted"), "withdraw", actor=district.owner)


class TestWhoSees:
    def test_a_draft_is_the_units_own_business(self, district):
        declaration_of(district.unit)
        seeing = {
            name
            for name in ("owner", "colleague", "neighbour", "handler", "approver", "audit_admin", "system_admin")
            if Declaration.objects.visible_to(getattr(district, name)).exists()
        }
        assert seeing == {"owner", "colleague"}

    def test_once_submitted_the_bureau_and_the_authority_see_it(self, district):
        school = UnitFactory(supervisor=district.education, nature="school")
        declaration_of(school, person_in(school), state="submitted", first_submitted_at="2026-06-01T09:00+08:00")
        seeing = {
            name
            for name in ("owner", "neighbour", "handler", "audit_admin", "education_reviewer", "health_reviewer")
            if Declaration.objects.visible_to(getattr(district, name)).exists()
        }
        assert seeing == {"handler", "audit_admin", "education_reviewer"}
