"""manage.py verify_paper FILE|TEXT: is a paper genuine? Here, or on another machine with the published files."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce import clock
from luojiang_ce.proof import keyring, notes, statement, words
from luojiang_ce.proof.notes import Inclusion
from luojiang_ce.proof.revocations import RevocationList, read_list, signed_list
from luojiang_ce.proof.verdict import Finding, Outcome, Shown, Trust, judge, read_keys, refused, statement_in_file

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
        parser.add_argument("--list", type=Path, help="撤销清单文件")

    def handle(self, *args: Any, **options: Any) -> None:
        trust = _trust(options["keys"], options["list"])
        outcome = _judged(options["what"], options["typed"], options["proof"], trust)
        self.stdout.write(outcome.sentence)
        for label, told in said(outcome):
            self.stdout.write(f"  {label}　{told}")
        for each in outcome.findings:
            self.stdout.write(f"{MARKS[words.FINDINGS[each.key][1]]} {each.line}　{each.note}")
        if outcome.verdict != "genuine":
            sys.exit(1)


def said(outcome: Outcome) -> list[tuple[str, str]]:
    """What the paper claims, with its labels."""
    if outcome.claims is None:
        return []
    claims = outcome.claims
    told = {name: str(getattr(claims, name) or "") for name in words.LABELS}
    told["name"] = f"{claims.name}　尾号 {claims.digits}" if claims.digits else claims.name
    return [(claims.title, claims.number), *((words.LABELS[name], text) for name, text in told.items() if text)]


def _judged(what: str, typed: str, proof: Path | None, trust: Trust) -> Outcome:
    inclusion = None
    if proof:
        try:
            inclusion = notes.read_inclusion(proof.read_text())
        except (OSError, ValueError) as wrong:
            raise CommandError(f"{proof} 不是收录证明文件") from wrong
    return _of_file(Path(what), typed, inclusion, trust) if _is_file(what) else _of_text(what, typed, inclusion, trust)


def _is_file(what: str) -> bool:
    try:
        return Path(what).is_file()
    except OSError:  # longer than a name may be: a text
        return False


def _of_text(text: str, typed: str, inclusion: Inclusion | None, trust: Trust) -> Outcome:
    try:
        return judge(Shown(statement.in_text(text), typed, "", inclusion), trust)
    except statement.Unreadable as wrong:
        raise CommandError(words.UNREADABLE) from wrong


def _of_file(path: Path, typed: str, inclusion: Inclusion | None, trust: Trust) -> Outcome:
    content = path.read_bytes()
    try:
        found = statement_in_file(content)
        return judge(Shown(found, typed, hashlib.sha256(content).hexdigest(), inclusion), trust)
    except statement.Unreadable:
        return refused(Finding("broken_statement"))


def _trust(keys: Path | None, revocations: Path | None) -> Trust:
    """What is believed: by the files that were given, otherwise by what this system itself has."""
    try:
        known = read_keys(json.loads(keys.read_text()) if keys else keyring.as_jwks())
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise CommandError(f"{keys} 不是公钥文件，请重新下载 /.well-known/jwks.json") from wrong
    content = revocations.read_bytes() if revocations else b"" if keys else signed_list()
    return Trust(known, _list(content, known, revocations) if content else None, clock.today())


def _list(content: bytes, known: Any, path: Path | None) -> RevocationList:
    try:
        return read_list(content, lambda kid: known[kid].verify if kid in known and not known[kid].withdrawn else None)
    except statement.Unreadable as wrong:
        raise CommandError(f"{path} 不是有效的撤销清单，请重新下载 /verify/revocations") from wrong
