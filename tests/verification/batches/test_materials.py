"""The checklist of what is brought to the counter: the notice's seven, in its order, each with its clause."""

from __future__ import annotations

import pytest
from django.test import Client

from luojiang_ce.files.materials import Material as Line
from luojiang_ce.files.materials import MaterialRow, checklist
from luojiang_ce.home.templatetags.home import standing_of
from luojiang_ce.refusals import NotPossible
from tests.conftest import District
from tests.verification.batches.samples import a_batch, learned, quick_batch, staff
from verification.batches import services
from verification.batches.materials import LINES, needed
from verification.batches.models import Batch, Material

pytestmark = pytest.mark.django_db


@pytest.mark.notice("二(一)4")
@pytest.mark.notice("二(一)7")
def test_the_seven_stand_in_the_order_of_the_notice_and_none_must_be_uploaded(district: District) -> None:
    rows = checklist(quick_batch(district), LINES)
    assert [row.material.clause for row in rows] == ["附件4", *(f"二(一){number}" for number in range(1, 8))]
    assert [row.material.code for row in rows[1:]] == list(Material.values)
    assert not any(row.missing for row in rows)


@pytest.mark.notice("二(一)4")
@pytest.mark.notice("二(一)7")
def test_vouchers_and_other_evidence_are_noted_where_they_are_brought(district: District) -> None:
    batch = quick_batch(district)
    assert not {Material.PAYMENT, Material.OTHER} & set(needed(batch))
    seen = services.check_materials(batch=batch, seen=["other", "payment", "nonsense"], actor=district.handler)
    assert seen.materials_seen == ["payment", "other"]


def test_materials_are_noted_at_the_counter_only(district: District) -> None:
    batch = quick_batch(district, "stamped")
    with pytest.raises(NotPossible, match="已盖章"):
        services.check_materials(batch=batch, seen=["payment"], actor=district.handler)
    assert Batch.objects.get(pk=batch.pk).materials_seen == []


@pytest.mark.notice("二(一)1")
def test_who_is_issued_the_first_booklet_has_none_to_show(district: District) -> None:
    first = a_batch(district, people=staff(district.unit, 2, booklet=False))
    assert Material.CERTIFICATE not in needed(first)
    mixed = a_batch(district, people=[*staff(district.unit, 1, booklet=False), *staff(district.unit, 1)])
    assert Material.CERTIFICATE in needed(mixed)


@pytest.mark.notice("二(一)4")
def test_what_had_a_fee_asks_for_the_voucher(district: District) -> None:
    (person,) = staff(district.unit, 1)
    assert Material.PAYMENT not in needed(a_batch(district, people=staff(district.unit, 1)))
    learned(person, "0", "10", paid=True)
    assert Material.PAYMENT in needed(a_batch(district, people=[person]))


ASKED, LEFT_TO_FILER = Line("a", "甲"), Line("b", "乙", required=lambda case: False)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "未附"),
        ([MaterialRow(LEFT_TO_FILER, False, [])], "未附"),
        ([MaterialRow(LEFT_TO_FILER, False, [], seen=True), MaterialRow(LEFT_TO_FILER, False, [])], "已有 1 项"),
        ([MaterialRow(LEFT_TO_FILER, False, [object()])], "已有 1 项"),  # type: ignore[list-item]
        ([MaterialRow(ASKED, True, []), MaterialRow(LEFT_TO_FILER, False, [object()])], "缺 1 项"),  # type: ignore[list-item]
        ([MaterialRow(ASKED, True, [object()]), MaterialRow(LEFT_TO_FILER, False, [])], "齐"),  # type: ignore[list-item]
    ],
)
def test_complete_is_said_only_where_something_was_asked_for_and_is_there(rows: list[MaterialRow], said: str) -> None:
    assert standing_of(rows)["label"] == said


def test_of_a_batch_with_nothing_attached_nobody_says_that_it_is_complete(district: District, client: Client) -> None:
    for state in ("draft", "in_review", "submitted"):
        batch = quick_batch(district, state)
        client.force_login(district.owner)
        page = client.get(batch.get_absolute_url()).content.decode()
        assert ">未附</span>" in page
        assert "齐" not in page.replace("补齐", "").replace("凑齐", "")
