"""Which cases go into a package, and which are left out and why: written down before anything is packed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from luojiang_ce.jobs.services import JobFailed, Progress
from luojiang_ce.workflow.case_kind import CaseKind

from .blocks import in_blocks
from .content import clean
from .later import later_of, title_of
from .models import Item, Package
from .year import Belonging, archived_kinds, belonging, looked_at


def select(package: Package, progress: Progress) -> None:
    """Write down all cases of the year, of a supplement those that its packages do not hold as they are now. Raises
    JobFailed where nothing of a supplement is closed: there would be nothing to read in it."""
    number, found, kinds = 0, _finding(package), archived_kinds()
    for done, kind in enumerate(kinds):
        progress(done, len(kinds))
        for some in in_blocks(found(kind)):
            items = [_item(package, kind, each) for each in some]
            for item in items:
                if not item.reason:
                    number = item.number = number + 1
            Item.objects.bulk_create(items)
    if package.base and not number:
        raise JobFailed(_nothing(package))


def _finding(package: Package) -> Callable[[CaseKind], Iterator[Belonging]]:
    if not package.base:
        return lambda kind: belonging(kind, package.year)
    ids: dict[str, list[int]] = defaultdict(list)
    for each in later_of(package.year):
        ids[each.kind].append(each.case_id)
    return lambda kind: looked_at(kind, ids[kind.key])


def _nothing(package: Package) -> str:
    if left := package.items.left_out().count():
        return f"归档以后新增、变动的 {left} 件都还没有办结，没有可以补充的；办结后再补充封装"
    return f"{package.year} 年度归档以后没有变动，不需要补充"


def _item(package: Package, kind: CaseKind, each: Belonging) -> Item:
    return Item(
        package=package, case_type=kind.key, case_id=each.case.pk, title=title_of(kind, each.case),
        reason=clean(each.reason)[:300], last_event=each.last_event, entries=each.entries, stays=each.stays,
    )  # fmt: skip
