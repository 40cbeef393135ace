"""What a check found, laid out as archivists expect it: 真实性, 完整性, 可用性, 安全性 (DA/T 70). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from luojiang_ce.sheets.characters import NEW_HAN


class Property(StrEnum):
    """The four properties, in their order."""

    AUTHENTIC = "真实性"
    WHOLE = "完整性"
    USABLE = "可用性"
    SAFE = "安全性"


class Outcome(StrEnum):
    """What became of an item."""

    GOOD = "合格"
    BAD = "不合格"
    TOLD = "提示"  # worth knowing, and nothing that the package could help
    OPEN = "未检测"


MARKS = {Outcome.GOOD: "✓", Outcome.BAD: "✗", Outcome.TOLD: "!", Outcome.OPEN: "–"}


@dataclass(frozen=True)
class Item:
    """One thing that was looked at: of which property, what, what came out, in a sentence; `where`: every place that
    is wrong, with what is wrong there."""

    property: Property
    name: str
    outcome: Outcome
    said: str
    where: tuple[str, ...] = ()

    def cut(self, most: int | None) -> Item:
        """With so many places at most, and how many more there are."""
        if most is None or len(self.where) <= most:
            return self
        more = f"其余 {len(self.where) - most} 处请用 manage.py check_archive 查看"
        return replace(self, where=(*self.where[:most], more))


def _on_one_line(text: str) -> str:
    """Names come out of a stranger's file: what would move a terminal's cursor or turn the line is written out."""
    return "".join(each if each.isprintable() or ord(each) in NEW_HAN else f"\\u{ord(each):04x}" for each in text)


@dataclass
class Report:
    """A check: of what, when, item by item."""

    of: str
    at: datetime
    items: list[Item] = field(default_factory=list)

    def add(self, of: Property, name: str, good: str, wrong: Iterable[str] = (), *, bad: str = "有以下问题") -> None:
        """An item: what is said where nothing is wrong, otherwise every wrong place."""
        where = tuple(map(_on_one_line, wrong))
        outcome = Outcome.BAD if where else Outcome.GOOD
        self.items.append(Item(of, name, outcome, f"{bad}（{len(where)} 处）" if where else good, where))

    def tell(self, of: Property, name: str, said: str, where: Iterable[str]) -> None:
        """What is worth knowing, and where; nothing where there is nothing."""
        if places := tuple(map(_on_one_line, where)):
            self.items.append(Item(of, name, Outcome.TOLD, f"{said}（{len(places)} 处）", places))

    def leave_open(self, of: Property, name: str, why: str) -> None:
        """An item that could not be looked at, and why."""
        self.items.append(Item(of, name, Outcome.OPEN, why))

    @property
    def passed(self) -> bool:
        """Is nothing wrong? What was not looked at says nothing."""
        return all(item.outcome != Outcome.BAD for item in self.items)

    @property
    def sentence(self) -> str:
        """The result in a sentence."""
        if self.passed:
            unseen = "、".join(item.name for item in self.items if item.outcome == Outcome.OPEN)
            return f"检测合格：包内文件齐全，内容与封装时一致{f'（{unseen}未检测）' if unseen else ''}"
        bad = [item for item in self.items if item.outcome == Outcome.BAD]
        places = sum(len(item.where) for item in bad)
        return f"检测不合格：{'、'.join(dict.fromkeys(item.name for item in bad))}，共 {places} 处"

    @property
    def by_property(self) -> list[tuple[str, list[Item]]]:
        """The items under those of the four headings that have any."""
        listed = [(each.value, [item for item in self.items if item.property == each]) for each in Property]
        return [(name, items) for name, items in listed if items]

    def lines(self) -> Iterator[str]:
        """As text."""
        yield f"四性检测报告　{self.of}"
        yield f"检测时间：{self.at:%Y-%m-%d %H:%M:%S}"
        yield self.sentence
        for name, items in self.by_property:
            yield f"\n【{name}】"
            for item in items:
                yield f"{MARKS[item.outcome]} {item.name}：{item.outcome.value}。{item.said}"
                yield from (f"    {where}" for where in item.where)

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """As it is stored. `most`: how many places of an item are kept; it still says how many there are."""
        return {"of": self.of, "at": self.at.isoformat(), "items": [asdict(item.cut(most)) for item in self.items]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """As it was stored."""
        items = [
            Item(Property(i["property"]), i["name"], Outcome(i["outcome"]), i["said"], tuple(i["where"]))
            for i in told["items"]
        ]
        return cls(told["of"], datetime.fromisoformat(told["at"]), items)
