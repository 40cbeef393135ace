"""From checked projects to the document that publishes them (product.md P2–P4; notice 一(五)1): the bureau's batch."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from luojiang_ce.access import READ_GATHERINGS, Role
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.papers.services import revoke_standing
from luojiang_ce.refusals import Mended
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import fire_many, four_eyes
from units.access import APPROVER, HANDLER

from . import papers
from .case import project_numbers
from .consenting import (
    OFFICER,
    agreed_of,
    both_bodies_agree,
    came_to_nothing,
    consents_have_scans,
    not_yet_answered,
    put_before_bodies,
    take_back,
    waits_for_officers,
    waits_for_paper,
    waits_for_publication,
)
from .materials import consent_materials, may_read_answers
from .models import PlanBatch, PlanItem
from .publication import (
    adjust_document,
    as_it_was_read,
    correct_document,
    document_is_sound,
    issue_document,
    tell_units,
)

# --- guards -----------------------------------------------------------------------------------------------------------


def has_items(context: Context) -> str | None:
    return None if context.case.items.exists() else "汇总里还没有项目，请先从审核通过的项目中选入"


def no_other_gathering(context: Context) -> str | None:
    others = PlanBatch.objects.filter(year=context.case.year, state=PlanBatch.State.GATHERING)
    other = others.exclude(pk=context.case.pk).first()
    if other is None:
        return None
    return Mended(f"“{other}”还在汇总，请先送会签，再退回这一份", {str(other): other.get_absolute_url()})


def something_left(context: Context) -> str | None:
    left = context.case.items.filter(state=PlanItem.State.BATCHED).exists()
    return None if left else "汇总里的项目都未获同意，没有可公布的项目"


def items_of(batch: PlanBatch) -> QuerySet[PlanItem]:
    """What is published with a batch: whoever checked or gathered one of its items does not publish it."""
    return batch.items.all()


CLASS_OVER = ("refused", "cancelled", "not_held")  # states of a class, which the app above it owns


def no_class_opened(context: Context) -> str | None:
    going_on = Count("classes", filter=~Q(classes__state__in=CLASS_OVER))
    used = context.case.items.annotate(going_on=going_on).filter(going_on__gt=0)
    names = "、".join(item.title for item in used[:5])
    return f"已有开班申请的不能撤销公布：{names}。只是文号、日期有误的，请用“更正发文”" if names else None


# --- effects ----------------------------------------------------------------------------------------------------------


def publish_items(context: Context) -> None:
    items = context.case.items.filter(state=PlanItem.State.BATCHED).in_order()
    new = list(items.filter(number=None))
    for item, number in zip(new, project_numbers(context.case.year, len(new)), strict=True):
        item.number = number
    PlanItem.objects.bulk_update(new, ["number"], batch_size=500)
    fire_many(items, "publish", actor=context.actor)
    issue_document(context, "培训项目已公布")


def unpublish(context: Context) -> None:
    """Nothing of it is published any more: the batch lies where it lay before, its consents with it. The document's
    number stays used, and the public check says why it holds no more. Raises NotForThePublic."""
    batch: PlanBatch = context.case
    project_numbers(batch.year, 0)  # none: one publication of a year at a time, for places in it are given in order
    revoke_standing(papers.PUBLICATION.key, batch, actor=context.actor, reason=context.note)
    fire_many(batch.items.filter(state=PlanItem.State.PUBLISHED), "unpublish", actor=context.actor)
    tell_units(context, f"{batch.document_number}公布的培训项目已撤销公布", context.note)
    batch.document_number, batch.published_on = "", None


# --- table ------------------------------------------------------------------------------------------------------------

B = PlanBatch.State

BATCH = Workflow(
    states={
        B.GATHERING: state("is-turn", Turn(HANDLER, "汇总")),
        B.CONSENTING: state(
            "is-wait",
            Turn(OFFICER, "出具会签意见", when=waits_for_officers, note=agreed_of),
            Turn(HANDLER, "登记会签意见", when=waits_for_paper, note=agreed_of),
            Turn(HANDLER, "退回汇总", when=came_to_nothing, note=lambda batch: "未获会签同意"),
            Turn(APPROVER, "发文公布", when=waits_for_publication),
        ),
        B.PUBLISHED: state("is-done"),
    },
    transitions=(
        Transition(
            "send", "送两家会签", (B.GATHERING,), B.CONSENTING, HANDLER, "送会签",
            guards=(has_items,), effect=put_before_bodies, style="primary",
        ),
        Transition(
            "recall", "退回汇总", (B.CONSENTING,), B.GATHERING, HANDLER, "退回汇总",
            guards=(not_yet_answered, no_other_gathering), effect=take_back,
        ),
        Transition(
            "publish", "发文公布", (B.CONSENTING,), B.PUBLISHED, APPROVER, "发文公布",
            guards=(both_bodies_agree, consents_have_scans, something_left, four_eyes(items_of), document_is_sound),
            effect=publish_items, form="training.plans.forms.PublishForm", style="primary",
        ),
        Transition(
            "republish", "更正发文", (B.PUBLISHED,), B.PUBLISHED, APPROVER, "更正发文",
            guards=(four_eyes(items_of), as_it_was_read, document_is_sound), effect=correct_document,
            form="training.plans.forms.CorrectionForm",
        ),
        Transition(
            "amend", "公布调整后的项目", (B.PUBLISHED,), B.PUBLISHED, APPROVER, "调整",
            guards=(as_it_was_read, document_is_sound), effect=adjust_document, hidden=True,
        ),  # by a decision on one of its projects (change_case.py)
        Transition(
            "unpublish", "撤销公布", (B.PUBLISHED,), B.CONSENTING, APPROVER, "撤销公布",
            guards=(no_class_opened,), effect=unpublish, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("汇总", (B.GATHERING,), "区人社局经办"),
        Step("两家会签", (B.CONSENTING,), "协调小组、反腐办"),
        Step("发文公布", (), "区人社局审批"),
    ),
)  # fmt: skip

# --- kind -------------------------------------------------------------------------------------------------------------

KIND = CaseKind(
    PlanBatch,
    BATCH,
    rows=lambda rows: rows.prefetch_related("consents__items", "items"),
    finds=by_words("document_number"),
    # Until publication freezes the consents.
    files=FileRules(
        consent_materials,
        lambda batch, account: batch.state == B.CONSENTING and account.holds(Role.BUREAU_HANDLER),
        may_read_answers,
    ),
    papers=(papers.PUBLICATION,),
    entries=(
        NavItem(
            "汇总与公布",
            "stamp",
            "plans:batches",
            READ_GATHERINGS.roles,
            order=21,
            also=("plans:batch", "plans:consent", "plans:answer", "plans:bodies"),
            group=Section.TRAINING,
        ),
    ),
    events={"consent": "登记会签意见", "consent_given": "出具会签意见", "consent_replaced": "替换会签意见"},
    clauses=("一(五)1",),
)
