"""What is typed to change or withdraw a published project: the new values or the reason, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms

from luojiang_ce.home.forms import Section
from luojiang_ce.papers.issue_form import names_on_papers
from luojiang_ce.workdays.text import full
from units.forms.base import FreshForm, ReasonField

from .case import item_problems
from .change_case import decision_problems
from .changing import CHANGEABLE, put_into
from .forms import ROW, ItemForm, PublishForm
from .models import PlanBatch, PlanItem, ProjectChange
from .papers import ADJUSTS, title_of
from .reach import Reached, reach_of

WHY = "写明为什么，区人社局据此决定"


def _changeable(section: Section) -> Section:
    """A section of 附件1's row without what never changes."""
    return replace(section, fields=[name for name in section.fields if name in CHANGEABLE])


class WithdrawalForm(FreshForm):
    """Why a project shall be withdrawn."""

    reason = ReasonField(label="撤销的理由", help_text=WHY, error_messages={"required": "请写明撤销的理由"})
    widths = {"reason": 12}

    def __init__(self, *args: Any, row: ProjectChange, **kwargs: Any) -> None:
        super().__init__(*args, row=row, initial={"reason": row.reason}, **kwargs)

    @property
    def wanted(self) -> None:
        """No field of the project changes."""
        return None


class ChangeForm(ItemForm):
    """The project as it shall be: the form begins with what stands, or was asked for; what differs is the change."""

    reason = ReasonField(label="变更的理由", help_text=WHY, error_messages={"required": "请写明变更的理由"})
    sections: Sequence[Section] = (*map(_changeable, ROW[:4]), Section("理由", ("reason",)))
    widths = {**ItemForm.widths, "reason": 12}

    class Meta(ItemForm.Meta):
        fields = list(CHANGEABLE)

    def __init__(self, *args: Any, row: ProjectChange, **kwargs: Any) -> None:
        self.change = row
        shown = put_into(PlanItem.objects.select_related("plan").get(pk=row.item_id), row.after)
        super().__init__(*args, instance=shown, initial={"reason": row.reason}, **kwargs)

    @property
    def row(self) -> ProjectChange:  # type: ignore[override]
        return self.change

    @property
    def wanted(self) -> PlanItem:
        """The project with what was typed, not saved."""
        item: PlanItem = self.instance
        return item

    def _post_clean(self) -> None:
        """What a row of 附件1 must fulfil to be filed holds for a published project too."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for problem in item_problems(self.instance):
                self.add_error(None, problem)


class DecisionForm(PublishForm):
    """The approver's decision: by what, when and why, and number and date of the list that publishes it."""

    decision = forms.CharField(
        label="决定文号或会议纪要", max_length=100, error_messages={"required": "请填决定的文号或会议纪要"}
    )
    decided_on = forms.DateField(
        label="决定日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填决定日期"},
    )
    note = forms.CharField(
        label="公布的理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="印在调整后的文件上，原文件的核验页也向公众显示，请勿写个人信息",
        error_messages={"required": "请写明理由"},
    )
    field_order = ("decision", "decided_on", "note", "document_number", "published_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].initial = self.case.reason[:300]
        self.fields["document_number"].label = "公布文号"
        self.reached = reach_of(self.case.item)
        if self.case.what == ProjectChange.What.WITHDRAWAL:
            for each in self.reached:
                if each.begun:
                    self.fields[f"keeps_{each.case.pk}"] = self._asked(each)

    def _asked(self, reached: Reached) -> forms.BooleanField:
        """Each by name: nobody withdraws a project without having seen that people sit in its class."""
        fate = reached.fate(withdrawn=True)
        return forms.BooleanField(
            label=f"“{reached.case}”{reached.label}，{full(reached.case.opens_on)} 开班：{fate}",
            error_messages={"required": f"请确认“{reached.case}”按开班时的项目继续办完"},
        )

    @property
    def batch(self) -> PlanBatch:
        batch: PlanBatch = self.case.batch
        return batch

    shown_as = "涉及的培训班"

    @property
    def shows(self) -> list[tuple[str, str]]:
        """The classes of the project and what becomes of them, for the page above the form."""
        withdrawn = self.case.what == ProjectChange.What.WITHDRAWAL
        return [(str(each.case), f"{each.label}：{each.fate(withdrawn=withdrawn)}") for each in self.reached]

    def document_title(self) -> str:
        return title_of(self.batch, ADJUSTS)

    def names(self) -> list[str]:
        new = [str(value) for name, value in self.case.after.items() if name in ("title", "organiser") and value]
        return [*names_on_papers(self.batch), *new]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for field, problem in decision_problems(data.get("decided_on"), data.get("published_on")):
            self.add_error(field, problem)
        return data

    def transition_data(self) -> dict[str, Any]:
        data = super().transition_data()
        kept = [name for name in data if name.startswith("keeps_")]
        return {**{name: data[name] for name in data if name not in kept}, "keeps": [int(name[6:]) for name in kept]}
