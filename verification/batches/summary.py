"""What a batch hands over, as its last page sums it up (V3: what decides is frozen at filing)."""

from __future__ import annotations

from collections import Counter

from luojiang_ce.words import first_of
from units.models import Person
from verification.ledger.registry import on_their_way
from verification.requirements.display import OUTCOME_LABELS

from .facts import PREFETCHED, years_of
from .models import Batch, Path

FROZEN = "达标情况和学时按报送时的学时记录固定；以后入账的学时，由审核的一方重新核算后才计入"


def summary_of(batch: Batch) -> list[tuple[str, str]]:
    """How many people, how they stand, whose hours are on the way; the number of queries does not grow with them."""
    people = list(Person.objects.filter(records__batch=batch).prefetch_related(*PREFETCHED))
    years = years_of(people, batch.year)
    found = Counter(str(year.verdict.outcome) for year in years.values())
    # notice 一(三)3: without a cycle nobody can say whether its requirements are met
    without = [each.name for each in people if batch.path == Path.TEACHER and not years[each.pk].facts["cycle"]]
    standing = "，".join(f"{label} {found[outcome]} 人" for outcome, label in OUTCOME_LABELS.items() if found[outcome])
    waiting = on_their_way(people, batch.year)
    reasons = batch.records.exclude(unmet_reason="").count()
    return [
        ("人员", f"{len(people)} 人，{batch.get_path_display()}，{batch.year} 年度"),
        ("达标情况", standing),
        *([("写明未达标原因", f"{reasons} 人")] if reasons else []),
        *([("没有登记五年周期", f"{first_of(without)}，不能判定；请先在教师周期里登记")] if without else []),
        ("有在途学时", f"{len(waiting)} 人，入账前不计入这次的达标情况" if waiting else "没有"),
        ("固定", FROZEN),
    ]
