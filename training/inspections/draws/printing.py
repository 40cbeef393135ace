"""The record of a draw on paper (随机抽查记录): list, digest, seed, and each number as anybody can check it."""

from __future__ import annotations

from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.workflow.case_kind import act_label
from luojiang_ce.workflow.events import history

from .models import Draw
from .reading import STEPS, left_out_of, listed_of, names_of, shown_of

ABOUT = ("抽查事项", "范围", "种子来源")  # of what the list says of itself, what the record prints above it


def record_of(case: Draw, args: Args) -> list[Printable]:
    """The record. A long list of declarations stays in its own file, which the digest is of."""
    listed = case.the_list
    names = names_of([each.key for each in listed.inspectors])
    context = {
        "case": case,
        "about": [(label, listed.about[label]) for label in ABOUT if label in listed.about],
        "pair": listed.pair,
        "rows": listed_of(case) if case.of_classes else [],
        "column_count": 4,
        "left_out": left_out_of(case),
        # with how many units each stays away from
        "inspectors": [(names.get(each.key, ""), len(each.away)) for each in listed.inspectors],
        "shown": shown_of(case),
        "steps": STEPS,
        "history": [(each.at, act_label(each), each.actor.name if each.actor else "系统") for each in history(case)],
    }
    return [Printable("training_draws/print/record.html", context, "page", f"随机抽查记录 {case.number}")]


RECORD_PRINTED = Printout("draws.record", "随机抽查记录", Draw, record_of)
