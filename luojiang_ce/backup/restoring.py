"""The way back: into an empty place, whole, and looked through; the drill does it beside the system in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import ProgrammingError, connection

from luojiang_ce.proof import tree_check
from luojiang_ce.workflow import audited

from .copying import (
    BESIDE,
    KEY_FOLDER,
    KEYS,
    KEYS_FILE,
    OBJECTS,
    Copy,
    alone_in,
    copies,
    keys_in_force,
    open_what_lies_in,
)
from .databases import CannotCopy, counted, database, is_empty
from .store import Store, sha256_of

DRILL = ".drill-"


def chosen(root: Path, name: str) -> Copy:
    """The copy of this name, or the newest. Raises CannotCopy."""
    found = [each for each in copies(root) if name in ("", each.folder.name)]
    if not found:
        there = "、".join(each.folder.name for each in copies(root)[-5:]) or "一份也没有"
        raise CannotCopy(f"{root} 里没有{f'名为 {name} 的' if name else ''}完整的备份。现有：{there}")
    return found[-1]


def restore(copy: Copy, keys: Path | None) -> None:
    """Fill the empty VAR_DIR and database of this process. Raises CannotCopy: then nothing was written but keys.

    That the manifest is the one that was written is asked first: a dump is a program that the database runs.
    """
    kept = _keys_of(copy, keys) if keys else keys_in_force()
    if not open_what_lies_in(kept, copy.manifest["keys"]):
        raise CannotCopy("现在的密钥不是备份时的密钥，恢复后什么都读不出来。请用 --keys 指定当时保存密钥的文件夹")
    if fault := copy.fault(kept["EVENT_LOG_KEY"]):
        raise CannotCopy(f"备份 {copy.folder.name} 不能用，没有恢复任何内容：{fault}。请改用前一份备份")
    if copy.may_hold_older_seals and not settings.OLDER_SEALS:
        said = "里面可能有加密以前的文件、旧格式的号码，按现在的设定（OLDER_SEALS=0）恢复后打不开"
        what = "请设 OLDER_SEALS=1 再恢复，然后运行 manage.py rotate_keys，再改回 OLDER_SEALS=0"
        raise CannotCopy(f"备份 {copy.folder.name} {said}，没有恢复任何内容。{what}")
    refuse_strange(copy)
    refuse_damage(copy)
    _refuse_full()
    if keys:
        _take_keys(keys)
    with _files_given_back(copy):
        database().load(copy.database)


@contextmanager
def _files_given_back(copy: Copy) -> Iterator[None]:
    """Its files lie ready meanwhile, and come to their places once the database has been filled."""
    base = Path(settings.VAR_DIR)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=base) as folder:
        _store(copy).give_back(Path(folder), copy.files())
        yield
        for top in Path(folder).iterdir():
            os.replace(top, base / top.name)


def refuse_strange(copy: Copy) -> None:
    """Raises CannotCopy for a copy of another kind of database."""
    if copy.database.suffix != database().suffix:
        made = "SQLite" if copy.database.suffix == ".sqlite3" else "PostgreSQL"
        raise CannotCopy(f"这份备份来自 {made}，现在的 DATABASE_URL 是另一种数据库。请恢复到 {made}")


def refuse_damage(copy: Copy) -> None:
    """Raises CannotCopy with everything that is gone or altered in the copy."""
    faults = [] if sha256_of(copy.database) == copy.manifest["database"]["sha256"] else ["数据库的备份已改变"]
    faults += _store(copy).faults(copy.files())
    if faults:
        more = f"……共 {len(faults)} 处" if len(faults) > 10 else ""
        raise CannotCopy(f"备份 {copy.folder.name} 已损坏，没有恢复任何内容：" + "；".join(faults[:10]) + more)


def _store(copy: Copy) -> Store:
    return Store(copy.folder.parent / OBJECTS)


def _refuse_full() -> None:
    if not is_empty():
        raise CannotCopy("数据库不是空的，没有恢复任何内容。请给一个新的 DATABASE_URL 或 VAR_DIR")
    for name in (Path(settings.MEDIA_ROOT).name, *BESIDE):
        place = Path(settings.VAR_DIR) / name
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise CannotCopy(f"{place} 里已有文件，没有恢复任何内容。请给一个新的 VAR_DIR")


def _keys_of(copy: Copy, keys: Path) -> dict[str, str]:
    path = keys / KEYS_FILE
    if not path.is_file():
        raise CannotCopy(f"{keys} 里没有 {KEYS_FILE}，请指定备份时 --keys 的文件夹")
    kept = dict(line.partition("=")[::2] for line in path.read_text().splitlines())
    if not open_what_lies_in(kept, copy.manifest["keys"]):
        raise CannotCopy(f"{path} 不是这份备份的密钥，没有恢复任何内容。换过密钥的，旧的在旁边的 keys-时间.env 里")
    return kept


def _take_keys(keys: Path) -> None:
    target = Path(settings.VAR_DIR) / KEYS_FILE
    target.touch(mode=0o600)
    target.write_text((keys / KEYS_FILE).read_text())
    if (keys / KEY_FOLDER).is_dir():
        shutil.copytree(keys / KEY_FOLDER, Path(settings.VAR_DIR) / KEY_FOLDER, dirs_exist_ok=True)


def faults_after(copy: Copy) -> list[str]:
    """What is not as it was, in the process that uses the restored data: keys, manifest, rows, files, the
    chain and what its events say of cases, hours, papers, roles, passwords; the tree."""
    if not open_what_lies_in(keys_in_force(), copy.manifest["keys"]):
        return ["密钥不是备份时的密钥"]
    fault = copy.fault(settings.EVENT_LOG_KEY)
    faults = [fault] if fault else []
    faults += _miscounted(copy.manifest["database"]["counts"])
    base = Path(settings.VAR_DIR)
    faults += [
        f"{each.path}：没有恢复，或内容不同"
        for each in copy.files()
        if not (base / each.path).is_file() or sha256_of(base / each.path) != each.sha256
    ]
    return [*faults, *audited.check().problems, *tree_check.check().problems]


def _miscounted(before: dict[str, int]) -> list[str]:
    now = counted()
    return [
        f"{table}：备份时 {before.get(table, 0)} 行，现在 {now.get(table, 0)} 行"
        for table in sorted({*before, *now})
        if before.get(table) != now.get(table)
    ]


def checked_apart(root: Path, copy: Copy) -> str:
    """What a process of its own, begun with the restored keys, says of the restored data. Raises CannotCopy."""
    env = dict(os.environ)
    if (Path(settings.VAR_DIR) / "keys.env").exists():
        # This process was begun with others, which it would pass on.
        env = {name: value for name, value in env.items() if name not in {*KEYS, "DEMO_KEYS"}}
    return _managed(["restore", str(root), "--at", copy.folder.name, "--check"], env)


def drill(root: Path, copy: Copy) -> str:
    """Read every content that any copy names, restore this copy beside the system in use, look through it, throw it
    away. What a killed drill left behind goes first. Raises CannotCopy."""
    with alone_in(root):
        for leftover in root.glob(f"{DRILL}*"):
            shutil.rmtree(leftover)
        _set_damaged_apart(root)
        with tempfile.TemporaryDirectory(prefix=DRILL, dir=root) as var, beside(Path(var)) as url:
            env = {**os.environ, **keys_in_force(), "VAR_DIR": var, "DATABASE_URL": url}
            return _managed(["restore", str(root), "--at", copy.folder.name], env)


def _set_damaged_apart(root: Path) -> None:
    every = {kept.sha256: kept for each in copies(root) for kept in each.files()}
    if damaged := Store(root / OBJECTS).set_apart(every.values()):
        listed = "、".join(damaged[:5])
        raise CannotCopy(
            f"备份里 {len(damaged)} 个文件的内容已损坏，已移到 {OBJECTS}/damaged：{listed}。请检查备份的磁盘，"
            "并马上再备份一次：原件还在的，会重新收进来"
        )


@contextmanager
def beside(var: Path) -> Iterator[str]:
    """The address of an empty database of the same kind, which goes away at the end; the one of a killed drill went
    before. On PostgreSQL the role of the system may create databases (docs/operations.md)."""
    if connection.vendor != "postgresql":
        yield f"sqlite:///{var / 'db.sqlite3'}"
        return
    known = connection.settings_dict
    name = f"{known['NAME']:.50}_drill"
    login = f"{quote(known['USER'], safe='')}:{quote(known['PASSWORD'], safe='')}@" if known["USER"] else ""
    options = urlencode({key: value for key, value in known["OPTIONS"].items() if isinstance(value, str)})
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    _in_server(drop)
    _in_server(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield f"postgres://{login}{known['HOST']}:{known['PORT']}/{name}?{options}"
    finally:
        _in_server(drop)


def _in_server(sql: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:  # no database is created within another's transaction
            cursor.execute(sql)
    except ProgrammingError as wrong:
        raise CannotCopy(
            f"演练要建一个临时的数据库，而现在的账号不能建：{wrong}".strip() + "。见 docs/operations.md"
        ) from wrong


def _managed(arguments: list[str], env: dict[str, str]) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  our own command
    if done.returncode:
        raise CannotCopy((done.stderr.strip() or done.stdout.strip())[-2000:])
    return done.stdout.strip()


def read_manifest(copy: Copy) -> str:
    """In a line: when it was made and how much it holds."""
    rows = sum(copy.manifest["database"]["counts"].values())
    return f"{copy.folder.name}：{rows} 行，{copy.manifest['files']} 个文件，{copy.manifest['bytes'] / 1e6:.1f} MB"
