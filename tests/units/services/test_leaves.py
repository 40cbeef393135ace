"""Long absence: evidence, two years, approval, back early (notice 二(三)2)."""

from datetime import date, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history, open_items
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import EVERYONE
from tests.units.cases import back_yesterday, leave_of, with_evidence
from units.models import Leave
from units.services import draft_leave, edit_leave, end_employment

FIRST = date(2026, 1, 1)


def reasons(case, name, actor, **data) -> str:
    with pytest.raises(Refused) as refused:
        fire(case, name, actor=actor, data=data)
    return " ".join(refused.value.reasons)


def test_a_draft_belongs_to_the_unit_where_the_person_works(district) -> None:
    person = person_in(district.unit)
    leave = draft_leave(person=person, reason="sickness", starts_on=FIRST, ends_on=FIRST, actor=district.owner)
    assert (leave.unit, leave.state, leave.created_by) == (district.unit, "draft", district.owner)
    assert history(leave).get().name == "created"


def test_who_works_nowhere_has_no_leave(district) -> None:
    person = person_in(district.unit)
    end_employment(person=person, reason="left", last_day=FIRST, actor=district.owner)
    with pytest.raises(NotPossible, match="目前没有任职单位"):
        draft_leave(person=person, reason="sickness", starts_on=FIRST, ends_on=FIRST, actor=district.owner)


@pytest.mark.notice("二(三)2")
def test_another_reason_must_be_told(district) -> None:
    with pytest.raises(NotPossible) as refused:
        draft_leave(
            person=person_in(district.unit), reason="other", starts_on=FIRST, ends_on=FIRST - timedelta(days=1),
            actor=district.owner,
        )  # fmt: skip
    assert "ends_on" in refused.value.by_field


@pytest.mark.notice("二(三)2")
class TestSubmitting:
    def test_without_evidence_it_is_refused(self, district) -> None:
        assert "证明材料" in reasons(leave_of(district), "submit", district.owner)

    def test_two_years_and_a_day_are_refused_with_the_last_day_allowed(self, district) -> None:
        leave = leave_of(district, starts_on=date(2025, 3, 1), ends_on=date(2027, 3, 1))
        with_evidence(district, leave)
        assert "2027年2月28日" in reasons(leave, "submit", district.owner)

    def test_a_renewal_counts_with_what_was_approved_before(self, district) -> None:
        person = person_in(district.unit)
        leave_of(district, "approved", person=person, starts_on=date(2024, 1, 1), ends_on=date(2025, 6, 30))
        more = leave_of(district, person=person, starts_on=date(2025, 7, 1), ends_on=date(2026, 1, 1))
        with_evidence(district, more)
        assert "2025年12月31日" in reasons(more, "submit", district.owner)
        edit_leave(
            leave=more, reason="sickness", starts_on=date(2025, 7, 1), ends_on=date(2025, 12, 31), actor=district.owner
        )
        more.refresh_from_db()
        fire(more, "submit", actor=district.owner)
        assert more.first_submitted_at

    def test_an_approved_leave_is_not_overlapped(self, district) -> None:
        person = person_in(district.unit)
        leave_of(district, "approved", person=person, starts_on=date(2025, 1, 1), ends_on=date(2025, 6, 30))
        again = leave_of(district, person=person, starts_on=date(2025, 6, 30), ends_on=date(2025, 7, 30))
        with_evidence(district, again)
        assert "重叠" in reasons(again, "submit", district.owner)

    def test_who_has_left_needs_no_leave(self, district) -> None:
        leave = leave_of(district)
        with_evidence(district, leave)
        end_employment(person=leave.person, reason="left", last_day=clock.today(), actor=district.owner)
        assert "不在本单位" in reasons(leave, "submit", district.owner)


def test_approval_says_who_and_when_and_makes_it_count(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    assert not Leave.objects.approved(clock.today()).exists()
    fire(leave, "approve", actor=district.approver)
    assert (leave.approved_by, Leave.objects.approved(clock.today()).get()) == (district.approver, leave)


def test_a_revoked_approval_counts_no_more(district) -> None:
    leave = leave_of(district, "approved", approved_by=district.approver, approved_at=clock.now())
    fire(leave, "revoke", actor=district.approver, note="证明系伪造")
    assert leave.approved_by is None
    assert not Leave.objects.approved().exists()


def test_back_early_shortens_the_leave(district) -> None:
    leave = leave_of(district, "approved")
    fire(leave, "come_back", actor=district.owner, data=back_yesterday(district, leave))
    assert leave.ends_on == clock.today() - timedelta(days=1)
    assert history(leave).first().data == {"ends_on": str(leave.ends_on)}


def test_back_on_a_day_to_come_is_refused(district) -> None:
    leave = leave_of(district, "approved")
    assert "不晚于今天" in reasons(leave, "come_back", district.owner, ends_on=clock.today() + timedelta(days=1))


def test_what_is_with_the_bureau_is_not_edited(district) -> None:
    leave = leave_of(district, "submitted")
    with pytest.raises(NotPossible, match="不能再修改"):
        edit_leave(leave=leave, reason="sickness", starts_on=FIRST, ends_on=FIRST, actor=district.owner)


def told(account) -> list[str]:
    return list(Notice.objects.filter(recipient=account).order_by("pk").values_list("title", flat=True))


class TestTelling:
    def leave(self, district, state: str = "submitted") -> Leave:
        leave = leave_of(district, state, person=person_in(district.unit, "仇远"), reason="sickness")
        with_evidence(district, leave)
        return leave

    def test_a_filing_is_told_to_those_who_look_at_it_and_decide(self, district) -> None:
        leave = self.leave(district, "draft")
        fire(leave, "submit", actor=district.owner)
        expected = [f"收到长期离岗申报：{district.unit.short}（{full(leave.starts_on)} 起）"]
        assert (told(district.handler), told(district.approver)) == (expected, expected)
        assert told(district.owner) == told(district.neighbour) == []

    @pytest.mark.parametrize(("name", "done"), [("return", "退回补正"), ("refuse", "不予批准"), ("approve", "批准")])
    def test_every_answer_is_told_to_the_units_clerks(self, district, name, done) -> None:
        data = {"items": [{"where": "", "wrong": "没有章", "mend": ""}]} if name == "return" else {}
        leave = self.leave(district)
        fire(leave, name, actor=district.approver, note="见说明", data=data)
        assert told(district.owner) == told(district.colleague) == [
            f"长期离岗申报{done}：{district.unit.short}（{full(leave.starts_on)} 起）"
        ]  # fmt: skip
        assert Notice.objects.filter(recipient=district.owner).get().text == "见说明"

    def test_a_revoked_approval_and_an_early_return_are_told(self, district) -> None:
        leave = leave_of(district, "approved")
        fire(leave, "come_back", actor=district.owner, data=back_yesterday(district, leave))
        assert "提前返岗" in told(district.approver)[0]
        fire(leave, "revoke", actor=district.approver, note="证明系伪造")
        assert "撤销批准" in told(district.owner)[0]

    def test_no_notice_says_who_is_away_or_why(self, district) -> None:
        fire(self.leave(district, "draft"), "submit", actor=district.owner)
        assert not [title for title in told(district.handler) if "病" in title or "仇远" in title]


class TestMending:
    ITEMS = {"items": [{"where": "证明材料", "wrong": "没有章", "mend": "补盖"}]}

    def returned(self, district) -> Leave:
        leave = leave_of(district, "submitted")
        with_evidence(district, leave)
        fire(leave, "return", actor=district.handler, data=self.ITEMS)
        return leave

    def test_it_is_filed_again_with_an_answer_to_each_thing(self, district) -> None:
        leave = self.returned(district)
        (item,) = open_items(leave)
        fire(leave, "resubmit", actor=district.owner, data={"answers": {str(item.pk): "已补盖"}})
        assert (leave.state, open_items(leave)) == ("submitted", [])
        item.refresh_from_db()
        assert (item.answer, item.answered_by) == ("已补盖", district.owner)

    def test_a_second_return_needs_the_approvers_leave(self, district) -> None:
        leave = self.returned(district)
        fire(leave, "resubmit", actor=district.owner)
        assert "已退回补正过一次" in reasons(leave, "return", district.handler, **self.ITEMS)
        fire(leave, "allow_return", actor=district.approver, note="新材料有新问题")
        fire(leave, "return", actor=district.handler, data=self.ITEMS)


def test_what_was_taken_back_was_not_filed(district) -> None:
    leave = leave_of(district, "submitted")
    fire(leave, "take_back", actor=district.owner)
    assert leave.first_submitted_at is None
    assert not Leave.objects.visible_to(district.approver).exists()


class TestWhoSees:
    def test_a_draft_is_the_units_own(self, district) -> None:
        leave = leave_of(district, "draft")
        sees = {who for who in ("owner", "colleague", "neighbour", "handler", "approver", "audit_admin", "keeper")
                if Leave.objects.visible_to(getattr(district, who)).filter(pk=leave.pk)}  # fmt: skip
        assert sees == {"owner", "colleague"}

    def test_medical_papers_are_seen_by_the_unit_and_those_who_decide(self, district) -> None:
        leave = leave_of(district, "submitted")
        sees = {who for who in EVERYONE if Leave.objects.visible_to(getattr(district, who)).filter(pk=leave.pk)}
        assert sees == {"owner", "colleague", "handler", "approver", "audit_admin"}
