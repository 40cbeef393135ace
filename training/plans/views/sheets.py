"""附件1 in: the template, and the pages of its import."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from luojiang_ce.access import Role, roles
from luojiang_ce.sheets.responses import template_response
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.workflow.readings import off_record
from training.plans.form1 import FORM1
from training.plans.importing import FORM1_IMPORT

CLERK = Role.UNIT_CLERK
FORM1_ROWS = ImportViews(FORM1_IMPORT, CLERK)


@off_record("an empty form to fill in")
@roles(CLERK)
def template(request: HttpRequest) -> HttpResponse:
    """附件1 as an empty workbook to fill in and import."""
    return template_response(FORM1, "附件1 模板")
