"""One certificate that was declared twice, told by the code that was typed (product.md V12)."""

from __future__ import annotations

from collections.abc import Iterator

from luojiang_ce.access import case_key
from luojiang_ce.files.fingerprints import Found
from verification.declarations.models import Declaration

SHORTEST = 6  # digits; the address of a site that checks everybody's certificates has fewer


def same_code(case: Declaration) -> Iterator[Found]:
    """The declarations, drafts left out, in which the same code stands. Nothing is asked of the database before the
    first is; one query, none without a code."""
    code = case.check_code.strip()
    if sum(each.isdigit() for each in code) < SHORTEST:
        return
    others = Declaration.objects.filter(check_code__iexact=code, first_submitted_at__isnull=False)
    for other in others.exclude(pk=case.pk).order_by("-pk"):
        yield "核验码", f"同一核验码 {code}", case_key(other)
