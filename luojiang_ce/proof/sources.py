"""What the blocks and apps above put into the tree, and which papers they have revoked: they register, nobody asks up.

A leaf is of a row that never changes again. Its content is made anew from the row whenever it is asked for, so that a
row which was changed all the same is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import cbor2
from django.db import models

from .notes import Inclusion

HASH_BYTES = 8


def nothing_more(row: Any) -> Iterable[str]:
    """Of rows whose leaf says all that is shown of them."""
    return ()


@dataclass(frozen=True)
class LeafSource:
    """Rows that become leaves: all there are by now, and what the leaf of one says.

    `content` must tell a stranger nothing that could be guessed: proofs hand the hashes of neighbours out.
    `problems`: what of a row is shown or kept beside its leaf and does not agree with it, in Chinese.
    """

    key: str
    label: str
    rows: Callable[[], models.QuerySet[Any]]
    content: Callable[[Any], bytes]
    problems: Callable[[Any], Iterable[str]] = nothing_more


@dataclass(frozen=True)
class Revoked:
    """A paper that is not valid any more, by its code; `replaced_by`: the number of the one in its place."""

    code: str
    day: date
    replaced_by: str = ""


class Standing(StrEnum):
    """How a paper stands with whoever issued it, at this moment."""

    UNKNOWN = "unknown"
    VALID = "valid"
    REVIEW = "review"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Answer:
    """What whoever has the papers says of a code: how the paper stands, its number, its proof once a head has it, and
    the fingerprints (SHA-256 in hex) of the file and of the statement that were issued; of a paper that is older than
    statements the last is empty."""

    standing: Standing
    number: str = ""
    inclusion: Inclusion | None = None
    sha256: str = ""
    statement: str = ""


Revocations = Callable[[], Iterable[Revoked]]
Ask = Callable[[str], Answer]
_sources: dict[str, LeafSource] = {}
_revocations: list[Revocations] = []
_asked: list[Ask] = []


def register_source(source: LeafSource) -> None:
    """Have these rows sealed into the tree; called in the app's `ready()`."""
    _sources[source.key] = source


def register_revocations(told: Revocations) -> None:
    """Have these on the signed list; called in the app's `ready()`."""
    if told not in _revocations:
        _revocations.append(told)


def register_answers(ask: Ask) -> None:
    """Have this say how the paper behind a code stands; called in the app's `ready()`."""
    if ask not in _asked:
        _asked.append(ask)


def answer_for(code: str) -> Answer:
    """How the paper behind a code stands, by whoever knows it."""
    answers = (ask(code) for ask in _asked)
    return next((each for each in answers if each.standing != Standing.UNKNOWN), Answer(Standing.UNKNOWN))


def sources() -> list[LeafSource]:
    """All of them, in the order registered."""
    return list(_sources.values())


def source_of(key: str) -> LeafSource | None:
    """One by its key; None where no app has registered it."""
    return _sources.get(key)


def revoked() -> list[Revoked]:
    """Every revoked paper."""
    return [each for told in _revocations for each in told()]


def leaf_content(*parts: Any) -> bytes:
    """What a leaf says, as CBOR; the first part says of what it is."""
    content: bytes = cbor2.dumps(list(parts), canonical=True)
    return content


def paper_leaf(*, code: str, statement: bytes, sha256: str) -> bytes:
    """The leaf of an issued paper: which statement and which file belong together under a code."""
    return leaf_content("paper", code, hashlib.sha256(statement).digest(), bytes.fromhex(sha256))


def revocation_leaf(*, code: str, revoked_at: int) -> bytes:
    """The leaf of a revocation: of which code, at which second since 1970."""
    return leaf_content("revoked", code, revoked_at)


def code_hash(code: str) -> bytes:
    """How the revocation list names a paper: enough to find one whose code is at hand, and no code to collect."""
    return hashlib.sha256(code.encode()).digest()[:HASH_BYTES]
