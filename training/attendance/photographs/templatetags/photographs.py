"""The control with which a cell of a photographed sheet is decided."""

from __future__ import annotations

from typing import Any

from django import template

from training.attendance.photographs.pages import Choice, Line

register = template.Library()


@register.inclusion_tag("training_photographs/decide.html")
def decide(form: Any, line: Line, choice: Choice) -> dict[str, Any]:
    """What is recorded already, a tick, or the question about a doubtful cell."""
    return {"line": line, "choice": choice, "field": form[choice.name] if choice.name in form.fields else None}
