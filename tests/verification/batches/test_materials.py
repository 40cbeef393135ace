"""The notice's seven materials, in its order."""

import pytest

from verification.batches.materials import LINES


@pytest.mark.notice("二(一)1", "二(一)2", "二(一)3", "二(一)4", "二(一)5", "二(一)6", "二(一)7")
def test_the_checklist_names_all_seven_in_the_order_of_the_notice():
    clauses = [line.clause for line in LINES]
    assert clauses == ["附件4", *(f"二(一){number}" for number in range(1, 8))]


@pytest.mark.notice("二(一)7")
def test_other_evidence_has_its_place():
    assert "其他" in LINES[-1].title
