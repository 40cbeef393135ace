"""The privacy notice says what the law asks for, and nothing that the bureau has not set (PIPL 17, 35)."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
PARTS = (
    *("谁在处理", "为什么、凭什么", "收集哪些", "谁能看", "保存多久", "您可以做什么", "找谁"),
    *(
        "第十三条第一款第三项",
        "泉洛政人社〔2017〕27号",
        "敏感个人信息",
        "查阅、复制",
        "更正、补充",
        "删除",
        "近亲属",
        "投诉",
    ),
)


def notice(client) -> str:
    return client.get(reverse("home:privacy")).content.decode()


def test_the_notice_says_what_the_law_asks_for(client) -> None:
    page = notice(client)
    assert [part for part in PARTS if part not in page] == []


def test_what_the_bureau_has_not_set_says_so(client, settings) -> None:
    settings.AUDIT_PARTS_DIR, settings.ANONYMISE_AFTER_YEARS = "", 0
    settings.PRIVACY_CONTACT = settings.BUREAU_PHONE = settings.BUREAU_ADDRESS = ""
    page = notice(client)
    assert page.count("未设定") == 4
    assert "一直保存" in page
    settings.BUREAU_PHONE, settings.ANONYMISE_AFTER_YEARS = "0595-00000000", 10
    settings.AUDIT_PARTS_DIR, settings.AUDIT_KEEP_MONTHS = "/somewhere", 2
    page = notice(client)
    assert page.count("未设定") == 2
    assert "0595-00000000" in page
    assert "满 10 年" in page
    assert "保存 6 个月" in page, "no setting makes it less than the law asks for"
