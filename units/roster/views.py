"""Upload, preview, confirmation: a clerk's own units, an uploader's own imports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from luojiang_ce.access import Role, roles
from luojiang_ce.sheets.responses import template_response
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.workflow.readings import off_record

from .columns import ROSTER
from .importer import ROSTER_IMPORT

IMPORT = ImportViews(ROSTER_IMPORT, Role.UNIT_CLERK)


@off_record("an empty form to fill in")
@roles(Role.UNIT_CLERK)
def template(request: HttpRequest) -> HttpResponse:
    """The empty roster to fill in."""
    return template_response(ROSTER, "专业技术人员花名册模板")
