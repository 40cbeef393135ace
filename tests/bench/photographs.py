"""`python -m tests.bench.photographs [HOW MANY]`: the confusion table of photographed sign-in sheets.

Two hundred sheets, printed by the product, signed by strokes like handwriting, tilted by up to 15 degrees, slanted,
bent, shaded, blurred, packed as JPEG, at 150 to 300 dots per inch; every fourth is a scan. About ten minutes.
"""

from __future__ import annotations

import os
import sys

import django

SHEETS, SEED = 200, 20170303


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.training.attendance.photographs.measuring import measure

    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else SHEETS
    measured = measure(wanted, SEED, lambda done: print(f"\r{done} / {wanted}", end="", file=sys.stderr))
    print("", *measured.table(), sep="\n")
    return 0 if measured.right >= 0.98 and measured.asked >= 0.95 and len(measured.unread) <= wanted // 50 else 1


if __name__ == "__main__":
    sys.exit(main())
