"""The demo shows pages that are written, and one that was taken back."""

import pytest

from tests.conftest import District
from tests.verification.batches.samples import staff
from verification.booklets import demo
from verification.booklets.models import WrittenPage


@pytest.mark.django_db
def test_pages_are_written_and_one_is_taken_back(district: District, monkeypatch) -> None:
    staff(district.unit, 3)
    monkeypatch.setattr(demo, "UNIT", district.unit.code)
    monkeypatch.setattr(demo, "clerk_of", lambda unit: district.owner)
    assert demo.build() == "3 页"
    assert WrittenPage.objects.standing().count() == 2
    assert demo.build() == "演示证书登记已有，未改动"
