"""What is written about a case for archivists and for machines, as XML: metadata by the elements of DA/T 46 (文件实体,
机构人员实体, 业务实体), the form with the rows below it, and the catalogue (文件目录). Pure.

What nobody has set (保管期限, 全宗号, 类别号, 室编件号) is said to be 未设定: 件号, its place in one package, is no
number of the archive, it changes with the next. What DA/T 46 has no element for (SHA-256, the signature of an event)
stands in attributes, so that the elements stay those of the standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree

from .content import Fact, Part, clean

UNSET = "未设定"  # what nobody has decided yet: no period and no number is invented


@dataclass(frozen=True)
class Document:
    """A file of a case: under which name it lies beside the metadata, what it is, size in bytes, SHA-256, pages, and
    what it says of itself (number, day, state, the name it was uploaded under)."""

    name: str
    title: str
    kind: str
    size: int
    sha256: str
    pages: int = 0
    number: str = ""
    day: date | None = None
    state: str = ""
    original: str = ""


@dataclass(frozen=True)
class PaperElsewhere:
    """A paper about the case that lies with another (a year's sheet with its batch): `path`: of the file below
    电子档案/, empty where the other is not in this package; `place`: where the other is."""

    title: str
    number: str
    day: date
    state: str
    path: str
    place: str


@dataclass(frozen=True)
class Act:
    """What was done: when, what, by whom (with the offices of that day), in which words; uid, HMAC of its event."""

    at: datetime
    label: str
    move: str
    who: str
    agent: str
    note: str
    uid: str
    hmac: str


@dataclass(frozen=True)
class Agent:
    """Somebody who acted: how the package calls him, the name, the offices that were held on days of acting."""

    key: str
    name: str
    offices: Sequence[str]


@dataclass
class Record:
    """A case as it is archived (件)."""

    folder: str
    number: int
    year: int
    kind: str
    kind_key: str
    title: str
    reference: str
    unit: str
    uscc: str
    state: str
    closed_on: date | None
    retention: str
    facts: Sequence[Fact] = ()
    parts: Sequence[Part] = ()
    acts: Sequence[Act] = ()
    documents: list[Document] = field(default_factory=list)
    elsewhere: Sequence[PaperElsewhere] = ()
    problems: list[str] = field(default_factory=list)


def metadata(record: Record, owner: str, uid: str) -> bytes:
    """The metadata of a case. `owner`: whose archive it is (立档单位); `uid`: of the package."""
    root = etree.Element("电子文件元数据", 标准="DA/T 46-2009")
    entity = _sub(root, "文件实体")
    _texts(entity, ("聚合层次", "件"))
    _texts(_sub(entity, "来源"), ("全宗名称", UNSET), ("立档单位名称", owner))
    _texts(entity, ("电子文件号", f"{uid}/{record.number}"))
    _texts(
        _sub(entity, "档号"), ("全宗号", UNSET), ("年度", record.year), ("保管期限", record.retention),
        ("类别号", UNSET), ("室编件号", UNSET),
    )  # fmt: skip
    _texts(
        _sub(entity, "内容描述"), ("题名", record.title), ("文件编号", record.reference),
        ("责任者", record.unit or owner), ("日期", record.closed_on or ""), ("文种", record.kind),
        ("附注", record.state),
    )  # fmt: skip
    pages = sum(each.pages for each in record.documents)
    _texts(_sub(entity, "形式特征"), ("文件组合类型", "组合文件"), ("件数", 1), ("页数", pages or ""), ("语种", "汉语"))
    for each in record.documents:
        _texts(
            _sub(entity, "电子属性", sha256=each.sha256, 说明=clean(each.kind)),
            ("格式信息", each.name.rpartition(".")[2]), ("计算机文件名", each.name), ("计算机文件大小", each.size),
            ("题名", each.title), ("文件编号", each.number),
            ("日期", each.day or ""), ("附注", "；".join(filter(None, [each.state, each.original]))),
        )  # fmt: skip
    if record.unit:
        _texts(
            _sub(root, "机构人员实体"), ("机构人员类型", "单位"), ("机构人员名称", record.unit),
            ("组织机构代码", record.uscc),
        )  # fmt: skip
    for act in record.acts:
        _texts(
            _sub(root, "业务实体", 事件=act.uid, hmac=act.hmac, 责任者=act.agent), ("业务状态", "历史行为"),
            ("业务行为", act.label), ("行为时间", act.at.isoformat()), ("机构人员名称", act.who),
            ("行为描述", "；".join(filter(None, [act.move, act.note]))),
        )  # fmt: skip
    return _written(root)


def form(record: Record) -> bytes:
    """Everything that the case says, with the names that the fields have in the system."""
    root = etree.Element("表单", 业务=record.kind, 代码=record.kind_key)
    _facts(root, record.facts)
    for part in record.parts:
        table = _sub(root, "明细", 名称=part.label, 代码=part.name)
        for row in part.rows:
            _facts(_sub(table, "行"), row)
    return _written(root)


def catalogue_entry(record: Record) -> bytes:
    """A case in 文件目录.XML."""
    entry = etree.Element("文件")
    _texts(
        entry, ("顺序号", record.number), ("档号", UNSET), ("责任者", record.unit), ("题名", record.title),
        ("日期", record.closed_on or ""), ("密级", ""), ("电子档案名称", f"电子档案/{record.folder}"),
        ("备注", "；".join([record.kind, record.state, f"保管期限 {record.retention}"])),
    )  # fmt: skip
    return etree.tostring(entry, encoding="utf-8") + b"\n"


def agents(found: Iterable[Agent]) -> bytes:
    """Who acted in the cases of the package, with the offices that were held then."""
    root = etree.Element("责任者清单")
    for agent in found:
        entry = _sub(root, "责任者", 编号=agent.key)
        _texts(entry, ("机构人员类型", "个人"), ("机构人员名称", agent.name))
        _texts(entry, *(("个人职位", office) for office in agent.offices))
    return _written(root)


def _facts(to: Any, facts: Iterable[Fact]) -> None:
    for fact in facts:
        etree.SubElement(to, "项", 名称=clean(fact.label), 代码=fact.name).text = fact.value


def _sub(to: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(to, name, attributes)


def _texts(to: Any, *pairs: tuple[str, Any]) -> None:
    """Elements with these texts; those that say nothing are left out."""
    for name, value in pairs:
        if value not in ("", None):
            etree.SubElement(to, name).text = clean(str(value))


def _written(root: Any) -> bytes:
    made: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return made
