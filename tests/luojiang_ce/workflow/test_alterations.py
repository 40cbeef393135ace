"""Every alteration of alterations.py is found, with its place; an untouched system is found whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.proof.tasks import publish_head
from luojiang_ce.workflow import audited, case_kind, chain, heads
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history, open_items, record
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_letter, register_samples
from tests.luojiang_ce.workflow.alterations import ALTERATIONS, Alteration
from tests.luojiang_ce.workflow.altering import World, disarm
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.transactions import of_the_test
from tests.verification.ledger.entries import hours, posted
from units.models import Leave
from units.services import assign_role, create_account, end_role
from units.services.leaves import draft_leave

pytestmark = [pytest.mark.django_db, pytest.mark.thorough, pytest.mark.real_services]


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path


@pytest.fixture
def world(district: District) -> World:
    put_on_record(district)
    leave = a_leave_sent_back_and_mended(district)
    paper = issued_letter(district)
    [entry] = posted(leave, district.handler, hours(person_in(district.unit), "12.0"))
    clerk, role = a_clerk_until_tomorrow(district)
    record(district.unit, "signed_in", actor=district.owner)
    record(leave, "edited", actor=district.owner, note="最后封存的一条")
    chain.seal()
    head = heads.publish_of_day()
    publish_head()
    loose = [record(leave, "edited", actor=district.owner, note=f"第{n}次") for n in range(3)]
    sealed = [*history(leave).exclude(pk__in=[each.pk for each in loose]).order_by("pk")]
    file = Attachment.objects.get()
    return World(district, leave, sealed, loose, paper, file, entry, clerk, role, heads.code_of(head))


def a_leave_sent_back_and_mended(district: District) -> Leave:
    first = clock.today() - timedelta(days=30)
    leave = draft_leave(
        person=person_in(district.unit), actor=district.owner, reason=Leave.Reason.SICKNESS,
        starts_on=first, ends_on=first + timedelta(days=180),
    )  # fmt: skip
    attach(case=leave, material="evidence", upload=SimpleUploadedFile("证明.pdf", PDF), actor=district.owner)
    fire(leave, "submit", actor=district.owner, note="请审核")
    fire(
        leave, "return", actor=district.handler, data={"items": [{"where": "证明", "wrong": "没有章", "mend": "补盖"}]}
    )
    answers = {str(item.pk): "已补盖" for item in open_items(leave)}
    fire(leave, "resubmit", actor=district.owner, data={"answers": answers})
    return leave


def a_clerk_until_tomorrow(district: District) -> tuple[Any, Any]:
    clerk = create_account(username="newclerk", name="新来的", actor=district.system_admin).account
    role = assign_role(
        account=clerk, role="unit_clerk", unit=district.unit, valid_from=clock.today(), actor=district.security_admin
    )
    end_role(assignment=role, actor=district.security_admin, reason="调岗", last_day=clock.today() + timedelta(days=1))
    role.refresh_from_db()
    return clerk, role


@contextmanager
def undone(folder: Path, spare: Path) -> Iterator[None]:
    """Whatever is done to database and files inside is undone."""
    shutil.copytree(folder, spare)
    try:
        with of_the_test():
            yield
            transaction.set_rollback(True)
    finally:
        shutil.rmtree(folder)
        shutil.move(spare, folder)


def found_after(alteration: Alteration, world: World, settings: Any) -> str:
    """What the check says of it; nothing where it did not show."""
    with undone(Path(settings.VAR_DIR), Path(f"{settings.VAR_DIR}-spare")):
        disarm()
        if connection.vendor == "postgresql":  # foreign keys are looked at when the transaction ends, which it does not
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        alteration.do(world)
        if alteration.outside:
            return "\n".join(heads.check_kept(world.kept))
        audit = audited.check()
        return "\n".join(audit.backwards if alteration.clock else audit.problems)


def test_every_alteration_is_found_with_its_place(world: World, settings: Any) -> None:
    assert len(ALTERATIONS) >= 50
    untouched = audited.check()
    assert (untouched.problems, untouched.backwards) == ([], [])
    assert heads.check_kept(world.kept) == []
    missed = {
        each.name: said for each in ALTERATIONS if each.says(world) not in (said := found_after(each, world, settings))
    }
    assert missed == {}
    assert audited.check().problems == []
