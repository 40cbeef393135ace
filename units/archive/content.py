"""What a case says, whatever its kind: every field of its row in words, and the rows that belong to it.

Rows belong to a case where they point at it, or at one that does, and are no kind of case with states of their own.
ID numbers are masked as in everything that leaves the system; what proves access (digests, sealed values) stays out.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from luojiang_ce import clock
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.workflow.case_kind import case_kinds, kinds_with_a_table

from .blocks import BLOCK, in_blocks
from .wording import lines_of

_CHINESE = re.compile("[\u4e00-\u9fff]")
_OF_ACCESS = re.compile("token|password|_sealed$|_hash$")
_OF_MACHINES = re.compile("digest|hmac")  # where people have no name for it
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OWN = ("units", "training", "verification", "luojiang_ce", "tests")
# Rows that are kept about a case beside it and lie elsewhere in the package, or are nobody's record.
_ELSEWHERE = {
    *("workflow.event", "workflow.handling", "files.attachment", "papers.paper", "jobs.job", "notices.notice"),
    *("units_archive.item", "units_archive.package"),
}
# The generic keys by which a row says of which case it is.
_KEYS = (("case_type", "case_id"), ("source_type", "source_id"))


@dataclass(frozen=True)
class Fact:
    """A field: its name in the system, what people call it, what it says; `lines`: the same for people, where the value
    itself is for programs (JSON)."""

    name: str
    label: str
    value: str
    lines: tuple[str, ...] = ()

    @property
    def is_named(self) -> bool:
        """Have people a name for it? What only the system has one for stands in the XML alone."""
        return bool(_CHINESE.search(self.label))

    @property
    def read(self) -> tuple[str, ...]:
        """What people read, line by line."""
        return self.lines or (self.value,)


@dataclass
class Part:
    """The rows of one kind that belong to a case, in words. `files`: stored files that they name; `addressed`: the rows
    to which files and events belong. Other rows are not kept: a class has thousands."""

    name: str
    label: str
    rows: list[list[Fact]] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    addressed: list[Any] = field(default_factory=list)

    def take(self, row: Any) -> None:
        """One row more."""
        model: Any = type(row)
        self.rows.append(facts_of(row))
        self.files += [getattr(row, name) for name in _files_of(model) if getattr(row, name)]
        if is_kind(model):
            self.addressed.append(row)


@cache
def _files_of(model: Any) -> tuple[str, ...]:
    return tuple(each.name for each in model._meta.concrete_fields if isinstance(each, models.FileField))


def facts_of(row: Any) -> list[Fact]:
    """Every field of a row that says something, in words."""
    model: Any = type(row)
    found = (Fact(each.name, label_of(each), told(row, each), _lines(row, each)) for each in fields_of(model))
    return [fact for fact in found if fact.value]


def _lines(row: Any, each: Any) -> tuple[str, ...]:
    is_json = isinstance(each, models.JSONField)
    return tuple(clean(line) for line in lines_of(each.name, getattr(row, each.name))) if is_json else ()


@cache
def fields_of(model: type[models.Model]) -> tuple[Any, ...]:
    """The fields that are archived: no keys, no stored files (they lie beside), nothing that proves access."""
    found = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return tuple(each for each in found if _is_told(each))


def _is_told(each: Any) -> bool:
    if each.primary_key or isinstance(each, (models.BinaryField, models.FileField)) or _OF_ACCESS.search(each.name):
        return False
    return bool(_CHINESE.search(str(each.verbose_name))) or not _OF_MACHINES.search(each.name)


def label_of(each: Any) -> str:
    """What people call a field; what names another row by what that is."""
    if _CHINESE.search(str(each.verbose_name)) or not each.is_relation:
        return str(each.verbose_name)
    return str(each.related_model._meta.verbose_name)


def told(row: Any, each: Any) -> str:
    """What a field says, as text that any reader of XML takes."""
    if each.many_to_many:
        return clean("、".join(_named(one) for one in getattr(row, each.name).all()))
    if each.is_relation:
        return clean(_named(getattr(row, each.name)))
    if each.choices:
        return clean(str(getattr(row, f"get_{each.name}_display")()))
    return clean(_plain(getattr(row, each.name)))


def clean(text: str) -> str:
    """Without ID numbers and without characters that no XML holds."""
    return _NO_XML.sub("", mask_ids(text))


def _named(row: Any) -> str:
    if row is None:
        return ""
    number = getattr(row, "masked_id", "")
    return f"{row}（{number}）" if number else str(row)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return clock.local(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) if value else ""
    return str(value)


# --- the rows that belong to cases ------------------------------------------------------------------------------------


def parts_of(cases: Sequence[Any]) -> dict[int, list[Part]]:
    """The rows that belong to each of these cases of one kind, kind by kind. The number of queries grows with blocks of
    rows alone."""
    found: dict[int, dict[str, Part]] = defaultdict(dict)
    for owner, row in _below(cases):
        model = type(row)
        part = found[owner].setdefault(model._meta.label_lower, Part(model._meta.label_lower, _called(model)))
        part.take(row)
    return {owner: list(parts.values()) for owner, parts in found.items()}


def _called(model: type[models.Model]) -> str:
    name = str(model._meta.verbose_name)
    return name if _CHINESE.search(name) else model._meta.label_lower


def _below(cases: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Each row with the case to which it belongs, those that point at the case first, then those that point at them.
    Of rows that were handed out only the ids are kept."""
    level: dict[Any, dict[int, int]] = {type(case): {} for case in cases}
    for case in cases:
        level[type(case)][case.pk] = case.pk
    seen: set[tuple[Any, int]] = set()
    while level:
        below: dict[Any, dict[int, int]] = defaultdict(dict)
        for owner, row in _next(level):
            if (type(row), row.pk) not in seen:
                seen.add((type(row), row.pk))
                below[type(row)][row.pk] = owner
                yield owner, row
        level = below


def _next(level: Mapping[Any, Mapping[int, int]]) -> Iterator[tuple[int, Any]]:
    """What belongs to rows: by model and id of those the case that they are of."""
    for model, owners in level.items():
        for some in in_blocks(owners):
            for child, name in links_to(model):
                for row in _loaded(child, {f"{name}__in": some}):
                    yield owners[getattr(row, f"{name}_id")], row
            for child, (kind, key) in generic_links():
                for row in _loaded(child, {kind: model._meta.label_lower, f"{key}__in": some}):
                    yield owners[getattr(row, key)], row


def _loaded(model: Any, which: dict[str, Any]) -> Any:
    names = [each.name for each in model._meta.concrete_fields if each.is_relation]
    rows = model._base_manager.filter(**which).select_related(*names)
    return rows.order_by("pk").iterator(BLOCK)


@cache
def links_to(model: type[models.Model]) -> tuple[tuple[Any, str], ...]:
    """The models of which rows belong to a row of this one, with the field by which they point at it."""
    found = [each for each in model._meta.related_objects if each.one_to_many or each.one_to_one]
    return tuple((each.related_model, each.field.name) for each in found if _is_part(each.related_model))


def _is_part(model: Any) -> bool:
    cases = {kind.key for kind, _ in kinds_with_a_table()}
    own = model.__module__.split(".")[0] in _OWN
    return own and model._meta.label_lower not in cases | _ELSEWHERE


@cache
def generic_links() -> tuple[tuple[Any, tuple[str, str]], ...]:
    """The models of which rows name the case to which they belong, with the fields by which they do."""
    found = []
    for model in filter(_is_part, apps.get_models()):
        names = {each.name for each in model._meta.concrete_fields}
        found += [(model, key) for key in _KEYS if names.issuperset(key)]
    return tuple(found)


@cache
def is_kind(model: type[models.Model]) -> bool:
    """Can files and events belong to rows of this model?"""
    return model._meta.label_lower in {kind.key for kind in case_kinds()}
