"""业务主管部门意见 (S5, 附件2): given by the authority's clerk or recorded from paper; shown, never waited for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.training.classes.factories import an_application, enrolled
from tests.training.plans.factories import a_plan, a_scan, an_item, with_scheme
from tests.units.views.helpers import browser
from training.classes import papers
from training.classes.models import ClassApplication, Enrolment
from training.plans.models import Plan
from units.models import Account
from units.opinions import services
from units.opinions.models import Opinion

pytestmark = pytest.mark.django_db
WHY = "与本系统年度计划重复"


@pytest.fixture
def authority(district: District) -> Account:
    """The clerk of the authority that supervises the owner's unit."""
    district.unit.supervisor = district.education
    district.unit.save()
    return account_with("unit_clerk", district.education)


@pytest.fixture(params=["plan", "class"])
def case(request: pytest.FixtureRequest, district: District, authority: Account) -> Any:
    """A filed plan, a filed class."""
    if request.param == "class":
        return an_application(district.unit, ClassApplication.State.SUBMITTED)
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    an_item(plan)
    return plan


def say(case: Any, actor: Account, result: str = "agreed", text: str = "", **more: Any) -> Opinion:
    return services.give_opinion(case=case, result=result, text=text, file=more.pop("file", None), actor=actor, **more)


def on_paper(case: Any, actor: Account, **more: Any) -> Opinion:
    facts = {"result": "agreed", "text": "", "given_on": date(2026, 3, 2), "person": "岳临川"}
    facts |= {name: more.pop(name) for name in list(more) if name in facts}
    return services.record_opinion(
        case=case, facts=facts, file=more.pop("file", checked(a_scan())), actor=actor, **more
    )


def test_the_authority_reads_the_case_and_its_objection_stands_on_top(
    case: Any, district: District, authority: Account
) -> None:
    client = browser(authority)
    give = reverse("opinions:give", args=[case._meta.label_lower, case.pk])
    assert give in client.get(case.get_absolute_url()).content.decode()
    sent = {"version": 0, "result": "objected", "text": ""}
    assert "不同意须写明理由" in client.post(give, sent).content.decode()
    assert client.post(give, {**sent, "text": WHY, "file": a_scan()}).status_code == 302
    given = Opinion.objects.get()
    assert (given.given_on, given.person, given.authority) == (clock.today(), authority.name, district.education)
    page = browser(district.handler).get(case.get_absolute_url()).content.decode()
    assert f"业务主管部门“{district.education}”不同意：{WHY}" in page
    file = Attachment.objects.of(given).get()
    assert reverse("files:download", args=[file.uid]) in page
    got = browser(district.owner).get(reverse("files:download", args=[file.uid]))
    assert b"".join(got)[:4] == b"\x89PNG"
    assert browser(district.neighbour).get(reverse("files:download", args=[file.uid])).status_code == 404
    assert Notice.objects.filter(recipient=district.approver, title__contains="不同意").count() == 1


def test_nothing_waits_for_an_opinion_and_an_objection_stops_nothing(
    case: Any, district: District, authority: Account
) -> None:
    say(case, authority, "objected", WHY)
    if isinstance(case, Plan):
        fire(case, "check", actor=district.handler)
        assert case.state == Plan.State.CHECKED
    else:
        case.refresh_from_db()
        type(case).objects.filter(pk=case.pk).update(state="checked")
        page = browser(district.approver).get(case.get_absolute_url()).content.decode()
        assert WHY in page


def test_only_the_authority_gives_it_and_only_the_handler_records_it(
    case: Any, district: District, authority: Account
) -> None:
    for who in (district.owner, district.neighbour, district.handler):
        with pytest.raises(PermissionDenied):
            say(case, who)
    for who in (district.owner, authority, district.approver):
        with pytest.raises(PermissionDenied):
            on_paper(case, who)


def test_it_is_changed_until_the_case_is_decided(case: Any, district: District, authority: Account) -> None:
    say(case, authority, "objected", WHY)
    with pytest.raises(Conflict):
        say(case, authority, version=0)
    say(case, authority, version=1)
    assert "原为" in history(case).filter(name="opinion_changed").get().note_row.text
    decided = "checked" if isinstance(case, Plan) else "approved"
    type(case).objects.filter(pk=case.pk).update(state=decided)
    with pytest.raises(NotPossible, match="已经办结"):
        say(case, authority, "objected", WHY, version=2)


def test_paper_is_recorded_with_its_scan_and_its_day(case: Any, district: District, authority: Account) -> None:
    with pytest.raises(NotPossible, match="扫描件"):
        on_paper(case, district.handler, file=None)
    with pytest.raises(NotPossible, match="在今天之后"):
        on_paper(case, district.handler, given_on=clock.today() + timedelta(days=1))
    record = reverse("opinions:record", args=[case._meta.label_lower, case.pk])
    client = browser(district.handler)
    assert record in client.get(case.get_absolute_url()).content.decode()
    sent = {"version": 0, "result": "agreed", "text": "", "given_on": "2026-03-02", "person": "岳临川"}
    assert "请选择书面意见的扫描件" in client.post(record, sent).content.decode()
    assert client.post(record, {**sent, "file": a_scan()}).status_code == 302
    assert Opinion.objects.get().way == "paper"


def test_the_box_of_the_form_says_it(district: District, authority: Account) -> None:
    found = an_application(district.unit, ClassApplication.State.SUBMITTED)
    boxes = {box.title: box for box in papers.opinions(found, ("申请学时", "专业 22"))}
    assert boxes["业务主管部门意见"].text == ""
    with clock.at(datetime(2026, 3, 2, 10, tzinfo=clock.SHANGHAI)):
        say(found, authority, "objected", WHY)
    box = {box.title: box for box in papers.opinions(found, ("申请学时", "专业 22"))}["业务主管部门意见"]
    assert box.text == f"{district.education}：不同意。{WHY}"
    assert (box.signer, box.day) == (authority.name, date(2026, 3, 2))


def test_a_draft_is_not_the_authoritys_to_read(district: District, authority: Account) -> None:
    for made in (a_plan(district.unit), an_application(district.unit, ClassApplication.State.DRAFT)):
        assert browser(authority).get(made.get_absolute_url()).status_code == 404


def test_the_authority_reads_the_class_and_not_who_is_in_it(district: District, authority: Account) -> None:
    found = an_application(district.unit, ClassApplication.State.APPROVED)
    enrolled(found, person_in(district.unit, "莫知之"))
    assert ClassApplication.objects.visible_to(authority).filter(pk=found.pk).exists()
    assert not Enrolment.objects.visible_to(authority).exists()
    trainees, client = reverse("classes:trainees", args=[found.pk]), browser(authority)
    assert trainees not in client.get(found.get_absolute_url()).content.decode()
    assert client.get(trainees).status_code == 404
    assert trainees in browser(district.owner).get(found.get_absolute_url()).content.decode()


def test_the_authority_is_told_when_its_unit_files(district: District, authority: Account) -> None:
    plan = a_plan(district.unit, clock.today().year + 1)
    an_item(plan)
    fire(with_scheme(plan, district.owner), "submit", actor=district.owner)
    assert Notice.objects.filter(recipient=authority, title__startswith="收到培训计划").count() == 1
