"""Importing a timetable or a roster of trainees."""

from __future__ import annotations

from luojiang_ce.access.roles import Role
from luojiang_ce.sheets.views import ImportViews
from training.classes.importers.roster import TRAINEES_IMPORT
from training.classes.importers.timetable import TIMETABLE_IMPORT

TIMETABLE = ImportViews(TIMETABLE_IMPORT, Role.UNIT_CLERK)
TRAINEES = ImportViews(TRAINEES_IMPORT, Role.UNIT_CLERK)
