"""A worker that is slow: it packs the job whose id it is given, and waits before each file. Run as a module."""

from __future__ import annotations

import sys
import time
from typing import Any

import django

django.setup()

from luojiang_ce.jobs.services import run  # noqa: E402  (models need the setup)
from units.archive.bag import Bag  # noqa: E402

_add = Bag.add


def slowly(bag: Bag, *args: Any) -> Any:
    time.sleep(0.2)
    return _add(bag, *args)


if __name__ == "__main__":
    Bag.add = slowly  # type: ignore[method-assign]
    run(int(sys.argv[1]))
