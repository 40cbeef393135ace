"""附件4 on paper before it is stamped, for the unit to print; not an issued paper."""

from __future__ import annotations

from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout

from .form4 import FORM4, head_of, rows_of
from .models import Batch, Path


def form4_of(batch: Batch, args: Args) -> list[Printable]:
    """附件4 of the batch as it stands, with room for the opinions."""
    records = list(batch.records.select_related("person").order_by("person__pinyin", "pk"))
    head, boxes = head_of(batch, len(records)), boxes_of(batch)
    return [form_printable(FORM4, rows_of(records), head=head, foot=head, boxes=boxes, empty="还没有列入人员")]


def boxes_of(batch: Batch) -> list[OpinionBox]:
    """The boxes for the opinions, still empty."""
    titles = ["单位意见", *(["主管部门初审意见"] if Path(batch.path).needs_review else []), "区人社局验证意见"]
    return [OpinionBox(title) for title in titles]


FORM4_PRINTED = Printout("batches.form4", "附件4", Batch, form4_of)
