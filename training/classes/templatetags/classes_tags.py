"""How the grid of a timetable and the fields of 附件2 are laid out."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms, template
from django.utils.safestring import SafeString

from luojiang_ce.home.templatetags.home import control
from training.classes.form2 import Fact

register = template.Library()

# Widths of the grid's inputs in characters; the others take what their column gives.
SIZES = {"course": 18, "hours": 3, "room": 8, "teaching_form": 6, "required_course": 8, "note": 10}


@register.simple_tag
def cell(field: forms.BoundField, number: int) -> SafeString:
    """A cell of the grid: the input without a visible label, named by its column and row for those who hear it."""
    size = SIZES.get(field.name)
    if size:
        field.field.widget.attrs["size"] = size
    return control(field, f"第 {number} 行 {field.label}")


@register.filter
def two_by_two(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The fields in lines of two; a wide one has its line to itself."""
    lines: list[list[Fact]] = []
    for fact in facts:
        room = lines and len(lines[-1]) == 1 and not lines[-1][0].wide
        if room and not fact.wide:
            lines[-1].append(fact)
        else:
            lines.append([fact])
    return lines
