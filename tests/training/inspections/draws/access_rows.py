"""Who gets into the pages of draws: officers; of the originals the unit that was asked; the digests everybody."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CASE_LISTS, CLERKS, EVERYONE, HANDLER, OWN_UNIT, Row
from tests.training.inspections.draws.factories import a_draw, asked, drawn
from training.inspections.draws.models import DrawFigures


def frozen(district: District) -> list[Any]:
    return [a_draw(district).pk]


def done(district: District) -> list[Any]:
    return [drawn(a_draw(district, classes=2), district).pk]


def check(district: District) -> list[Any]:
    return [asked(district).pk]


def one_open(district: District) -> list[Any]:
    a_draw(district)
    return []


def figures(district: District) -> list[Any]:
    DrawFigures.objects.create(record_weight=2, class_share=10, reason="局务会研究确定", set_by=district.handler)
    return []


ROWS = [
    Row("draws:list", CASE_LISTS, one_open),
    Row("draws:export", CASE_LISTS, one_open),
    Row("draws:export_checks", CLERKS | CASE_LISTS),
    Row("draws:new", HANDLER),
    Row("draws:new_declarations", HANDLER),
    Row("draws:figures", CASE_LISTS, figures),
    Row("draws:set_figures", HANDLER, figures),
    Row("draws:draw", CASE_LISTS, frozen),
    Row("draws:draw", CASE_LISTS, done),
    Row("draws:text", CASE_LISTS, frozen),
    Row("draws:record_pdf", CASE_LISTS, done),
    Row("draws:checks", CLERKS | CASE_LISTS),
    Row("draws:originalscheck", CASE_LISTS | OWN_UNIT, check),
    Row("draws:published", EVERYONE, one_open, public=True),
]
