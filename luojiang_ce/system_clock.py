"""Whether this machine's clock is kept by anybody: deadlines and the log rest on it."""

from __future__ import annotations

import ctypes

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of <sys/timex.h>


class _Timex(ctypes.Structure):
    """The beginning of `struct timex`; the kernel writes the rest into the room behind it."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_char * 512),
    ]


def is_synchronised() -> bool | None:
    """As the kernel knows it from chrony, systemd-timesyncd or ntpd; a container is told of its host's. None where it
    does not say (a container that may not ask)."""
    asked = _Timex()  # modes 0: nothing is set
    try:
        answered = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return None
    return None if answered < 0 else not asked.status & _UNSYNCHRONISED
