"""The bureau registers the seals of all organs that stamp, from when to when; who keeps them stands beside."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Seal
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with
from tests.luojiang_ce.papers.samples import issued_letter, register_samples
from tests.queries import statements
from tests.verification.batches.samples import a_seal

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(一)")]
NAME = "洛江区教育局继续教育验证专用章"


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
        ({"provider": "signed"}, "signed"),
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
