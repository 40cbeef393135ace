"""The random audit of accepted declarations (V12): originals are asked for, the outcome is recorded, no hour moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import owed_to
from luojiang_ce.files.services import attach
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with
from tests.luojiang_ce.access.test_matrix import signed_in
from tests.queries import statements
from tests.training.inspections.draws.factories import (
    a_draw_of_declarations,
    accepted,
    asked,
    check_in,
    colleague_of_the_handler,
    drawn,
    in_days,
)
from tests.training.inspections.factories import a_picture
from tests.units.views.helpers import browser, workbook_rows
from tests.verification.declarations.cases import in_state
from training.inspections.draws.models import Draw, DrawFigures, OriginalsCheck
from training.inspections.draws.services import freeze_declarations, set_figures
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(四)")]


def test_a_draw_over_an_empty_list_of_declarations_is_refused(district: District) -> None:
    with pytest.raises(NotPossible, match="没有可以抽取的学时申报，名单是空的"):
        a_draw_of_declarations(district, declarations=0)


def test_an_unset_share_proposes_nothing_and_a_share_is_kept(district: District) -> None:
    with pytest.raises(NotPossible, match="没有设定抽查比例，请填写抽几份"):
        a_draw_of_declarations(district, declarations=5, count=None)
    set_figures(figures=DrawFigures(declaration_share=40, reason="局务会"), actor=district.handler)
    with pytest.raises(NotPossible, match="至少抽 2 份"):
        a_draw_of_declarations(district, declarations=0, count=1)
    assert a_draw_of_declarations(district, declarations=0, count=None).count == 2


def test_only_what_was_accepted_in_the_span_still_is_and_was_never_drawn(district: District) -> None:
    first = asked(district).declaration
    accepted(district, title="撤销了的")
    Declaration.objects.filter(title="撤销了的").update(state="revoked")
    with clock.at(clock.now() - timedelta(days=9)):
        accepted(district, title="以前认可的")
    case = a_draw_of_declarations(district)
    keys = [row.key for row in case.the_list.rows]
    assert len(keys) == 1
    assert first.pk not in keys


def test_units_are_asked_once_each_and_find_it_among_what_they_owe(district: District) -> None:
    for _ in range(3):
        accepted(district)
    accepted(district, district.neighbour_unit)
    case = drawn(a_draw_of_declarations(district, declarations=0, count=4), district)
    fire(case, "ask", actor=district.handler, data={"wanted_on": in_days(10)})
    with pytest.raises(Refused):
        fire(Draw.objects.get(), "ask", actor=district.handler, data={"wanted_on": in_days(10)})
    assert OriginalsCheck.objects.count() == 4
    titles = dict(
        Notice.objects.filter(recipient__in=[district.owner, district.neighbour]).values_list("recipient", "title")
    )
    assert "提供 3 份学时申报的原件" in titles[district.owner.pk]
    assert "提供 1 份学时申报的原件" in titles[district.neighbour.pk]
    owed = [each for each in owed_to(district.fresh(district.owner)) if isinstance(each.about, OriginalsCheck)]
    assert len(owed) == 3
    assert {each.deadline.due for each in owed if each.deadline} == {in_days(10)}


def test_what_was_withdrawn_since_the_draw_is_not_asked_for(district: District) -> None:
    case = drawn(a_draw_of_declarations(district), district)
    Declaration.objects.filter(pk=case.result[0]["key"]).update(state="revoked")
    fire(case, "ask", actor=district.handler, data={"wanted_on": in_days(10)})
    assert not OriginalsCheck.objects.exists()
    assert "认可已撤销" in signed_in(district, "handler").get(case.get_absolute_url()).content.decode()


def test_uploaded_means_that_something_was_uploaded(district: District) -> None:
    check = asked(district)
    with pytest.raises(Refused, match="还没有上传原件"):
        fire(check, "provide", actor=district.owner, data={"how": "uploaded"})
    attach(case=check, material="original", upload=a_picture(kind="JPEG"), actor=district.owner)
    check = OriginalsCheck.objects.get()
    fire(check, "provide", actor=district.owner, data={"how": "uploaded"})
    assert (check.state, check.how) == ("provided", "uploaded")


def test_originals_that_come_to_the_counter_need_no_click_of_the_unit(district: District) -> None:
    check = asked(district)
    fire(check, "agree", actor=district.handler)
    assert check.state == "agrees"


@pytest.mark.parametrize("outcome", ["agree", "differ"])
def test_who_accepted_a_declaration_does_not_check_its_originals(district: District, outcome: str) -> None:
    case = asked(district)
    accepted_by = district.fresh(colleague_of_the_handler(district))
    with pytest.raises(Refused, match="是您认可的，认可和核查须为两人"):
        fire(case, outcome, actor=accepted_by, note="相符")
    namesake = account_with(Role.BUREAU_APPROVER, district.bureau, name=accepted_by.name)
    with pytest.raises(Refused, match="见同名的账号 zhang-lan"):
        fire(case, outcome, actor=namesake, note="相符")
    fire(case, outcome, actor=district.approver, note="相符")
    assert OriginalsCheck.objects.get(pk=case.pk).state in ("agrees", "differs")


def test_many_are_checked_at_once_and_taken_away(district: District) -> None:
    case = asked(district)
    client = browser(district.handler)
    page = client.get(reverse("draws:checks")).content.decode()
    assert "原件相符" in page
    rows = workbook_rows(client.get(reverse("draws:export_checks")))
    assert [row[0] for row in rows[1:]] == [case.number]
    assert len(workbook_rows(browser(district.neighbour).get(reverse("draws:export_checks")))) == 1


def test_nobody_is_said_to_have_provided_nothing_before_the_day_is_over(district: District) -> None:
    check = asked(district)
    with pytest.raises(Refused, match="以前单位还可以提供"):
        fire(check, "not_provided", actor=district.handler, note="没有来")
    with clock.at(clock.now() + timedelta(days=11)):
        fire(check, "not_provided", actor=district.handler, note="没有来")
    assert check.state == "not_provided"


@pytest.mark.parametrize("outcome", ["agree", "differ", "not_provided"])
def test_no_outcome_moves_an_hour(district: District, outcome: str) -> None:
    """It says where the acceptance is withdrawn, and leaves it to the approver."""
    in_state(district, "accepted")
    check = asked(district)
    before = list(LedgerEntry.objects.values())
    with clock.at(clock.now() + timedelta(days=11)):
        fire(check, outcome, actor=district.handler, note="发票号码与原件不一致")
        page = signed_in(district, "owner").get(check.get_absolute_url()).content.decode()
    check.declaration.refresh_from_db()
    assert list(LedgerEntry.objects.values()) == before
    assert check.declaration.state == "accepted"
    assert ("核查本身不变动学时" in page) is (outcome != "agree")
    assert ("发票号码与原件不一致" in page) is True


def test_a_wrong_outcome_is_taken_up_again_by_the_approver(district: District) -> None:
    check = check_in(district, "differs")
    with pytest.raises(Refused):
        fire(check, "again", actor=district.handler, note="看错了")
    fire(check, "again", actor=district.approver, note="看错了，请再提供一次")
    assert (check.state, check.how) == ("asked", "")


def test_a_neighbour_sees_none_of_it(district: District) -> None:
    check = asked(district)
    assert signed_in(district, "neighbour").get(check.get_absolute_url()).status_code == 404
    assert "网络课程" not in signed_in(district, "neighbour").get(reverse("draws:checks")).content.decode()
    assert "网络课程" in signed_in(district, "colleague").get(reverse("draws:checks")).content.decode()


@pytest.mark.parametrize(("typed", "says"), [("", "请填写请单位在哪一天以前提供"), ("2020-01-01", "请给单位留出时间")])
def test_a_wrong_day_is_said_beside_its_field(district: District, typed: str, says: str) -> None:
    case = drawn(a_draw_of_declarations(district), district)
    url = reverse("workflow:act", args=[case._meta.label_lower, case.pk, "ask"])
    response = signed_in(district, "handler").post(url, {"wanted_on": typed})
    assert response.status_code == 422
    assert says in response.content.decode()


def test_queries_do_not_grow_with_the_rows(district: District) -> None:
    made: dict[str, list[int]] = {}
    for rows in (3, 30):
        case = drawn(a_draw_of_declarations(district, declarations=rows, count=rows), district)
        with statements() as asking:
            fire(case, "ask", actor=district.handler, data={"wanted_on": in_days(10)})
        made.setdefault("ask", []).append(len(asking))
        client = signed_in(district, "handler")
        for url in (reverse("draws:checks"), case.get_absolute_url()):
            with statements() as page:
                client.get(url)
            made.setdefault(url.replace(str(case.pk), "N"), []).append(len(page))
    few, many = made.pop("ask")
    assert many <= few
    assert all(few == many <= 20 for few, many in made.values()), made


def test_twenty_thousand_declarations_are_drawn_from_within_seconds(district: District) -> None:
    """The largest list of a year, the most that is drawn at once."""
    one = accepted(district)
    Declaration.objects.bulk_create(as_copies(one, [{}] * 19_999))
    event = Event.objects.get(case_id=one.pk, name="accept")
    others = Declaration.objects.exclude(pk=one.pk).values_list("pk", flat=True)
    Event.objects.bulk_create(
        as_copies(event, [{"uid": uuid4(), "case_id": pk, "number": 10**6 + pk} for pk in others])
    )
    with statements() as made:
        case = freeze_declarations(
            since=in_days(0), until=in_days(0), count=500, seed_from="system", actor=district.handler
        )
        drawn(case, district)
    assert case.size == 20_000
    assert len(case.result) == 500
    assert len(made) < 40


def as_copies(row: Any, changes: list[dict[str, Any]]) -> list[Any]:
    facts = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if not each.primary_key}
    return [type(row)(**{**facts, **change}) for change in changes]
