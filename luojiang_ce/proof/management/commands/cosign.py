"""manage.py cosign: what another body countersigns heads with, on a machine of its own. Needs no database.

It signs only what continues the head that it signed last, which it keeps beside the key (KEY.last): whoever signs with
this tool has never signed two trees.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.proof import merkle, notes, signing
from luojiang_ce.proof.notes import BadNote, Checkpoint, Note, Verifier

NOTHING_YET = "还没有签过\n"


class Command(BaseCommand):
    help = "会签树根：--new-key 名称 造一把密钥；之后把下载的树根（head）签好，交回区人社局"
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("head", nargs="?", type=Path, help="下载的树根文件，签名加在里面")
        parser.add_argument("--key", type=Path, required=True, help="本单位密钥文件，只放在本单位")
        parser.add_argument("--new-key", metavar="名称", help="造密钥，写入 --key 所指的文件，显示公钥")
        parser.add_argument("--log-key", metavar="公钥", help="区人社局的公钥（jwks.json 里的 vkey）")
        parser.add_argument(
            "--consistency", type=Path, help="下载的一致性证明（/verify/consistency/上次条数/这次条数）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            self.stdout.write(str(_new_key(options["new_key"], options["key"])))
            return
        if not options["head"] or not options["log_key"]:
            raise CommandError("请给出树根文件和 --log-key")
        by, private = _read_key(options["key"])
        note, checkpoint = _read_head(options["head"], options["log_key"])
        last = _last_signed(options["key"])
        if before := _read_last(last):
            _refuse_a_fork(before, checkpoint, options["consistency"])
        _keep_last(last, note)
        line = notes.signature(note.text, by, lambda content: signing.sign(private, content))
        options["head"].write_text(str(note if note.is_signed_by(by) else note.with_line(line)))
        self.stdout.write(f"已签：{checkpoint.dated}，{checkpoint.size} 条。请把 {options['head']} 交回区人社局")


def _new_key(name: str, path: Path) -> Verifier:
    private, public = signing.new_key(signing.ED25519)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as there:
        raise CommandError(f"{path} 已经有了，不覆盖；换钥请用新的文件") from there
    path.write_text(f"{name} {b64encode(private).decode()}\n")
    _last_signed(path).write_text(NOTHING_YET)
    by = Verifier(name, signing.ED25519, public)
    try:
        notes.read_verifier(str(by))
    except BadNote as wrong:
        path.unlink()
        _last_signed(path).unlink()
        raise CommandError("名称里不能有空格和加号，例如 jyj.luojiang.example") from wrong
    return by


def _read_key(path: Path) -> tuple[Verifier, bytes]:
    try:
        name, _, encoded = path.read_text().strip().partition(" ")
        private = b64decode(encoded, validate=True)
        return Verifier(name, signing.ED25519, signing.public_of(private)), private
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{path} 不是本单位的密钥文件") from wrong


def _read_head(path: Path, log_key: str) -> tuple[Note, Checkpoint]:
    try:
        log, note = notes.read_verifier(log_key), notes.read_note(path.read_text())
        checkpoint = notes.read_checkpoint(note.text)
    except (OSError, BadNote, UnicodeDecodeError) as wrong:
        raise CommandError(f"{path} 或 --log-key 读不出来，请重新下载、复制") from wrong
    if not note.is_signed_by(log) or checkpoint.origin != log.name:
        raise CommandError(f"{path} 没有区人社局的有效签名，不要签")
    return note, checkpoint


def _last_signed(key: Path) -> Path:
    return key.with_name(f"{key.name}.last")


def _read_last(path: Path) -> Checkpoint | None:
    """It was verified when it was signed; the log may have another key since. None where nothing was signed yet, as
    the file of a new key says: one that is gone, or empty, was lost."""
    try:
        text = path.read_text()
        return notes.read_checkpoint(notes.read_note(text).text) if text != NOTHING_YET else None
    except (OSError, BadNote, UnicodeDecodeError) as wrong:
        raise CommandError(
            f"{path} 读不出来：里面是上次签过的树根，防止签到另一棵树上。请从备份恢复，"
            "或把自己留存的上次签过的树根文件复制成它，不要删除"
        ) from wrong


def _keep_last(path: Path, note: Note) -> None:
    """Before it is signed, and whole or not at all: what is signed is never forgotten."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(str(note))
    beside.replace(path)


def _refuse_a_fork(before: Checkpoint, now: Checkpoint, proof: Path | None) -> None:
    try:
        hashes = [b64decode(line, validate=True) for line in proof.read_text().splitlines()] if proof else []
    except (OSError, ValueError) as wrong:
        raise CommandError(f"{proof} 不是一致性证明，请重新下载") from wrong
    if not merkle.is_consistent(before.size, before.root, now.size, now.root, hashes):
        raise CommandError(
            f"不能签：没有证明这个树根（{now.size} 条）接在上次签过的（{before.size} 条）之后。"
            f"请下载 /verify/consistency/{before.size}/{now.size} 再试；仍不行的，树可能被改写过，请报纪检"
        )
