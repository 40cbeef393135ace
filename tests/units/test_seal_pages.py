"""The bureau registers the seals of all organs that stamp, from when to when; who keeps them stands beside."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Seal, SealUse
from luojiang_ce.papers.services import request_paper
from luojiang_ce.workflow import case_kind
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.luojiang_ce.papers.samples import issued_letter, made, register_samples
from tests.luojiang_ce.papers.signing.authorities import EDUCATION, PASSPHRASE, holder
from tests.queries import statements
from tests.verification.batches.samples import a_seal
from units.services.seals import approve_seal

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(一)")]
NAME = "洛江区教育局继续教育验证专用章"


@pytest.fixture(autouse=True)
def _samples_end(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample papers that a test registers are gone after it, with their files."""
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    settings.MEDIA_ROOT = tmp_path / "files"


def facts(district: District, **more: Any) -> dict[str, Any]:
    return {
        "owner": district.education.pk,
        "purpose": "verification",
        "arc_text": "洛江区教育局",
        "line_text": "继续教育验证专用章",
        "provider": "drawn",
        "diameter_mm": "40",
        "ring_mm": "1",
        "first_day": "2026-03-02",
        **more,
    }


def posted(client: Client, district: District, **more: Any) -> Any:
    client.force_login(district.handler)
    return client.post(reverse("seals:new"), facts(district, **more))


def test_a_seal_is_registered_shown_and_told_of(district: District, client: Client) -> None:
    keeper = account_with("seal_keeper", district.education, name="简行舟")
    assert posted(client, district).status_code == 302
    seal = Seal.objects.of(district.education).get()
    assert (seal.name, seal.provider, seal.first_day, seal.demo) == (NAME, "drawn", date(2026, 3, 2), False)
    event = Event.objects.get(name="seal_registered")
    assert (event.case_type, event.case_id, event.actor) == ("papers.seal", seal.pk, district.handler)
    assert set(Notice.objects.filter(key__startswith="seal-").values_list("recipient", flat=True)) == {
        keeper.pk,
        district.audit_admin.pk,
    }
    text = client.get(reverse("seals:list")).content.decode()
    assert all(word in text for word in (NAME, "简行舟", "洛江区卫生健康局", "还没有登记印章", "还没有监印人"))
    assert f"{reverse('seals:new')}?owner={district.health.pk}" in text


def test_in_a_demo_what_is_drawn_is_a_sample(district: District, client: Client, settings: Any) -> None:
    settings.DEMO = True
    posted(client, district)
    assert Seal.objects.of(district.education).get().demo


def test_a_keeper_sees_the_seals_of_the_own_organ_alone_and_registers_none(district: District, client: Client) -> None:
    a_seal(district.bureau)
    a_seal(district.education, name=NAME)
    client.force_login(account_with("seal_keeper", district.education))
    text = client.get(reverse("seals:list")).content.decode()
    assert NAME in text
    assert district.bureau.name not in text
    assert reverse("seals:new") not in text
    assert client.get(reverse("seals:new")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"owner": ""}, "请选择印章属于哪个机关"),
        ({"owner": "unit"}, "请选择区人社局或一个业务主管部门"),
        ({"arc_text": "　"}, "请填写印章上沿弧形的文字"),
        ({"first_day": "2026-13-02"}, "不是日期"),
        ({"last_day": "2026-03-01"}, "停用日期早于启用日期"),
        ({"purpose": "office", "line_text": ""}, "单位公章不套印"),
        ({"diameter_mm": "4"}, "20"),
        ({"provider": "signed"}, "没有选定签名证书"),
        ({"provider": "signed", "signer": "gone"}, "gone"),
        ({"provider": "rubber"}, "rubber"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    district: District, client: Client, wrong: dict[str, str], said: str
) -> None:
    typed = {**wrong, "owner": district.unit.pk} if wrong.get("owner") == "unit" else wrong
    page = posted(client, district, **typed)
    assert page.status_code == 422
    text = page.content.decode()
    assert said in text
    assert wrong.get("line_text", "继续教育验证专用章") in text
    assert not Seal.objects.of(district.education).exists()


def test_the_same_seal_is_not_registered_twice(district: District, client: Client) -> None:
    posted(client, district)
    page = posted(client, district)
    assert (page.status_code, "已登记过" in page.content.decode()) == (422, True)
    assert Seal.objects.of(district.education).count() == 1


def test_a_seal_ends_with_a_day_and_a_reason_and_is_not_brought_back(district: District, client: Client) -> None:
    seal = a_seal(district.education, name=NAME)
    client.force_login(district.approver)
    end = reverse("seals:end", args=[seal.pk])
    yesterday = clock.today().replace(year=clock.today().year - 1)
    assert client.post(end, {"last_day": yesterday, "reason": ""}).status_code == 422
    assert "停用日期早于启用日期" in client.post(end, {"last_day": "2016-01-01", "reason": "更名"}).content.decode()
    assert client.post(end, {"last_day": yesterday, "reason": "更名"}).status_code == 302
    assert not Seal.objects.in_use_on(clock.today()).filter(pk=seal.pk).exists()
    again = client.post(end, {"last_day": clock.today(), "reason": "又启用"})
    assert "不能再改" in again.content.decode()
    assert Event.objects.filter(name="seal_ended", case_id=seal.pk).count() == 1
    assert end not in client.get(reverse("seals:list")).content.decode()


def test_it_does_not_end_before_it_was_last_used(district: District, client: Client) -> None:
    register_samples()
    paper = issued_letter(district)
    client.force_login(district.handler)
    end = reverse("seals:end", args=[paper.seal_id])
    page = client.post(end, {"last_day": "2020-01-01", "reason": "更名"})
    assert "还用过印" in page.content.decode()


def test_it_asks_as_often_for_thirty_organs_as_for_three(district: District, client: Client) -> None:
    client.force_login(district.handler)
    counted = []
    for number in (3, 27):
        for n in range(number):
            organ = UnitFactory(code=f"A{number}-{n}", is_authority=True)
            a_seal(organ)
            account_with("seal_keeper", organ)
        client.get(reverse("seals:list"))
        with statements() as found:
            client.get(reverse("seals:list"))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 12


def test_a_registered_seal_is_used_once_another_person_approved_of_it(district: District, client: Client) -> None:
    client.force_login(district.approver)
    client.post(reverse("seals:new"), facts(district))  # an approver may register, and then not approve
    seal = Seal.objects.of(district.education).get()
    approve, today = reverse("seals:approve", args=[seal.pk]), clock.today()
    assert "还没有经审批人批准启用" in (seal.problem_on(today) or "")
    assert not Seal.objects.in_use_on(date(2026, 3, 2)).filter(pk=seal.pk).exists()
    assert "由您登记" in client.post(approve, follow=True).content.decode()
    other = account_with("bureau_approver", district.bureau, name="简行舟")
    client.force_login(other)
    assert f"批准启用印章：{NAME}" in client.get(reverse("home:start")).content.decode()
    assert "批准启用" in client.get(reverse("seals:seal", args=[seal.pk])).content.decode()
    assert "已批准启用" in client.post(approve, follow=True).content.decode()
    seal.refresh_from_db()
    assert (seal.registered_by, seal.approved_by) == (district.approver, other)
    assert Seal.objects.in_use_on(date(2026, 3, 2)).filter(pk=seal.pk).exists()
    assert "不用再批" in client.post(approve, follow=True).content.decode()
    assert Event.objects.filter(name="seal_approved", case_id=seal.pk, actor=other).count() == 1


def test_a_bureau_of_one_pair_of_eyes_may_approve_of_its_own(district: District, client: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    client.force_login(district.approver)
    client.post(reverse("seals:new"), facts(district))
    seal = Seal.objects.of(district.education).get()
    assert "已批准启用" in client.post(reverse("seals:approve", args=[seal.pk]), follow=True).content.decode()


def test_the_last_day_is_a_day_of_use_and_the_pages_say_so(district: District, client: Client) -> None:
    seal, today = a_seal(district.bureau, name=NAME), clock.today()
    client.force_login(district.handler)
    client.post(reverse("seals:end", args=[seal.pk]), {"last_day": today, "reason": "更名"})
    seal.refresh_from_db()
    assert seal.problem_on(today) is None
    assert "停用" in (seal.problem_on(today + timedelta(days=1)) or "")
    said = "今天仍可用印"
    for address in (reverse("seals:list"), reverse("seals:seal", args=[seal.pk])):
        assert said in client.get(address).content.decode()


def test_a_paper_that_is_being_made_keeps_its_seal_in_use(district: District, client: Client) -> None:
    register_samples()
    seal = a_seal(district.bureau)
    request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal)
    client.force_login(district.handler)
    yesterday = clock.today() - timedelta(days=1)
    page = client.post(reverse("seals:end", args=[seal.pk]), {"last_day": yesterday, "reason": "更名"})
    assert "正在用这枚印章生成" in page.content.decode()


def test_the_way_changes_with_a_reason_and_old_papers_keep_theirs(district: District, client: Client) -> None:
    register_samples()
    seal = a_seal(district.bureau, demo=False)
    paper = issued_letter(district, seal=seal)
    client.force_login(district.handler)
    way = reverse("seals:way", args=[seal.pk])
    assert "请写明理由" in client.post(way, {"provider": "blank", "signer": "", "reason": ""}).content.decode()
    assert "没有改变" in client.post(way, {"provider": "drawn", "signer": "", "reason": "x"}).content.decode()
    assert client.post(way, {"provider": "blank", "signer": "", "reason": "改为手工"}).status_code == 302
    event = Event.objects.get(name="seal_way_changed")
    assert event.note_row.text == "套印图样→留白，手工加盖：改为手工"
    assert "套印图样" in client.get(paper.get_absolute_url()).content.decode()
    assert "lj-seal" in client.get(reverse("papers:check_code", args=[paper.code])).content.decode()
    assert not SealUse.objects.awaiting_hand().exists()
    changed = Seal.objects.get()
    assert "还没有经审批人批准启用" in (changed.problem_on(clock.today()) or "")
    approve_seal(seal=changed, actor=district.approver)
    newer = made(request_paper("sample.roster", district.unit, actor=district.keeper, seal=Seal.objects.get()))
    assert list(SealUse.objects.awaiting_hand()) == [newer.seal_uses.get()]


def test_a_certificate_is_chosen_by_name_and_its_end_is_shown(
    district: District, client: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTS_PASSPHRASE", PASSPHRASE)
    file = holder(EDUCATION).write(tmp_path / "education.p12")
    settings.SIGNERS = {"education": {"file": str(file), "passphrase_env": "TESTS_PASSPHRASE"}}
    assert posted(client, district, provider="signed", signer="education").status_code == 302
    seal = Seal.objects.of(district.education).get()
    text = client.get(reverse("seals:seal", args=[seal.pk])).content.decode()
    assert EDUCATION in text
    assert str(tmp_path) not in text
    way = reverse("seals:way", args=[seal.pk])
    page = client.post(way, {"provider": "blank", "signer": "education", "reason": "x"})
    assert "只有数字签名才选签名证书" in page.content.decode()


def test_a_seal_s_page_tells_all_in_few_queries(district: District, client: Client) -> None:
    register_samples()
    paper = issued_letter(district)
    client.force_login(district.handler)
    with statements() as found:
        text = client.get(reverse("seals:seal", args=[paper.seal_id])).content.decode()
    assert len(found) <= 20
    assert all(each in text for each in ("直径 40 毫米", "外圈 1 毫米", "1 次", f"{clock.today().year} 年 PDF"))
