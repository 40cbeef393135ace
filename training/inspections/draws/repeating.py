"""Repeating a draw from what is kept of it, to see that it says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from luojiang_ce.workflow.events import history

from .draw import digest_of, draw
from .models import Draw


def differences(case: Draw) -> Iterator[str]:
    """What does not agree: the list with its published digest, the result with what the seed draws."""
    published = published_digest(case)
    for what, digest in (("名单的摘要", digest_of(case.text)), ("抽查里写的摘要", case.digest)):
        if digest != published:
            yield f"{what}是 {digest}，公布的是 {published}"
    if case.seed != (seed := _logged(case, "seeded", "seed", case.seed)):
        yield f"种子是 {case.seed}，抽取时记下的是 {seed}"
    again = [asdict(each) for each in draw(case.the_list, case.digest, case.seed)]
    if len(again) != len(case.result):
        yield f"重做抽出 {len(again)} 个，记录的是 {len(case.result)} 个"
    for place, (now, then) in enumerate(zip(again, case.result, strict=False), 1):
        yield from _differs(place, now, then)


def published_digest(case: Draw) -> str:
    """The digest as it was published, by the event log, which cannot be rewritten with the draw."""
    return _logged(case, "list_frozen", "digest", case.digest)


def _logged(case: Draw, event: str, name: str, otherwise: str) -> str:
    found = history(case).filter(name=event).first()
    said: str = found.data[name] if found else otherwise
    return said


def _differs(place: int, now: dict[str, Any], then: dict[str, Any]) -> Iterator[str]:
    labels = (("key", "抽中的"), ("day", "日期"), ("inspectors", "检查人"))
    for name, label in labels:
        # A tuple comes back from the database as a list.
        if (made := list(now[name]) if name == "inspectors" else now[name]) != then[name]:
            yield f"第 {place} 个{label}：重做是 {made}，记录的是 {then[name]}"
