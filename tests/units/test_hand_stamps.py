"""Papers with a place for the hand stamp: the keeper's list, entering what was done, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.papers.hand_stamps import enter_applied
from luojiang_ce.papers.models import Paper, Seal, SealUse
from luojiang_ce.papers.seal_records import SealApplied
from luojiang_ce.papers.services import request_paper, request_papers, revoke_papers
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow import case_kind
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.luojiang_ce.papers.samples import bureau_seal, issued_letter, made, register_samples, seal_of
from tests.queries import statements
from tests.units.views.helpers import workbook_rows
from units.views import hand_stamps

pytestmark = pytest.mark.django_db
LIST, APPLY = reverse("seals:hand"), reverse("seals:hand_apply")


@pytest.fixture(autouse=True)
def _samples(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def blank(district: District) -> Seal:
    return seal_of(district.bureau, provider=Seal.Provider.BLANK, demo=False)


@pytest.fixture
def paper(district: District, blank: Seal) -> Paper:
    return issued_letter(district, seal=blank)


def tick(use: SealUse) -> str:
    return f"papers.sealuse:{use.pk}"


def entered(client: Client, *uses: SealUse, **changed: Any) -> Any:
    now = clock.local(clock.now())
    data = {"do": "submit", "copies": "2", "on": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", **changed}
    return client.post(APPLY, {"cases": [tick(use) for use in uses], "back": LIST, **data}, follow=True)


def test_a_paper_waits_is_ticked_entered_and_gone(client: Client, district: District, paper: Paper) -> None:
    use = paper.seal_uses.get()
    client.force_login(district.keeper)
    assert use.document in client.get(LIST).content.decode()
    asked = client.post(APPLY, {"cases": [tick(use)], "back": LIST}).content.decode()
    assert "每份文书加盖份数" in asked
    assert use.document in asked
    assert not SealApplied.objects.exists()
    assert "已登记加盖 1 份文书" in entered(client, use).content.decode()
    applied = SealApplied.objects.get()
    assert (applied.use, applied.copies, applied.keeper, applied.keeper_name) == (
        use, 2, district.keeper, district.keeper.name,
    )  # fmt: skip
    assert use.document not in client.get(LIST).content.decode()
    event = Event.objects.get(name="seal_applied")
    assert (event.case_id, event.actor, event.data["copies"]) == (paper.pk, district.keeper, 2)
    said = f"加盖 2 份（{district.keeper.name}）"
    assert said in client.get(reverse("papers:register")).content.decode()
    assert said in client.get(paper.get_absolute_url()).content.decode()
    (row,) = workbook_rows(client.get(reverse("papers:register_workbook")))[3:-1]
    assert any(said in str(cell) for cell in row)


def test_the_keeper_s_start_page_says_how_many_wait_and_nobody_else_s(
    client: Client, district: District, paper: Paper
) -> None:
    said = "1 份文书待手工加盖"
    for account, told in ((district.keeper, True), (district.handler, False), (district.owner, False)):
        client.force_login(account)
        assert (said in client.get(reverse("home:start")).content.decode()) is told
    client.force_login(district.keeper)
    entered(client, paper.seal_uses.get())
    assert said not in client.get(reverse("home:start")).content.decode()


def test_papers_of_before_the_upgrade_are_not_owed_and_may_be_entered(
    client: Client, district: District, paper: Paper, blank: Seal
) -> None:
    later = issued_letter(district, seal=blank, variant="health")
    old, new = paper.seal_uses.get(), later.seal_uses.get()
    Seal.objects.filter(pk=blank.pk).update(stamps_entered_since=new.used_at)
    assert list(SealUse.objects.awaiting_hand()) == [new]
    client.force_login(district.keeper)
    assert "1 份文书待手工加盖" in client.get(reverse("home:start")).content.decode()
    assert "系统升级以前签发的不列" in client.get(LIST).content.decode()
    more = reverse("seals:hand_more", args=[old.pk])
    register = client.get(reverse("papers:register")).content.decode()
    assert more in register
    assert reverse("seals:hand_more", args=[new.pk]) not in register
    now = clock.local(clock.now())
    data = {"copies": "1", "on": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", "note": "升级以前加盖，补登记"}
    assert client.post(more, data).status_code == 302
    assert SealApplied.objects.get().use == old


def test_many_are_entered_at_once_each_by_itself(client: Client, district: District, blank: Seal) -> None:
    people = [person_in(district.unit, f"王{n}") for n in range(3)]
    made(request_papers("sample.page", district.unit, actor=district.keeper, subjects=people, seal=blank)[0])
    uses = list(SealUse.objects.all())
    enter_applied(use=uses[0], copies=1, at=clock.now(), actor=district.keeper)
    client.force_login(district.keeper)
    said = entered(client, *uses).content.decode()
    assert "已登记加盖 2 份文书" in said
    assert "已登记过" in said
    assert SealApplied.objects.count() == 3


def test_more_than_a_second_s_work_is_entered_piece_by_piece(
    client: Client, district: District, blank: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_stamps, "AT_ONCE", 2)
    people = [person_in(district.unit, f"王{n}") for n in range(3)]
    made(request_papers("sample.page", district.unit, actor=district.keeper, subjects=people, seal=blank)[0])
    client.force_login(district.keeper)
    asked = client.post(APPLY, {"cases": [tick(use) for use in SealUse.objects.all()]}).content.decode()
    assert "勾选的 2 份文书；另有 1 份" in asked
    assert asked.count('name="cases"') == 2


def test_a_revoked_paper_leaves_the_list_and_is_not_entered(client: Client, district: District, paper: Paper) -> None:
    use = paper.seal_uses.get()
    revoke_papers([paper], actor=district.approver, reason="课程表被更正")
    client.force_login(district.keeper)
    assert use.document not in client.get(LIST).content.decode()
    assert "已撤销，不能加盖" in entered(client, use).content.decode()
    assert not SealApplied.objects.exists()
    assert "文书已撤销，未加盖" in client.get(reverse("papers:register")).content.decode()


@pytest.mark.parametrize("account", ["handler", "approver", "audit_admin"])
def test_others_read_the_list_and_enter_nothing(client: Client, district: District, paper: Paper, account: str) -> None:
    client.force_login(getattr(district, account))
    page = client.get(LIST).content.decode()
    assert paper.number is not None
    assert paper.number in page
    assert APPLY not in page
    assert client.post(APPLY, {"cases": [tick(paper.seal_uses.get())]}).status_code == 404


def test_a_keeper_of_another_organ_neither_sees_nor_enters_it(client: Client, district: District, paper: Paper) -> None:
    there, use = account_with("seal_keeper", district.education), paper.seal_uses.get()
    client.force_login(there)
    assert use.document not in client.get(LIST).content.decode()
    assert "还没有勾选" in entered(client, use).content.decode()
    assert client.get(reverse("seals:hand_more", args=[use.pk])).status_code == 404
    with pytest.raises(NotPossible, match="不由您保管"):
        enter_applied(use=use, copies=1, at=clock.now(), actor=there)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client: Client, district: District, paper: Paper) -> None:
    client.force_login(district.keeper)
    page = entered(client, paper.seal_uses.get(), copies="0", on="2026-13-01", time="25:99")
    text = page.content.decode()
    assert page.status_code == 422
    assert all(each in text for each in ("不是日期", "请按 09:30 的样子填写时间", 'value="0"', "2026-13-01"))


def test_a_time_that_cannot_be_stays_on_the_form_with_all_that_is_wrong(
    client: Client, district: District, paper: Paper, blank: Seal
) -> None:
    uses = [paper.seal_uses.get(), issued_letter(district, seal=blank, variant="health").seal_uses.get()]
    Paper.objects.filter(pk=paper.pk).update(issued_at=clock.now() - timedelta(days=9))
    client.force_login(district.keeper)
    for days, said in ((1, "加盖时间还没有到"), (-2, f"{uses[1].number}：加盖时间早于文书签发时间")):
        on = f"{clock.today() + timedelta(days=days):%Y-%m-%d}"
        page = entered(client, *uses, copies="0", on=on, time="08:15")
        text = page.content.decode()
        assert page.status_code == 422
        assert said in text
        assert f"{uses[0].number}：" not in text  # issued long before
        assert all(each in text for each in ('id="id_copies_error"', 'value="0"', on, "08:15", *map(tick, uses)))
    assert not SealApplied.objects.exists()


@pytest.mark.parametrize(
    ("moment", "said"),
    [(timedelta(days=2), "还没有到"), (timedelta(days=-2), "早于文书签发时间")],
)
def test_a_time_that_cannot_be_is_refused(district: District, paper: Paper, moment: timedelta, said: str) -> None:
    with pytest.raises(NotPossible, match=said):
        enter_applied(use=paper.seal_uses.get(), copies=1, at=clock.now() + moment, actor=district.keeper)


def test_a_seal_retired_today_is_still_put_on_today_and_not_tomorrow(
    district: District, paper: Paper, blank: Seal, monkeypatch: pytest.MonkeyPatch
) -> None:
    Seal.objects.filter(pk=blank.pk).update(last_day=clock.today())
    use, tomorrow = paper.seal_uses.get(), clock.now() + timedelta(days=1)
    with clock.at(tomorrow), pytest.raises(NotPossible, match=r"最后使用日期是.*用现行印章重新签发"):
        enter_applied(use=use, copies=1, at=tomorrow, actor=district.keeper)
    with clock.at(tomorrow):  # put on yesterday, entered today
        enter_applied(use=use, copies=1, at=tomorrow - timedelta(days=1), actor=district.keeper)


def test_who_approved_of_the_use_does_not_put_the_seal_on(district: District, blank: Seal, settings: Any) -> None:
    both = account_with("seal_keeper", district.bureau, name="简行舟")
    asked = {"actor": district.keeper, "approver": both, "seal": blank}
    use = made(request_paper("sample.letter", district.unit, **asked)).seal_uses.get()
    with pytest.raises(NotPossible, match="由您审批"):
        enter_applied(use=use, copies=1, at=clock.now(), actor=both)
    settings.FOUR_EYES = False
    enter_applied(use=use, copies=1, at=clock.now(), actor=both)


def test_more_is_entered_with_a_reason_and_stands_beside_the_first(
    client: Client, district: District, paper: Paper
) -> None:
    use, now = paper.seal_uses.get(), clock.local(clock.now())
    client.force_login(district.keeper)
    entered(client, use)
    more = reverse("seals:hand_more", args=[use.pk])
    data = {"copies": "1", "on": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", "note": ""}
    assert more in client.get(reverse("papers:register")).content.decode()
    assert "请写明为什么补记" in client.post(more, data).content.decode()
    assert client.post(more, {**data, "note": "补盖 1 份"}).status_code == 302
    assert list(SealApplied.objects.values_list("copies", "note")) == [(2, ""), (1, "补盖 1 份")]
    assert "补盖 1 份" in client.get(reverse("papers:register")).content.decode()


def test_a_drawn_seal_is_not_put_on_by_hand(district: District) -> None:
    use = issued_letter(district, seal=bureau_seal(district)).seal_uses.get()
    with pytest.raises(NotPossible, match="不用手工加盖"):
        enter_applied(use=use, copies=1, at=clock.now(), actor=district.keeper)


@pytest.mark.django_db(transaction=True)
def test_an_entry_cannot_be_changed_even_with_the_database_at_hand(district: District, paper: Paper) -> None:
    enter_applied(use=paper.seal_uses.get(), copies=1, at=clock.now(), actor=district.keeper)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SealApplied.objects.update(copies=9)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SealApplied.objects.get().delete()


def test_the_list_asks_as_often_for_thirty_as_for_three(client: Client, district: District, blank: Seal) -> None:
    client.force_login(district.keeper)
    counted = []
    for size in (3, 27):
        people = [person_in(district.unit, f"王{size}{n}") for n in range(size)]
        made(request_papers("sample.page", district.unit, actor=district.keeper, subjects=people, seal=blank)[0])
        client.get(LIST)
        with statements() as found:
            client.get(LIST)
        counted.append(len(found))
    assert counted[0] == counted[1] <= 12


def test_midnight_is_that_of_shanghai(district: District, paper: Paper) -> None:
    at = datetime.combine(clock.today(), datetime.min.time(), clock.SHANGHAI)
    assert str(SealApplied(copies=1, applied_at=at, keeper_name="简行舟")).endswith("00:00 加盖 1 份（简行舟）")
