"""Who gets into the pages of extensions and lapses."""

from __future__ import annotations

from luojiang_ce.workdays.models import CalendarDay
from tests.conftest import District
from tests.luojiang_ce.access.matrix import (
    BUREAU,
    CASE_LISTS,
    CLERKS,
    EVERYONE,
    HANDLER,
    NOBODY,
    OWN_UNIT,
    SYSTEM_ADMIN,
    Row,
)
from tests.units.extensions.cases import extension_of, lapse_of

READERS = CLERKS | CASE_LISTS


def filed(district: District) -> list[int]:
    return [extension_of(district, "submitted").pk]


def drafted(district: District) -> list[int]:
    return [extension_of(district).pk]


def for_all(district: District) -> list[int]:
    return [extension_of(district, "granted", unit=None, by_bureau=True, document="〔2026〕1号").pk]


def bureaus_draft(district: District) -> list[int]:
    return [extension_of(district, by_bureau=True).pk]


def a_lapse(district: District) -> list[int]:
    return [lapse_of(district).pk]


def a_closure(district: District) -> list[int]:
    day = CalendarDay.objects.create(date="2026-09-01", kind="rest", reason="台风", source="通告", name="台风")
    return [day.pk]


ROWS = [
    Row("terms:calendar", EVERYONE),
    Row("terms:year_new", BUREAU),
    Row("terms:closure_new", BUREAU),
    Row("terms:closure_end", BUREAU, a_closure),
    Row("terms:setting_new", SYSTEM_ADMIN),
    Row("terms:certificate_pattern", SYSTEM_ADMIN, lambda district: ["general"]),
    Row("terms:extensions", READERS),
    Row("terms:export", READERS),
    Row("terms:lapses", READERS),
    Row("terms:export_lapses", READERS),
    Row("terms:extension", OWN_UNIT | CASE_LISTS, filed),
    Row("terms:extension", OWN_UNIT, drafted),
    Row("terms:extension", READERS, for_all),
    Row("terms:extension", CASE_LISTS, bureaus_draft),
    Row("terms:lapse", OWN_UNIT | CASE_LISTS, a_lapse),
    Row("terms:ask", CLERKS),
    Row("terms:offer", HANDLER),
    Row("terms:offer_one", HANDLER),
    Row("terms:edit", OWN_UNIT, drafted),
    Row("terms:edit", HANDLER, bureaus_draft),
    Row("terms:edit", NOBODY, filed),
]
