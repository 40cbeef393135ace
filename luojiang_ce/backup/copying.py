"""Making a copy: files, the database as of one moment, files again; whole only when its manifest is in its place.

DIR/2026-11-30T013000/ holds manifest.json, files.jsonl and the database, DIR/objects/ the contents of files (store.py).
Files are taken in before and after the database: what its rows name was there by then, and what is deleted while the
copy is made had been taken in. The keys lie elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

from luojiang_ce import clock
from luojiang_ce.disk import flush
from luojiang_ce.keys import NAMES, SECRETS
from luojiang_ce.locks import alone

from .databases import CannotCopy, database
from .store import Kept, Store, read_list, sha256_of, write_list

log = logging.getLogger(__name__)
FORMAT = 1
SEALING, FORMER = "ID_ENCRYPTION_KEY", "ID_ENCRYPTION_KEYS_FORMER"  # one of either opens what it has sealed
KEYS = (*NAMES, *SECRETS, FORMER)
STAMP = "%Y-%m-%dT%H%M%S"
MANIFEST, FILES, OBJECTS = "manifest.json", "files.jsonl", "objects"
# What of VAR_DIR is copied beside MEDIA_ROOT: heads of chain and tree, and the mark of a demo.
BESIDE = ("audit", "demo")
KEYS_FILE = "keys.env"
KEY_FOLDER = "demo-ca"  # a demo's certificates go with the keys
NEWEST_KEPT = 3
MONTHS_KEPT = timedelta(days=366)
SAID = frozenset({"made_at", "database", "files_sha256", "keys", "mac"})  # what every manifest has


@dataclass(frozen=True)
class Copy:
    """A finished copy; `manifest` as it was written."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def made_at(self) -> datetime:
        """When the copy was begun (aware)."""
        return datetime.fromisoformat(self.manifest["made_at"])

    @property
    def database(self) -> Path:
        """The copy of the database."""
        return self.folder / str(self.manifest["database"]["file"])

    @property
    def missing(self) -> list[str]:
        """Files under MEDIA_ROOT that rows of the database name and that were not there."""
        return list(self.manifest.get("missing", ()))

    @property
    def may_hold_older_seals(self) -> bool:
        """Was it made where plain files and unbound numbers of before were still read? Copies of before did not say."""
        return bool(self.manifest.get("older_seals", True))

    def fault(self, key: str) -> str:
        """What can be told of it at a glance, as a sentence; empty where nothing is wrong. `key` of the event log."""
        if not hmac.compare_digest(str(self.manifest.get("mac", "")), mac_of(self.manifest, key)):
            return f"{MANIFEST} 被改过，或不是用这套密钥封的"
        size = self.database.stat().st_size if self.database.is_file() else 0
        if not size or size != self.manifest["database"].get("bytes", size):
            return "数据库的备份不在，或不完整"
        return "做于将来的时刻，请检查时钟" if self.made_at > clock.now() else ""

    def files(self) -> Iterator[Kept]:
        """What it holds besides; raises CannotCopy where its list is not the one that was written."""
        if sha256_of(self.folder / FILES) != self.manifest["files_sha256"]:
            raise CannotCopy(f"{self.folder.name} 的文件清单被改过：恢复请用前一份备份，清理请先把这个文件夹移走")
        return read_list(self.folder / FILES)


def make(root: Path, keys: Path | None) -> Copy:
    """Make a copy under `root`, the keys under `keys`. Raises CannotCopy."""
    if keys and keys.resolve().is_relative_to(root.resolve()):
        raise CannotCopy("密钥不能放在备份文件夹里面：谁拿到备份，就能读出证件号码。请给 --keys 另一个文件夹")
    root.mkdir(parents=True, exist_ok=True)
    with alone_in(root):
        if keys:
            keep_keys(keys)
        return _made(root)


def _made(root: Path) -> Copy:
    begun = clock.now()
    name = f"{begun:{STAMP}}"
    draft = root / f".{name}"
    draft.mkdir()
    try:
        manifest = _written(draft, root, begun)
        manifest["mac"] = mac_of(manifest, settings.EVENT_LOG_KEY)
        (draft / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        for path in draft.iterdir():
            flush(path)
        os.rename(draft, root / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    flush(root)
    return Copy(root / name, manifest)


def _written(draft: Path, root: Path, begun: datetime) -> dict[str, Any]:
    store, base, media, source = Store(root / OBJECTS), Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT), database()
    known = _known(newest(root))
    # What was published of chain and tree before the database: after it, it would speak of what the copy has not.
    kept = store.keep(base, [*_files(*(base / name for name in BESIDE)), *_files(media)], known)
    copied = draft / f"database{source.suffix}"
    contents = source.dump(copied)
    kept |= store.keep(base, _files(media), kept)
    top = media.relative_to(base).as_posix()
    write_list(draft / FILES, kept.values())
    found = {
        "file": copied.name,
        "bytes": copied.stat().st_size,
        "sha256": sha256_of(copied),
        "counts": contents.counts,
    }
    return {
        "format": FORMAT,
        "made_at": begun.isoformat(),
        "migrations": sorted(map(".".join, MigrationRecorder.Migration.objects.values_list("app", "name"))),
        "database": found,
        "files": len(kept),
        "bytes": sum(each.size for each in kept.values()),
        "files_sha256": sha256_of(draft / FILES),
        # Told, and no reason to have no copy of all the rest.
        "missing": sorted(name for name in contents.files if f"{top}/{name}" not in kept),
        "keys": fingerprints(keys_in_force()),
        "older_seals": settings.OLDER_SEALS,
    }


def _files(*tops: Path) -> Iterator[Path]:
    for top in tops:
        yield from [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())


def _known(before: Copy | None) -> dict[str, Kept]:
    """What need not be read again; nothing after a copy whose list is damaged: the next one must not fall with it."""
    try:
        return {each.path: each for each in before.files()} if before else {}
    except (CannotCopy, OSError) as wrong:
        log.warning("The list of the copy before cannot be used: %s", wrong)
        return {}


def said_of_missing(copy: Copy) -> str:
    """A sentence about files that rows name and nobody has; empty where there are none."""
    if not copy.missing:
        return ""
    more = "等" if len(copy.missing) > 5 else ""
    return f"；数据库登记的 {len(copy.missing)} 个文件不在数据文件夹里：{'、'.join(copy.missing[:5])}{more}，请找回"


def refuse_own_disk(root: Path) -> None:
    """Raises CannotCopy where copies would lie on the disk of the data, as they do where the other disk is not mounted;
    unless BACKUP_SAME_DISK says that it is meant so."""
    there = next(path for path in (root, *root.parents) if path.exists())
    if there.stat().st_dev == Path(settings.VAR_DIR).stat().st_dev and not settings.BACKUP_SAME_DISK:
        raise CannotCopy(
            f"{root} 与数据在同一块磁盘上，没有备份。请检查另一块磁盘是否已挂载；"
            "本来就这样安排的，设 BACKUP_SAME_DISK=1"
        )


def keys_in_force() -> dict[str, str]:
    """The keys of this process by their names; former ones with commas between."""
    former = ",".join(settings.ID_ENCRYPTION_KEYS_FORMER)
    return {**{name: str(getattr(settings, name)) for name in (*NAMES, *SECRETS)}, FORMER: former}


def fingerprints(keys: Mapping[str, str]) -> dict[str, Any]:
    """By its name what tells each key from another one, and nothing of it; of former ones a list."""
    former = [_fingerprint(key) for key in keys.get(FORMER, "").split(",") if key]
    return {**{name: _fingerprint(keys.get(name, "")) for name in (*NAMES, *SECRETS)}, FORMER: former}


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"backup", hashlib.sha256).hexdigest()[:16]


def open_what_lies_in(keys: Mapping[str, str], copied: Mapping[str, Any]) -> bool:
    """Do these keys read a copy that was made with those of its manifest? A sealing key may be a former one by now."""
    mine = fingerprints(keys)
    same = all(mine[name] == copied[name] for name in (*NAMES, *SECRETS) if name != SEALING)
    return same and {copied[SEALING], *copied.get(FORMER, ())} <= {mine[SEALING], *mine[FORMER]}


def mac_of(manifest: Mapping[str, Any], key: str) -> str:
    """Of all that it says, under the key of the event log: who has only the copies cannot alter one unseen."""
    text = json.dumps(
        {name: said for name, said in manifest.items() if name != "mac"}, ensure_ascii=False, sort_keys=True
    )
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def keep_keys(folder: Path) -> None:
    """Write the keys in force and a demo's certificates, for nobody else to read; what lies there is not overwritten
    by other keys."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{name}={value}" for name, value in keys_in_force().items() if value]
    text = "\n".join([*lines, *(["DEMO_KEYS=1"] if settings.DEMO_KEYS else []), ""])
    path = folder / KEYS_FILE
    if path.exists() and path.read_text() != text:
        path.rename(folder / f"keys-{clock.now():{STAMP}}.env")
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text)
    certificates = Path(settings.VAR_DIR) / KEY_FOLDER
    if certificates.is_dir():
        shutil.copytree(certificates, folder / KEY_FOLDER, dirs_exist_ok=True)


def copies(root: Path) -> list[Copy]:
    """The finished copies, oldest first; what is half made or cannot be read is none."""
    found = []
    for path in sorted(root.glob(f"[0-9]*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(manifest, dict) and manifest.keys() >= SAID:
            found.append(Copy(path.parent, manifest))
    return found


def newest(root: Path) -> Copy | None:
    """The last finished copy."""
    return next(iter(reversed(copies(root))), None)


def prune(root: Path, days: int) -> int:
    """Delete copies older than `days`, but the first of each month for a year, and always the newest three; and the
    contents that no copy names any more. How many copies went.

    Raises CannotCopy where a copy cannot be read: it may be whole when the disk is back, and names contents of its own.
    """
    with alone_in(root):
        there = copies(root)
        _refuse_unreadable(root, there)
        going = [each for each in there[:-NEWEST_KEPT] if not _stays(each, there, days)]
        wanted = {kept.sha256 for each in there if each not in going for kept in each.files()}
        for each in going:
            shutil.rmtree(each.folder)
        for leftover in root.glob(".20*"):
            shutil.rmtree(leftover)
        Store(root / OBJECTS).forget_all_but(wanted)
    return len(going)


def _refuse_unreadable(root: Path, there: list[Copy]) -> None:
    readable = {each.folder for each in there}
    if strange := sorted(path.name for path in root.glob("[0-9]*/") if path not in readable):
        raise CannotCopy(
            f"{root} 里 {'、'.join(strange[:5])} 的 {MANIFEST} 现在读不了，没有清理任何备份。"
            "请检查磁盘；确实已经损坏的，把这个文件夹移走后再清理"
        )


def _stays(copy: Copy, there: list[Copy], days: int) -> bool:
    age = clock.now() - copy.made_at
    month = f"{copy.folder.name:.7}"
    first = next(each for each in there if each.folder.name.startswith(month))
    return age <= timedelta(days=days) or (copy is first and age <= MONTHS_KEPT)


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Nobody else makes, deletes or rehearses copies there meanwhile. Raises CannotCopy where somebody does."""
    with alone(root / "lock") as may:
        if not may:
            raise CannotCopy(f"{root} 里另有一次备份或清理正在进行，请等它结束")
        yield
