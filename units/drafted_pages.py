"""The page on which a draft of the bureau is changed: rules, figures, conversions, interpretations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from luojiang_ce.home.form_page import Crumbs, form_page, posted
from units.drafted_case import may_change


def edit_draft(
    request: HttpRequest,
    case: Any,
    form_class: Callable[..., Any],
    keep: Callable[..., Any],
    *,
    above: Crumbs,
    **words: Any,
) -> HttpResponse:
    """Change a draft, which saves itself while it is typed. Raises Http404 for who may not, or where it is none.

    `keep(row, actor, version, quiet)` saves what was typed; `above`: the pages above that of the case; `words`: title
    and the like of `form_page`.
    """
    account: Any = request.user
    if not may_change(case, account):
        raise Http404
    form = form_class(posted(request), instance=case)

    def save(*, quiet: bool = False) -> Any:
        return keep(form.save(commit=False), actor=account, version=form.version, quiet=quiet)

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        submit_label="保存修改",
        done="已保存",
        back=[*above, (str(case), case.get_absolute_url())],
        about=case,
        **words,
    )
