"""Processes that read what strangers send: what they get of ours, and what none of them may do."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

# No key, no password, not where the database is.
HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ")
MOST_FILES = 64  # open at a time
_ROOT = Path(__file__).resolve().parents[1]
# Of the machine: programs' libraries and settings, and how many processors it has.
_OF_THE_MACHINE = (
    *("/usr", "/lib", "/lib64", "/etc", "/dev/null", "/dev/urandom"),
    *("/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
)

# Landlock (docs.kernel.org/userspace-api/landlock.html): system calls, by the same numbers on every machine.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_TELL_VERSION, _BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
# To files and folders: how many rights a version knows, of which each is forbidden. Version 2 knows of moving between
# folders, 3 of cutting a file short, 5 of commands to devices.
_RIGHTS_FROM = {1: 13, 2: 14, 3: 15, 5: 16}
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_CONNECT, _CONNECTIONS_FROM = 0b11, 4  # by TCP, and the version that knows of it
_REACH, _REACH_FROM = 0b11, 6  # sockets without a file, other processes by signals


def bare_environment() -> dict[str, str]:
    """What such a process is begun with. Whoever takes it over finds no secret there."""
    return {name: os.environ[name] for name in HANDED_ON if name in os.environ}


def shut_in() -> None:
    """In the process, before it has a second thread: it opens few files and writes none, not even what was in its
    memory when it broke. Of the disk it opens what it runs on alone, whoever owns the rest: no data, no keys, no
    environment of the process that began it; nor does it list, delete, move or cut short anything. It begins nothing
    and connects to nothing.

    All this as far as the kernel knows how to forbid it. No Landlock forbids to change the mode, the owner or the times
    of a file of the same account whose path is known. Raises OSError."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if version := landlock():
        _shut_in(version)


def landlock() -> int:
    """The version that this kernel has (Linux 5.13: 1, 6.2: 3, 6.7: 4); 0 where it has none, or may not be asked."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE, None, 0, _TELL_VERSION)))


def _shut_in(version: int) -> None:
    """From now on, for this thread and whatever it begins. Raises OSError."""
    rights = max(known for since, known in _RIGHTS_FROM.items() if since <= version)
    connect = _CONNECT if version >= _CONNECTIONS_FROM else 0
    reach = _REACH if version >= _REACH_FROM else 0
    handled = struct.pack("=QQQ", (1 << rights) - 1, connect, reach)
    rules = _called("syscall", _CREATE, handled, len(handled), 0)
    for path in _read_by_it():
        may = _READ_FILE | _READ_FOLDER if path.is_dir() else _READ_FILE
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        _called("syscall", _ADD, rules, _BENEATH, struct.pack("=Qi", may, place), 0)
        os.close(place)
    _called("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _called("syscall", _RESTRICT, rules, 0)
    os.close(rules)


def _read_by_it() -> Iterator[Path]:
    yield from filter(Path.exists, map(Path, (*_OF_THE_MACHINE, sys.prefix, sys.base_prefix)))
    for package in _ROOT.glob("*/__init__.py"):
        import_module(package.parent.name)  # while the folder in which they stand can be listed
        yield package.parent


def _called(function: str, *arguments: int | bytes) -> int:
    plain = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    done = int(getattr(ctypes.CDLL(None, use_errno=True), function)(*plain))
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done
