"""What is ticked on the planner's list."""

from __future__ import annotations

import re
from collections import defaultdict

from django import forms

from luojiang_ce.home.forms import BaseForm

PICK = re.compile(r"(\d{1,12}):(\d{1,12}(?:-\d{1,12})*)", re.ASCII)
LATE = "补齐本年度学时，经单位同意补报"


class PicksForm(BaseForm):
    """People with their classes (`12:3-5`), and why those come late whose class has begun."""

    late_reason = forms.CharField(label="补报原因", max_length=200, required=False, initial=LATE)

    def clean(self):
        cleaned = super().clean()
        self.picks = self._picks()
        if not self.picks:
            self.add_error(None, "还没有勾选要报名的人员")
        return cleaned

    def _picks(self) -> dict[int, set[int]]:
        """By class who is to be enrolled; what is no pick is left out."""
        found: dict[int, set[int]] = defaultdict(set)
        for sent in self.data.getlist("picks"):  # type: ignore[attr-defined]  # a QueryDict
            if match := PICK.fullmatch(sent):
                for course in match[2].split("-"):
                    found[int(course)].add(int(match[1]))
        return dict(found)
