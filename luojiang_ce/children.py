"""Processes that read what strangers send: what they get of ours, and what none of them may do."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator
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
_EVERY_ACCESS = (1 << 13) - 1  # to files and folders
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_CONNECT, _CONNECTIONS_FROM = 0b11, 4  # by TCP, and the version that knows of it
_REACH, _REACH_FROM = 0b11, 6  # sockets without a file, other processes by signals


def bare_environment() -> dict[str, str]:
    """What such a process is begun with. Whoever takes it over finds no secret there."""
    return {name: os.environ[name] for name in HANDED_ON if name in os.environ}


def wall_in() -> None:
    """In the process: it opens few files and writes none, not even what was in its memory when it broke."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shut_in() -> None:
    """In a process that is given what it reads: of the disk it opens what it runs on alone, whoever owns the rest: no
    data, no keys, no environment of the process that began it. It begins nothing and connects to nothing, as far as
    the kernel knows how to forbid it. Raises OSError."""
    if version := landlock():
        _shut_in(version)


def landlock() -> int:
    """The version that this kernel has (Linux 5.13: 1); 0 where it has none, or may not be asked."""
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE, None, 0, _TELL_VERSION)))


def _shut_in(version: int) -> None:
    """From now on, for this thread and whatever it begins. Raises OSError."""
    connect = _CONNECT if version >= _CONNECTIONS_FROM else 0
    reach = _REACH if version >= _REACH_FROM else 0
    handled = struct.pack("=QQQ", _EVERY_ACCESS, connect, reach)
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
    yield from (package.parent for package in _ROOT.glob("*/__init__.py"))


def _called(function: str, *arguments: int | bytes) -> int:
    plain = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    done = int(getattr(ctypes.CDLL(None, use_errno=True), function)(*plain))
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done
