"""The lists of attestations, of records taken over and of trusted districts as workbooks, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import AttestationFilter, DistrictFilter, TransferFilter
from .models import Attestation, Transfer, TrustedDistrict
from .second_look import with_states

ATTESTATIONS = ListExport(
    "继续教育证明",
    lambda account: Attestation.objects.visible_to(account).select_related("person", "unit"),
    AttestationFilter,
    (
        Told("编号", "number", width=18),
        Told("姓名", "person.name", width=12),
        Told("单位", "unit.name", width=36),
        Told("年度", "years", width=18),
        Told("用途", "purpose", width=30),
        Told("首次提交", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("所载截至", lambda case: clock.day_of(case.frozen_at), "date"),
        Told("状态", "state_said", width=14),
    ),
    dress=lambda rows, query, account: with_states(rows),
)
TRANSFERS = ListExport(
    "外区记录转入",
    lambda account: Transfer.objects.visible_to(account).select_related("person", "unit", "district"),
    TransferFilter,
    (
        Told("编号", "number", width=18),
        Told("姓名", "person.name", width=12),
        Told("单位", "unit.name", width=36),
        Told("转出地区", "district.name", width=24),
        Told("证明编号", "paper_number", width=26),
        Told("证明日期", "paper_dated", "date"),
        Told("密钥", "kid", width=18),
        Told("首次提交", lambda case: clock.day_of(case.first_submitted_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)
DISTRICTS = ListExport(
    "互认地区",
    lambda account: TrustedDistrict.objects.visible_to(account),
    DistrictFilter,
    (
        Told("地区", "name", width=24),
        Told("地区标识", "issuer", width=30),
        Told("依据", "document", width=40),
        Told("起", "valid_from", "date"),
        Told("止", "valid_to", "date"),
        Told("公钥", lambda case: "、".join(key["kid"] for key in case.keys.get("keys", ())), width=30),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the lists known to luojiang_ce.sheets.exports."""
    register_export("attestations", ATTESTATIONS)
    register_export("record_transfers", TRANSFERS)
    register_export("trusted_districts", DISTRICTS)
