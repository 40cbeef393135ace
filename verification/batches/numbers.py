"""The number of a batch, given at its first submission: no gaps, no doubles."""

from __future__ import annotations

from luojiang_ce.papers.numbering import next_number

from .models import Batch

SERIES = "verification_batch"
PATTERN = "{year}-V-{seq:04d}"


def give_number(batch: Batch) -> None:
    """Give the batch its number if it has none; in the caller's transaction, unsaved."""
    if batch.number is None:
        batch.number = next_number(SERIES, batch.year, seed=PATTERN, title="验证批次")
