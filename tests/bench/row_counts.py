"""`python -m tests.bench.row_counts [PAPER …]`: every list paper at every number of rows from 1 to 400.

Says of each how many counts were tried, at how many of them a page holds only what closes the paper, and how long it
took. The test suite tries the counts at which a page begins."""

from __future__ import annotations

import os
import sys
import time

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.luojiang_ce.papers.list_papers import BY_THE_PAGE, LIST_PAPERS

    wanted = sys.argv[1:] or sorted(set(LIST_PAPERS) - BY_THE_PAGE)
    return int(sum(map(tried, wanted)) > 0)


def tried(key: str) -> int:
    """Try one paper, say what was found; at how many counts a page was alone."""
    from tests.luojiang_ce.papers.list_papers import LIST_PAPERS, MOST_OF
    from tests.luojiang_ce.papers.row_counts import MOST, pages_alone
    from tests.luojiang_ce.papers.sheets_of_boxes import laid_out, says_something

    began, most = time.monotonic(), MOST_OF.get(key, MOST)
    make = lambda count: LIST_PAPERS[key](count)[0]  # noqa: E731  each paper remembers its layouts by its own function
    by_rows = "rows" in make(1).context and make(1).style == "form"
    alone = [
        count
        for count in range(1, most + 1)
        if (pages_alone(make, count) if by_rows else not all(map(says_something, laid_out(make(count)).pages)))
    ]
    print(
        f"{key}: {most} counts, {len(alone)} with a page alone {alone[:9]}, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return len(alone)


if __name__ == "__main__":
    sys.exit(main())
