"""Accounts and roles of the tests' district, which are written without the services, as if these had made them."""

from __future__ import annotations

from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import digest, record_many
from tests.conftest import District
from units.models import Account, Assignment


def put_on_record(district: District) -> None:
    """The events that making them by the services leaves."""
    accounts = Account.objects.all()
    record_many([(each, {"password": digest(each.password)}) for each in accounts], "account_created", actor=SYSTEM)
    roles = Assignment.objects.select_related("account")
    record_many(
        [
            (row.account, {"assignment": row.pk, "role": row.role, "unit": row.unit_id, "from": row.valid_from})
            for row in roles
        ],
        "role_assigned",
        actor=SYSTEM,
    )
