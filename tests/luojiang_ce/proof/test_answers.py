"""What whoever has the papers answers to a code, for the page that works without a network while it has one."""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from luojiang_ce.papers.guessing import MISSES
from luojiang_ce.papers.leaves import answer_for
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import keyring, tree_check
from luojiang_ce.proof.models import SigningKey, TreeHead, note_of
from luojiang_ce.proof.notes import read_inclusion
from luojiang_ce.proof.sources import Standing
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.papers import Held, publish, trust_now
from tests.queries import statements

pytestmark = pytest.mark.django_db


def standing_of(client: Client, code: str) -> tuple[int, str | None]:
    """Status and standing that the answer names."""
    answer = client.get(reverse("papers:proof", args=[code]))
    return answer.status_code, answer.headers.get("Paper-Standing")


def test_an_answer_names_how_the_paper_stands(client: Client, papers: list[Paper], district: District) -> None:
    first, second = papers
    assert standing_of(client, first.code) == (404, "valid")  # in no head yet
    publish()
    assert standing_of(client, first.code) == (200, "valid")
    revoke_papers([second], actor=district.approver, reason="填错")
    assert standing_of(client, second.code) == (200, "revoked")
    assert standing_of(client, "0000-0000-0000") == (404, "unknown")
    assert standing_of(client, "温知故") == (404, "unknown")


def test_an_answer_names_the_fingerprints_of_file_and_statement(client: Client, papers: list[Paper]) -> None:
    """Before there is a head, so that both can be compared on the day of issue."""
    answers = [client.get(reverse("papers:proof", args=[code])) for code in (papers[0].code, "0000-0000-0000")]
    assert papers[0].sha256
    assert [each.headers.get("Paper-SHA256") for each in answers] == [papers[0].sha256, ""]
    stated = hashlib.sha256(papers[0].statement).hexdigest()
    assert [each.headers.get("Paper-Statement") for each in answers] == [stated, ""]


def test_whoever_guesses_is_told_nothing(client: Client) -> None:
    told = [standing_of(client, "0000-0000-0000") for _ in range(MISSES + 1)]
    assert told[-2:] == [(404, "unknown"), (429, None)]


def test_an_answer_costs_as_much_among_many(papers: list[Paper], district: District) -> None:
    publish()
    with statements() as few:
        assert answer_for(papers[0].code).standing == Standing.VALID
    for number in range(6):
        issued_page(district, person_in(district.unit, f"许明{number}"))
    publish()
    with statements() as many:
        assert answer_for(papers[0].code).inclusion is not None
    assert len(many) <= len(few) + 1 <= 12  # a proof among more leaves has nodes too


def test_keys_of_before_get_the_name_under_which_they_signed(mine: Held, settings: Any) -> None:
    old = SigningKey.objects.signing(SigningKey.Purpose.TREE).get()
    new = keyring.rotate(SigningKey.Purpose.TREE)
    settings.PUBLIC_URL = "https://moved.luojiang.example/"
    named = import_module("luojiang_ce.proof.migrations.0002_a_name_for_the_tree_that_stays")
    SigningKey.objects.filter(purpose="tree").update(origin="unnamed")
    named.name_what_was_signed(apps, None)
    assert not any(SigningKey.objects.values_list("former_origins", flat=True))
    names = dict(SigningKey.objects.filter(purpose="tree").values_list("pk", "origin"))
    assert names == {old.pk: "jxjy.luojiang.example/verify", new.pk: "moved.luojiang.example/verify"}


def test_a_head_from_before_a_move_that_no_key_marked_is_still_the_logs_own(mine: Held, settings: Any) -> None:
    """Then heads bore the address of their day; the key stayed."""
    before, key = str(note_of(TreeHead.objects.get())), SigningKey.objects.signing(SigningKey.Purpose.TREE).get()
    old, new = key.origin, "moved.luojiang.example/verify"
    SigningKey.objects.filter(pk=key.pk).update(origin=new)
    publish()
    named = import_module("luojiang_ce.proof.migrations.0002_a_name_for_the_tree_that_stays")
    named.name_what_was_signed(apps, None)
    key.refresh_from_db()
    assert (key.origin, key.former_origins) == (new, [old])
    assert tree_check.check_against(before) == []
    assert tree_check.check().problems == []
    (told,) = [each for each in keyring.as_jwks()["keys"] if each["kid"] == key.kid]
    assert (told["origin"], told["former_origins"]) == (new, [old])
    assert any(read_inclusion(mine.proof).note.is_signed_by(each) for each in trust_now().verifiers())
