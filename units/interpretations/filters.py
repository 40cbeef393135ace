"""The filters above the list of interpretations."""

from __future__ import annotations

import django_filters

from luojiang_ce.clauses import notice_clauses
from luojiang_ce.filters import WordsFilter
from units.forms.filters import words
from units.interpretations.models import Interpretation


class InterpretationFilter(django_filters.FilterSet):
    """Interpretations by words, clause and state."""

    q = WordsFilter("number", "question", "answer", "document", label="查找", widget=words("问题、解释、编号、文号"))
    clause = django_filters.ChoiceFilter(
        label="条款", choices=lambda: [(each.id, each.id) for each in notice_clauses()], empty_label="全部条款"
    )
    state = django_filters.ChoiceFilter(label="状态", choices=Interpretation.State.choices, empty_label="全部状态")
