"""Live answers for forms: the deadline of a date as soon as it is typed, with its strip of days."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from luojiang_ce.access import any_account
from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR, UnknownYearError
from luojiang_ce.workdays.deadlines import NoSettingsError
from luojiang_ce.workdays.explaining import explanation
from luojiang_ce.workdays.lookup import NotUnderstoodError, deadline_from_text
from luojiang_ce.workdays.services import current_rules


@any_account
def explain(request: HttpRequest) -> HttpResponse:
    """The fragment for `?kind=opening&from=2026-12-14`, or `?kind=opening&field=opens_on&opens_on=2026-12-14`; with
    `&filed=` and a moment, what it means for something that was first filed then.

    A form's input is sent by htmx under its own name, which `field` tells.

    What is not understood is said in the fragment, with status 200, so that htmx shows it in place of the old answer.
    """
    asked = request.GET.get(request.GET.get("field", "from"), "").strip()
    if not asked:
        return render(request, "workdays/explain.html", {"wrong": "填好日期后，这里显示期限和推算过程。"})
    rules = current_rules()
    try:
        found = deadline_from_text(rules, request.GET.get("kind", ""), asked)
        context = explanation(found, rules, _filed(request))
    except (NotUnderstoodError, UnknownYearError, NoSettingsError) as error:
        return render(request, "workdays/explain.html", {"wrong": str(error)})
    return render(request, "workdays/explain.html", context)


def _filed(request: HttpRequest) -> datetime | None:
    """When it was first filed, as a page wrote it; what is no moment with its zone is none."""
    try:
        filed = datetime.fromisoformat(request.GET.get("filed", ""))
    except ValueError:
        return None
    return filed if filed.tzinfo and FIRST_YEAR < filed.year < LAST_YEAR else None
