"""What the public may learn of a paper: facts with masked names, frozen when it is issued, never an ID number."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date

from luojiang_ce.refusals import NotPossible

from .dates import chinese_day

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")

FINGERPRINT = "shown_sha256"  # in the data of an event
Facts = list[tuple[str, str]]


class NotForThePublic(NotPossible, ValueError):
    """A public fact or reason holds an ID number, which must not reach the page: a refusal to whoever typed it."""


def masked_name(name: str) -> str:
    """A person's name as the public check shows it: 温知故 → 温*故, 王明 → 王*."""
    if len(name) < 3:
        return f"{name[:1]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def last_digits(number: str) -> str:
    """What the public may see of a person's number, whole or masked: the last two, which tell namesakes apart."""
    return number[-2:] if len(number) > 4 else ""


def frozen_facts(facts: Mapping[str, object] | Sequence[tuple[str, object]]) -> Facts:
    """Facts as they are kept (JSON objects lose their order, so pairs), days as papers write them; empty ones are left
    out.

    Raises NotForThePublic when one of them holds a whole ID number.
    """
    pairs = facts.items() if isinstance(facts, Mapping) else facts
    kept = [(label, _written(value)) for label, value in pairs if value not in (None, "")]
    for _, value in kept:
        refuse_id_numbers(value)
    return kept


def fingerprint(title: str, facts: Sequence[Sequence[str]]) -> str:
    """SHA-256 of what pages show of a paper: title and frozen facts. The event of its issue says it, which nobody
    changes unseen (`manage.py check_audit`); those of earlier papers say none. In base 64: in hex it may hold what
    looks like an ID number, which no event says."""
    shown = json.dumps([title, [list(fact) for fact in facts]], ensure_ascii=False)
    return b64encode(hashlib.sha256(shown.encode()).digest()).decode()


def _written(value: object) -> str:
    return chinese_day(value) if isinstance(value, date) else str(value)


def refuse_id_numbers(text: str) -> None:
    """Raise NotForThePublic when the text holds a whole ID number."""
    if _ID_NUMBER.search(text):
        raise NotForThePublic("公开内容中不能出现身份证号，请改写")
