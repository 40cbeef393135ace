"""A drill: a hundred rounds (three in the short form) of each race for what is counted, numbered or given once.

On PostgreSQL, where rows are locked, and on SQLite, where one writes at a time and who asks for it too late fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from luojiang_ce.workflow import case_kind
from tests.blank_papers import blank_papers
from tests.conftest import District
from tests.drills import times
from tests.drills.races import Race, hours, offices, papers
from tests.luojiang_ce.notices.conftest import PostOffice
from tests.luojiang_ce.notices.conftest import post_office as post_office
from tests.luojiang_ce.papers.samples import register_samples

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services, pytest.mark.thorough]
RACES = (*papers.RACES, *hours.RACES, *offices.RACES)


@pytest.fixture(autouse=True)
def _papers(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample kinds of papers are known, and what is on them is not set in type."""
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    with blank_papers():
        yield


@pytest.mark.parametrize("race", RACES, ids=str)
def test_of_all_who_come_at_once_each_thing_is_done_once(
    race: Race, district: District, post_office: PostOffice
) -> None:
    for _ in range(times(3, 100)):
        race.hold(district)
    mails = [mail["message-id"] for mail in post_office.taken]
    assert len(mails) == len(set(mails)), "a mail went out twice"
