"""Making a copy: files, the database as of one moment, files again; whole only when its manifest is in its place.

DIR/2026-11-30T013000/ holds manifest.json, files.jsonl and the database, DIR/objects/ the contents of files (store.py).
Files are taken in before and after the database: what its rows name was there by then, and what is deleted while the
copy is made had been taken in. The keys lie elsewhere: whoever finds the copies reads no ID number.
"""

from __future__ import annotations

import hashlib
import hmac
import json
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
from luojiang_ce.files.apart import alone
from luojiang_ce.keys import NAMES, SECRETS
from luojiang_ce.to_disk import to_disk

from .databases import CannotCopy, database
from .store import Kept, Store, read_list, sha256_of, write_list

FORMAT = 1
KEYS = (*NAMES, *SECRETS)
STAMP = "%Y-%m-%dT%H%M%S"
MANIFEST, FILES, OBJECTS = "manifest.json", "files.jsonl", "objects"
# What of VAR_DIR is copied beside MEDIA_ROOT: heads of chain and tree, and the mark of a demo.
BESIDE = ("audit", "demo")
KEY_FOLDER = "demo-ca"  # a demo's certificates go with the keys
NEWEST_KEPT = 3
MONTHS_KEPT = timedelta(days=366)


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

    def files(self) -> Iterator[Kept]:
        """What it holds besides; raises CannotCopy where its list is not the one that was written."""
        if sha256_of(self.folder / FILES) != self.manifest["files_sha256"]:
            raise CannotCopy(f"{self.folder.name} 的文件清单被改过，请用前一份备份")
        return read_list(self.folder / FILES)


def make(root: Path, keys: Path | None) -> Copy:
    """Make a copy under `root`, the keys under `keys`. Raises CannotCopy."""
    if keys and keys.resolve().is_relative_to(root.resolve()):
        raise CannotCopy("密钥不能放在备份文件夹里面：谁拿到备份，就能读出证件号码。请给 --keys 另一个文件夹")
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root), _private():
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
        manifest["mac"] = mac_of(manifest)
        (draft / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        for path in draft.iterdir():
            to_disk(path)
        os.rename(draft, root / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    to_disk(root)
    return Copy(root / name, manifest)


def _written(draft: Path, root: Path, begun: datetime) -> dict[str, Any]:
    store, base, media, source = Store(root / OBJECTS), Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT), database()
    before = newest(root)
    known = {each.path: each for each in before.files()} if before else {}
    # What was published of chain and tree before the database: after it, it would speak of what the copy has not.
    kept = store.keep(base, [*_files(*(base / name for name in BESIDE)), *_files(media)], known)
    copied = draft / f"database{source.suffix}"
    contents = source.dump(copied)
    kept |= store.keep(base, _files(media), kept)
    _refuse_gaps(contents.files, kept, media.relative_to(base).as_posix())
    write_list(draft / FILES, kept.values())
    found = {"file": copied.name, "sha256": sha256_of(copied), "counts": contents.counts}
    return {
        "format": FORMAT,
        "made_at": begun.isoformat(),
        "migrations": sorted(map(".".join, MigrationRecorder.Migration.objects.values_list("app", "name"))),
        "database": found,
        "files": len(kept),
        "bytes": sum(each.size for each in kept.values()),
        "files_sha256": sha256_of(draft / FILES),
        "keys": fingerprints(keys_in_force()),
    }


def _files(*tops: Path) -> Iterator[Path]:
    for top in tops:
        yield from [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())


def _refuse_gaps(named: frozenset[str], kept: Mapping[str, Kept], media: str) -> None:
    if gone := sorted(name for name in named if f"{media}/{name}" not in kept):
        listed = "、".join(gone[:5])
        raise CannotCopy(f"数据库里登记的 {len(gone)} 个文件不在 {media} 里，备份没有完成：{listed}。请先找回这些文件")


def keys_in_force() -> dict[str, str]:
    """The keys of this process by their names."""
    return {name: str(getattr(settings, name)) for name in KEYS}


def fingerprints(keys: Mapping[str, str]) -> dict[str, str]:
    """By its name what tells each key from another one, and nothing of it."""
    digests = {name: hmac.new(keys.get(name, "").encode(), b"backup", hashlib.sha256) for name in KEYS}
    return {name: digest.hexdigest()[:16] for name, digest in digests.items()}


def mac_of(manifest: Mapping[str, Any]) -> str:
    """Under the key of the event log: who has only the copies cannot alter one unseen."""
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    return hmac.new(settings.EVENT_LOG_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def keep_keys(folder: Path) -> None:
    """Write the keys in force and a demo's certificates, for nobody else to read; what lies there is not overwritten
    by other keys."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{name}={value}" for name, value in keys_in_force().items()]
    text = "\n".join([*lines, *(["DEMO_KEYS=1"] if settings.DEMO_KEYS else []), ""])
    path = folder / "keys.env"
    if path.exists() and path.read_text() != text:
        path.rename(folder / f"keys-{clock.now():{STAMP}}.env")
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text)
    certificates = Path(settings.VAR_DIR) / KEY_FOLDER
    if certificates.is_dir():
        shutil.copytree(certificates, folder / KEY_FOLDER, dirs_exist_ok=True)


def copies(root: Path) -> list[Copy]:
    """The finished copies, oldest first; what is half made or no copy is none."""
    found = []
    for path in sorted(root.glob(f"[0-9]*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(Copy(path.parent, manifest))
        except (OSError, ValueError):
            continue
    return found


def newest(root: Path) -> Copy | None:
    """The last finished copy."""
    return next(iter(reversed(copies(root))), None)


def prune(root: Path, days: int) -> int:
    """Delete copies older than `days`, but the first of each month for a year, and always the newest three; and the
    contents that no copy names any more. How many copies went."""
    with _alone(root):
        there = copies(root)
        going = [each for each in there[:-NEWEST_KEPT] if not _stays(each, there, days)]
        for each in going:
            shutil.rmtree(each.folder)
        for leftover in root.glob(".20*"):
            shutil.rmtree(leftover)
        left = [each for each in there if each not in going]
        Store(root / OBJECTS).forget_all_but({kept.sha256 for each in left for kept in each.files()})
    return len(going)


def _stays(copy: Copy, there: list[Copy], days: int) -> bool:
    age = clock.now() - copy.made_at
    month = f"{copy.folder.name:.7}"
    first = next(each for each in there if each.folder.name.startswith(month))
    return age <= timedelta(days=days) or (copy is first and age <= MONTHS_KEPT)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with alone(root / "lock") as may:
        if not may:
            raise CannotCopy(f"{root} 里另有一次备份或清理正在进行，请等它结束")
        yield


@contextmanager
def _private() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
