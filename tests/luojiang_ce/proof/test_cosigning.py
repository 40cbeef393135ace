"""Other bodies countersign the day's head: with a command of their own, and nothing that is not theirs is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from luojiang_ce import clock
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring, tree, tree_check
from luojiang_ce.proof.models import Cosignature, SigningKey, TreeHead, Witness, note_of
from luojiang_ce.proof.notes import Verifier, read_inclusion, read_note
from luojiang_ce.proof.verdict import read_cosigners
from luojiang_ce.proof.views import IN_VAIN
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.proof.papers import Held, publish, trust_now
from tests.luojiang_ce.proof.test_tree import tamper
from tests.verification.ledger.entries import a_source, hours, posted

pytestmark = pytest.mark.django_db
NAME = "jyj.luojiang.example"


@pytest.fixture
def log_key(mine: Held) -> str:
    key = SigningKey.objects.signing(SigningKey.Purpose.TREE).get()
    return str(Verifier(keyring.origin(), key.algorithm, bytes(key.public)))


@pytest.fixture
def vkey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The education bureau's key is made on its machine; its public half is registered here."""
    call_command("cosign", key=tmp_path / "key", new_key=NAME)
    made = capsys.readouterr().out.strip()
    call_command("register_witness", "洛江区教育局", made)
    return made


def downloaded(client: Client, tmp_path: Path, name: str = "head") -> Path:
    path = tmp_path / name
    path.write_bytes(client.get("/verify/head").content)
    return path


def sent(client: Client, content: str) -> Any:
    return client.post("/verify/cosignatures", content, content_type="text/plain")


def test_a_head_is_countersigned_by_a_second_body(
    client: Client, tmp_path: Path, vkey: str, log_key: str, mine: Held
) -> None:
    head = downloaded(client, tmp_path)
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    answer = sent(client, head.read_text())
    assert (answer.status_code, answer.content.decode()) == (200, "已收下 洛江区教育局 的会签\n")
    assert "原来已经收下" in sent(client, head.read_text()).content.decode()
    published = read_note(client.get("/verify/head").content.decode())
    assert published.is_signed_by(Witness.objects.get().verifier)
    assert all(published.is_signed_by(each) for each in keyring.verifiers())
    assert Cosignature.objects.count() == 1


def test_the_next_is_signed_only_as_its_continuation(
    client: Client, tmp_path: Path, vkey: str, log_key: str, district: District
) -> None:
    before = downloaded(client, tmp_path, "before")
    options = {"key": tmp_path / "key", "log_key": log_key}
    call_command("cosign", before, **options)
    posted(a_source(), district.handler, hours(person_in(district.unit, "王小明")))
    publish()
    head, proof = downloaded(client, tmp_path), tmp_path / "consistency"
    proof.write_bytes(client.get("/verify/consistency/2/3").content)
    with pytest.raises(CommandError, match="不能签"):
        call_command("cosign", head, **options)
    assert "— jyj" not in head.read_text()
    call_command("cosign", head, **options, consistency=proof)
    assert sent(client, head.read_text()).status_code == 200
    with pytest.raises(CommandError, match="不能签"):  # the older once more
        call_command("cosign", before, **options)
    call_command("cosign", head, **options)  # the same once more


def test_what_was_signed_last_is_not_forgotten_silently(
    client: Client, tmp_path: Path, vkey: str, log_key: str
) -> None:
    head, kept = downloaded(client, tmp_path), tmp_path / "key.last"
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    assert read_note(kept.read_text()).text == read_note(head.read_text()).text
    for lose in (lambda: kept.write_text(""), kept.unlink):
        lose()
        with pytest.raises(CommandError, match="从备份恢复"):
            call_command("cosign", head, key=tmp_path / "key", log_key=log_key)


def test_countersignatures_are_published_led_to_and_checked(
    client: Client, tmp_path: Path, vkey: str, log_key: str, papers: list[Paper], district: District
) -> None:
    head = downloaded(client, tmp_path)
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    sent(client, head.read_text())
    published = client.get("/.well-known/jwks.json").json()
    assert [each["vkey"] for each in published["witnesses"]] == [vkey]
    assert not {each["kid"] for each in published["keys"]} & {NAME}
    posted(a_source(), district.handler, hours(person_in(district.unit, "王小明")))
    publish()
    inclusion, place = tree.inclusion_of(ISSUED, papers[0]), tree.placed(ISSUED, papers[0])
    assert inclusion is not None
    assert place is not None
    assert (inclusion.head.size, place.size, place.cosigned) == (2, 2, ["洛江区教育局"])
    by = read_cosigners(published)[0]
    assert by.has_signed(inclusion)
    assert not replace(by, until=clock.today() - timedelta(days=1)).has_signed(inclusion)
    assert tree_check.check().problems == []
    tamper("UPDATE proof_cosignature SET signature = %s", bytes(72))
    assert "洛江区教育局 的会签无效" in "；".join(tree_check.check().problems)


def test_a_site_that_moves_disowns_no_head(client: Client, tmp_path: Path, settings: Any, mine: Held) -> None:
    kept = str(note_of(TreeHead.objects.get()))
    settings.PUBLIC_URL = "https://jxjy.luojiang.example:8443/new"
    assert keyring.origin() == "jxjy.luojiang.example/verify"
    assert tree_check.check_against(kept) == []
    keyring.rotate(SigningKey.Purpose.TREE)
    assert keyring.origin() == "jxjy.luojiang.example:8443/new/verify"
    publish()
    assert tree_check.check_against(kept) == []
    assert tree_check.check().problems == []
    trust, inclusion = trust_now(), read_inclusion(mine.proof)
    assert any(inclusion.note.is_signed_by(each) for each in trust.verifiers())
    assert all(note_of(head).is_signed_by(verifier_of(head)) for head in TreeHead.objects.all())


def verifier_of(head: TreeHead) -> Verifier:
    """The published key of the tree that bears the head's name."""
    name = head.note.split("\n", 1)[0]
    (key,) = SigningKey.objects.filter(origin=name)
    return Verifier(name, key.algorithm, bytes(key.public))


def test_a_head_that_the_log_has_not_signed_is_not_countersigned(
    client: Client, tmp_path: Path, vkey: str, log_key: str
) -> None:
    head = downloaded(client, tmp_path)
    head.write_text(head.read_text().replace("\n2\n", "\n3\n"))
    with pytest.raises(CommandError, match="没有区人社局的有效签名"):
        call_command("cosign", head, key=tmp_path / "key", log_key=log_key)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (("\n2\n", "\n3\n"), 409),
        (("dated ", "dater "), 409),
        (("dated 2", "dated x"), 409),
        (("\n2\n", "\n99999999999999999999999\n"), 409),
        (("jxjy", "jyxj"), 409),
        (("— jyj", "— jjy"), 422),
    ],
)
def test_what_was_changed_on_its_way_is_refused(
    change: tuple[str, str], status: int, client: Client, tmp_path: Path, vkey: str, log_key: str
) -> None:
    head = downloaded(client, tmp_path)
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    assert sent(client, head.read_text().replace(*change)).status_code == status
    assert not Cosignature.objects.exists()


@pytest.mark.parametrize(
    ("content", "status"), [("", 422), ("温知故", 422), ("a\n\n— b ??\n", 422), ("x" * 30_000, 413), ("\ud800", 422)]
)
def test_anything_else_is_refused_in_words(content: str, status: int, client: Client) -> None:
    answer = client.post(
        "/verify/cosignatures", content.encode("utf-8", "surrogatepass"), content_type="application/octet-stream"
    )
    assert answer.status_code == status
    assert answer.content.decode().strip()


def test_nobody_else_is_believed_nor_an_ended_key(client: Client, tmp_path: Path, vkey: str, log_key: str) -> None:
    head = downloaded(client, tmp_path)
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    call_command("register_witness", end=NAME)
    assert sent(client, head.read_text()).status_code == 422
    assert Witness.objects.get().ended_at


def test_one_address_sends_only_so_many_in_vain(client: Client) -> None:
    IN_VAIN.add("127.0.0.1", IN_VAIN.limit() - 2)  # counted by whichever process, in the database
    assert [sent(client, "x").status_code for _ in range(3)] == [422, 422, 429]


@pytest.mark.parametrize("wrong", ["温知故", "a+b+c", NAME])
def test_a_mistyped_key_is_not_registered(wrong: str) -> None:
    with pytest.raises(CommandError, match="不是会签用的公钥"):
        call_command("register_witness", "洛江区教育局", wrong)


def test_a_name_keeps_its_key(vkey: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("register_witness", "洛江区教育局", vkey)  # the same once more
    call_command("cosign", key=tmp_path / "another", new_key=NAME)
    other = capsys.readouterr().out.strip().splitlines()[-1]
    with pytest.raises(CommandError, match="已登记另一把公钥"):
        call_command("register_witness", "洛江区教育局", other)
    with pytest.raises(CommandError, match="不覆盖"):
        call_command("cosign", key=tmp_path / "key", new_key=NAME)
    with pytest.raises(CommandError, match="不能有空格"):
        call_command("cosign", key=tmp_path / "third", new_key="教育 局")


def test_every_head_is_listed_and_kept(client: Client, mine: Held) -> None:
    head = TreeHead.objects.get()
    assert client.get("/verify/heads").content.decode() == f"{head.day} 2 {bytes(head.root).hex()}\n"
    assert client.get("/verify/heads/2").content.decode() == str(note_of(head))
    assert client.get("/verify/heads/3").status_code == 404
    for sizes in ("1/2", "2/1", "2/99999999999999999999999"):
        assert client.get(f"/verify/consistency/{sizes}").status_code == 404
    assert client.get("/verify/heads/99999999999999999999999").status_code == 404
