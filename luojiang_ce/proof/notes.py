"""Signed notes and the checkpoints written as such (c2sp.org/signed-note, tlog-checkpoint, tlog-proof). Pure.

A head bears two signatures of its log: Ed25519, which every witness's tool reads, and ES256 (type 0xff, a kind of one's
own, as the format allows), which browsers verify that know no Ed25519. Witnesses add lines of theirs.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import merkle, signing
from .merkle import Range

TYPE = {signing.ED25519: b"\x01", signing.ES256: b"\xffES256"}
_DASH = "— "
_NAME = re.compile(r"[^\s+]{1,200}")
_INDEX = re.compile(r"index [0-9]{1,18}")
MOST_BYTES = 20_000
PROOF_HEAD = "c2sp.org/tlog-proof@v1"


class BadNote(ValueError):
    """Not a signed note, or not one of what was expected."""


@dataclass(frozen=True)
class Verifier:
    """Whose signature on a note is believed: the name, and the key."""

    name: str
    algorithm: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature says whose it is."""
        material = signing.raw_public(self.public) if self.algorithm == signing.ED25519 else self.public
        return hashlib.sha256(self.name.encode() + b"\n" + TYPE[self.algorithm] + material).digest()[:4]

    def __str__(self) -> str:
        """As tools of other bodies take it (vkey): name+id+key."""
        material = TYPE[self.algorithm] + signing.raw_public(self.public)
        return f"{self.name}+{self.key_id.hex()}+{b64encode(material).decode()}"


@dataclass(frozen=True)
class Note:
    """A text, and the lines of its signatures: name, and what stands behind it."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    def __str__(self) -> str:
        lines = "".join(f"{_DASH}{name} {b64encode(content).decode()}\n" for name, content in self.signatures)
        return f"{self.text}\n{lines}"

    def is_signed_by(self, by: Verifier) -> bool:
        """Does it bear a valid signature of this one?"""
        return self.line_of(by) is not None

    def line_of(self, by: Verifier) -> tuple[str, bytes] | None:
        """That signature, None where there is none or it is not right."""
        for name, content in self.signatures:
            mine = name == by.name and content[:4] == by.key_id
            if mine and signing.verify(by.public, self.text.encode(), content[4:]):
                return name, content
        return None

    def with_line(self, line: tuple[str, bytes]) -> Note:
        """With a further signature."""
        return Note(self.text, (*self.signatures, line))


@dataclass(frozen=True)
class Checkpoint:
    """A head of the log: so many leaves have this root; `dated` is its day (an extension line of ours)."""

    origin: str
    size: int
    root: bytes
    dated: str = ""

    def __str__(self) -> str:
        extension = f"dated {self.dated}\n" if self.dated else ""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{extension}"


@dataclass(frozen=True)
class Inclusion:
    """That a leaf is in the log: what it says, its number, the hashes, the head to which they lead."""

    leaf: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        lines = [PROOF_HEAD, f"extra {b64encode(self.leaf).decode()}", f"index {self.index}"]
        return "\n".join([*lines, *(b64encode(each).decode() for each in self.hashes), "", str(self.note)])

    @property
    def head(self) -> Checkpoint:
        """The head to which it leads; raises BadNote."""
        return read_checkpoint(self.note.text)

    @property
    def holds(self) -> bool:
        """Do the hashes lead to the head's root? Whose head it is remains to be asked. Raises BadNote."""
        leaf = merkle.leaf_hash(self.leaf)
        return merkle.root_by_inclusion(leaf, self.index, self.head.size, self.hashes) == self.head.root


def signature(text: str, by: Verifier, sign: Callable[[bytes], bytes]) -> tuple[str, bytes]:
    """The line of a signature under a text."""
    return by.name, by.key_id + sign(text.encode())


def read_note(content: str) -> Note:
    """A note as it was received; raises BadNote."""
    text, blank, lines = content.replace("\r\n", "\n").rpartition("\n\n")
    if not blank or not lines or len(content) > MOST_BYTES:
        raise BadNote("no signed note")
    return Note(f"{text}\n", tuple(_line(line) for line in lines.removesuffix("\n").split("\n")))


def read_checkpoint(text: str) -> Checkpoint:
    """What a head's text says; raises BadNote."""
    try:
        origin, size, root, *others = text.removesuffix("\n").split("\n")
        dated = next((line.removeprefix("dated ") for line in others if line.startswith("dated ")), "")
        found = Checkpoint(origin, int(size), b64decode(root, validate=True), dated)
    except ValueError as wrong:
        raise BadNote("no checkpoint") from wrong
    if found.size < 0 or str(found.size) != size or len(found.root) != len(merkle.EMPTY):
        raise BadNote("no checkpoint")
    return found


def read_inclusion(content: str) -> Inclusion:
    """A proof as it was written to a file; raises BadNote."""
    head, blank, note = content.replace("\r\n", "\n").partition("\n\n")
    lines = head.split("\n")
    if not blank or len(content) > MOST_BYTES or lines[0] != PROOF_HEAD or len(lines) < 3:
        raise BadNote("no proof")
    if not lines[1].startswith("extra ") or not _INDEX.fullmatch(lines[2]):
        raise BadNote("no proof")
    try:
        leaf, index = b64decode(lines[1][6:], validate=True), int(lines[2][6:])
        hashes = tuple(b64decode(line, validate=True) for line in lines[3:])
    except ValueError as wrong:
        raise BadNote("no proof") from wrong
    return Inclusion(leaf, index, hashes, read_note(note))


def read_verifier(vkey: str) -> Verifier:
    """A key as bodies hand it out: name+id+key, Ed25519; raises BadNote."""
    name, _, rest = vkey.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        material = b64decode(encoded, validate=True)
        if not _NAME.fullmatch(name) or material[:1] != TYPE[signing.ED25519]:
            raise BadNote("no key of a witness")
        found = Verifier(name, signing.ED25519, signing.from_raw(material[1:]))
    except ValueError as wrong:
        raise BadNote("no key of a witness") from wrong
    if found.key_id.hex() != key_id:
        raise BadNote("a key with another's id: mistyped")
    return found


def consistency_ranges(old: int, new: int) -> Sequence[Range]:
    """What a proof between two heads is made of; none between a head and itself, or from nothing."""
    return merkle.consistency(old, new) if 0 < old < new else []


def _line(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        content = b64decode(encoded, validate=True)
    except ValueError as wrong:
        raise BadNote("a signature that cannot be read") from wrong
    if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(content) < 5:
        raise BadNote("a signature that cannot be read")
    return name, content
