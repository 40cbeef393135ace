"""Signed notes and keys in the formats of C2SP; whatever is not one is refused."""

from __future__ import annotations

import pytest

from luojiang_ce.proof import notes, signing
from luojiang_ce.proof.notes import BadNote, Checkpoint, Note, Verifier, read_checkpoint, read_note, read_verifier

# The example of c2sp.org/signed-note: Go's sumdb note package made it.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAID = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
SIGNED = f"{SAID}\n— PeterNeumann {SIGNATURE}\n"
PRIVATE, PUBLIC = signing.new_key(signing.ED25519)
LOG = Verifier("jxjy.luojiang.example/verify", signing.ED25519, PUBLIC)


def signed(text: str, by: Verifier = LOG) -> Note:
    return Note(text, (notes.signature(text, by, lambda content: signing.sign(PRIVATE, content)),))


def test_a_note_of_another_program_is_verified() -> None:
    note = read_note(SIGNED)
    assert note.is_signed_by(read_verifier(PETER))
    assert str(note) == SIGNED
    assert not Note(note.text.replace("answer", "reply"), note.signatures).is_signed_by(read_verifier(PETER))


def test_keys_are_written_as_they_are_read() -> None:
    assert str(read_verifier(PETER)) == PETER
    assert read_verifier(str(LOG)) == LOG


@pytest.mark.parametrize("vkey", ["", "name", "a b+c74f20a3+AAAA", PETER[:-4], PETER.replace("c74f", "c74e"), "x+1+?"])
def test_a_mistyped_key_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        read_verifier(vkey)


def test_a_head_is_written_and_read() -> None:
    head = Checkpoint(LOG.name, 401_902, bytes(range(32)), "2026-11-21")
    note = read_note(str(signed(str(head))))
    assert read_checkpoint(note.text) == head
    assert note.is_signed_by(LOG)
    assert not note.is_signed_by(Verifier("another.example", signing.ED25519, PUBLIC))


@pytest.mark.parametrize("text", ["", "a\n", "a\n1\n", "a\n-1\nAAAA\n", "a\n01\nAAAA\n", "a\nx\nAAAA\n", "a\n1\n??\n"])
def test_a_broken_head_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(text)


@pytest.mark.parametrize("content", ["", "a", "a\n\n", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b ??\n", "a" * 30_000])
def test_a_broken_note_is_refused(content: str) -> None:
    with pytest.raises(BadNote):
        read_note(content)


def test_a_proof_is_written_and_read_and_a_lost_line_is_found() -> None:
    head = signed(str(Checkpoint(LOG.name, 3, bytes(32))))
    proof = notes.Inclusion(b"leaf", 1, (bytes(32), bytes(32)), head)
    lines = str(proof).split("\n")
    assert notes.read_inclusion("\n".join(lines)) == proof
    for lost in (0, 1, 2):
        with pytest.raises(BadNote):
            notes.read_inclusion("\n".join(lines[:lost] + lines[lost + 1 :]))
    assert not notes.read_inclusion("\n".join(lines[:4] + lines[5:])).holds
