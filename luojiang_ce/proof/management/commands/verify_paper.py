"""manage.py verify_paper FILE|TEXT: is a paper genuine? Here, or on another machine with the published files."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce import clock
from luojiang_ce.proof import keyring, notes, statement, words, years
from luojiang_ce.proof.notes import Inclusion
from luojiang_ce.proof.revocations import RevocationList, read_list, signed_list
from luojiang_ce.proof.sources import answer_for
from luojiang_ce.proof.verdict import (
    Finding,
    Outcome,
    Shown,
    Trust,
    judge,
    read_cosigners,
    read_keys,
    refused,
    statement_in_file,
)

_UNSIGNED = re.compile(r"/check/[^#]*$")  # an address without a statement behind its #
_PORTABLE = (b"{", b"eyJ")  # how JSON and a JWT begin; static/js/proof/page.js has the same
_LOCKED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R")  # in a PDF's trailer, which is never encrypted; so too in page.js
_HEAD = 1024  # bytes in which a PDF says that it is one
MARKS = {"is-done": "✓", "is-late": "✗", "is-soon": "?", "is-idle": "–"}


class Command(BaseCommand):
    help = "核验一份文书：PDF 文件，或二维码里的文字。给出 --keys 等文件时不用数据库，可在别的机器上核验"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", help="PDF 文件，或二维码里的文字")
        parser.add_argument("--typed", default="", help="纸面上的编号或核验码，与二维码里的比对")
        parser.add_argument("--proof", type=Path, help="收录证明文件")
        parser.add_argument("--keys", type=Path, help="公钥文件 jwks.json")
        parser.add_argument("--list", dest="revocations", type=Path, help="撤销清单文件")

    def handle(self, *args: Any, **options: Any) -> None:
        at_hand = {name: options[name] for name in ("typed", "proof", "keys", "revocations")}
        outcome = outcome_of(options["what"], **at_hand)
        self.stdout.write(outcome.sentence)
        for label, told in said(outcome):
            self.stdout.write(f"  {label}　{told}")
        for each in outcome.findings:
            self.stdout.write(f"{MARKS[words.FINDINGS[each.key][1]]} {each.line}　{each.note}")
        if outcome.verdict not in ("genuine", "stated"):
            sys.exit(1)


def said(outcome: Outcome) -> list[tuple[str, str]]:
    """What the paper claims, with its labels."""
    if outcome.claims is None:
        return []
    claims = outcome.claims
    told = {name: str(getattr(claims, name) or "") for name in words.LABELS}
    told["year"] = f"{claims.year} 年度" if claims.year else ""
    told["years"] = years.said(claims.years)
    told["name"] = f"{claims.name}　尾号 {claims.digits}" if claims.digits else claims.name
    title = f"{'' if outcome.is_signed else words.SELF_SAID}{claims.title or words.UNTITLED}"
    return [(title, claims.number), *((words.LABELS[name], text) for name, text in told.items() if text)]


def outcome_of(
    what: str, *, typed: str = "", proof: Path | None = None, keys: Path | None = None, revocations: Path | None = None
) -> Outcome:
    """The verdict on a file or a text. Raises CommandError where it is nothing to judge, or a file not what it should
    be."""
    trust = _trust(keys, revocations)
    shown = Shown(typed=typed, inclusion=_inclusion(proof) if proof else None)
    return _of_file(Path(what), shown, trust) if _is_file(what) else _of_text(what, shown, trust)


def _inclusion(proof: Path) -> Inclusion:
    try:
        return notes.read_inclusion(proof.read_text())
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{proof} 不是收录证明文件") from wrong


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except OSError:  # longer than a name may be: a text
        return False


def _of_text(text: str, shown: Shown, trust: Trust) -> Outcome:
    if _UNSIGNED.search(text.strip()):
        raise CommandError(words.NOT_SIGNED)
    try:
        return judge(_asked(replace(shown, statement=statement.in_text(text)), trust), trust)
    except statement.Unreadable as wrong:
        raise CommandError(words.UNREADABLE) from wrong


def _of_file(path: Path, shown: Shown, trust: Trust) -> Outcome:
    content = path.read_bytes()
    if not content:
        raise CommandError(words.EMPTY_FILE.format(name=path.name))
    if content.startswith(_PORTABLE):
        raise CommandError(words.PORTABLE)
    if path.suffix.lower() != ".pdf" and b"%PDF-" not in content[:_HEAD]:
        is_proof = content.startswith(notes.PROOF_HEAD.encode())
        raise CommandError(words.PROOF_ALONE if is_proof else words.NO_PAPER.format(name=path.name))
    try:
        found, sha256 = statement_in_file(content), hashlib.sha256(content).hexdigest()
        if not found and _LOCKED.search(content):
            raise CommandError(words.LOCKED.format(name=path.name))
        return judge(_asked(replace(shown, statement=found, sha256=sha256), trust), trust)
    except statement.Unreadable:
        return refused(Finding("broken_statement"))


def _asked(shown: Shown, trust: Trust) -> Shown:
    """With what this system itself knows of the paper, where it is the one that is believed. Raises Unreadable."""
    if not trust.fresh or not shown.statement:
        return shown
    return replace(shown, answer=answer_for(statement.read(shown.statement)[1].code))


def _trust(keys: Path | None, revocations: Path | None) -> Trust:
    """What is believed: by the files that were given, otherwise by what this system itself has."""
    try:
        jwks = json.loads(keys.read_text()) if keys else keyring.as_jwks()
        known, cosigners = read_keys(jwks), read_cosigners(jwks)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise CommandError(f"{keys} 不是公钥文件，请重新下载 /.well-known/jwks.json") from wrong
    content = revocations.read_bytes() if revocations else b"" if keys else signed_list()
    listed = _list(content, known, revocations) if content else None
    return Trust(known, listed, clock.today(), cosigners, fresh=keys is None)


def _list(content: bytes, known: Any, path: Path | None) -> RevocationList:
    try:
        return read_list(content, lambda kid: known[kid].verify if kid in known and not known[kid].withdrawn else None)
    except statement.Unreadable as wrong:
        raise CommandError(f"{path} 不是有效的撤销清单，请重新下载 /verify/revocations") from wrong
