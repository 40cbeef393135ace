"""Files of many copies, each content once: `objects/ab/abcdef…` under the folder of the backups."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from luojiang_ce.disk import flush

from .databases import CannotCopy

PIECE = 1 << 20  # bytes
DAMAGED = "damaged"


@dataclass(frozen=True)
class Kept:
    """A file of a copy: its path below VAR_DIR, what it held, and when it was last written (nanoseconds)."""

    path: str
    sha256: str
    size: int
    written: int


def sha256_of(path: Path) -> str:
    """Read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Store:
    """The contents of files, by what they hold."""

    root: Path

    def keep(self, base: Path, files: Iterable[Path], known: Mapping[str, Kept]) -> dict[str, Kept]:
        """Take every file in, by its path below `base`. What is `known` with the same size and time is not read again;
        what goes away meanwhile is left out."""
        kept = {}
        for path in files:
            name = path.relative_to(base).as_posix()
            try:
                kept[name] = self._keep(path, name, known.get(name))
            except FileNotFoundError:
                continue
        return kept

    def _keep(self, path: Path, name: str, before: Kept | None) -> Kept:
        found = path.stat()
        same = before and (before.size, before.written) == (found.st_size, found.st_mtime_ns)
        if before and same and self._holds(before):
            return before
        sha256 = self._take_in(path)
        return Kept(name, sha256, self.path_of(sha256).stat().st_size, found.st_mtime_ns)

    def _holds(self, kept: Kept) -> bool:
        there = self.path_of(kept.sha256)
        return there.is_file() and there.stat().st_size == kept.size

    def _take_in(self, path: Path) -> str:
        self.root.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=self.root, delete=False) as draft:
            try:
                with path.open("rb") as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
                        draft.write(piece)
                draft.flush()
                os.fsync(draft.fileno())
                target = self.path_of(digest.hexdigest())
                target.parent.mkdir(exist_ok=True)
                os.replace(draft.name, target)
                flush(target.parent)
            except BaseException:
                os.unlink(draft.name)
                raise
        return digest.hexdigest()

    def path_of(self, sha256: str) -> Path:
        """Where this content lies."""
        return self.root / sha256[:2] / sha256

    def faults(self, kept: Iterable[Kept]) -> Iterator[str]:
        """What of the copy is gone or not what it was, each as a sentence."""
        for each in kept:
            path = self.path_of(each.sha256)
            if not path.exists():
                yield f"{each.path}：备份里没有它的内容"
            elif sha256_of(path) != each.sha256:
                yield f"{each.path}：备份里的内容已改变"

    def give_back(self, base: Path, kept: Iterable[Kept]) -> None:
        """Put every file where it was, below `base`."""
        for each in kept:
            target = base / each.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.path_of(each.sha256), target)
            os.utime(target, ns=(each.written, each.written))

    def set_apart(self, kept: Iterable[Kept]) -> list[str]:
        """Move damaged contents into `damaged/`, so that the next copy takes them in again; the files' paths."""
        paths = ((each, self.path_of(each.sha256)) for each in kept)
        found = [each for each, path in paths if path.exists() and sha256_of(path) != each.sha256]
        for each in found:
            (self.root / DAMAGED).mkdir(exist_ok=True)
            self.path_of(each.sha256).replace(self.root / DAMAGED / each.sha256)
        return [each.path for each in found]

    def forget_all_but(self, wanted: set[str]) -> int:
        """Delete the contents that no copy names any more, and what a killed process had begun to take in; how many."""
        gone = [path for path in self.root.glob("??/*") if path.name not in wanted] + [*self.root.glob("tmp*")]
        for path in gone:
            path.unlink()
        return len(gone)


def write_list(path: Path, kept: Iterable[Kept]) -> None:
    """The list of files of a copy, a line each."""
    with path.open("w", encoding="utf-8") as file:
        for each in kept:
            file.write(json.dumps([each.path, each.sha256, each.size, each.written], ensure_ascii=False) + "\n")


def read_list(path: Path) -> Iterator[Kept]:
    """Such a list; raises CannotCopy where a line is none, or leads out of the folder."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                kept = Kept(*json.loads(line))
            except (ValueError, TypeError) as wrong:
                raise CannotCopy(f"{path.name} 第 {number} 行读不懂，这份备份不完整") from wrong
            if Path(kept.path).is_absolute() or ".." in Path(kept.path).parts:
                raise CannotCopy(f"{path.name} 第 {number} 行的路径 {kept.path} 不在数据文件夹内，这份备份被改过")
            yield kept
