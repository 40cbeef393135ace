"""What the bureau is asked for before it passes an application on or approves it (notice 三2: 核定培训资质)."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.papers.issue_form import DocumentForm
from luojiang_ce.workflow.forms import ReasonForm, TransitionForm
from training.classes.decision_papers import REFUSAL
from training.classes.papers import opening_title
from training.classes.qualification import standing_of_class
from training.plans.qualification import LABELS, OUTSIDE, UNDECIDED, WITHIN


class CheckForm(TransitionForm):
    """Asks the handler whether the class lies within the scope, where no record decides it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = standing_of_class(self.case)
        if standing.kind == UNDECIDED:
            self.fields["scope"] = forms.ChoiceField(
                label="是否在核定培训资质范围内",
                choices=[(kind, LABELS[kind]) for kind in (WITHIN, OUTSIDE)],
                widget=forms.RadioSelect,
                help_text=f"{standing.why}（通知 三2）。不在范围的，审批人写明原因方可准予",
                error_messages={"required": "请判断本班是否在核定培训资质范围内（通知 三2）"},
            )
            self.order_fields(["scope", "note"])


class ApproveForm(DocumentForm):
    """Asks the approver why a class outside the scope is approved all the same."""

    printed = ("scope_passed",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = standing_of_class(self.case)
        if standing.stops:
            self.fields["scope_passed"] = forms.CharField(
                label="超出核定资质仍准予的原因",
                max_length=200,
                help_text=f"{standing}。原因印在准予开班通知和附件2上；不予放行的，请“不予批准”",
                error_messages={"required": f"{standing}。仍准予的，须写明原因"},
            )
            self.order_fields(["scope_passed", "note"])

    def document_title(self) -> str:
        return opening_title(self.case)


class RefuseForm(ReasonForm, DocumentForm):
    """Asks for the reason, which the refusal prints."""

    printed = ("note",)

    def document_title(self) -> str:
        return REFUSAL.title_of(self.case)
