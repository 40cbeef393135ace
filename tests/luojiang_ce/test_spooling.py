"""Files for which there is no room on the disk."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from luojiang_ce.spooling import Spool, SpoolingMiddleware, without_room


class Full:
    """The last bytes wait in memory, and there is no room for them."""

    def seek(self, at: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_the_last_bytes_of_a_file_may_find_no_room_either() -> None:
    """What was typed beside it is read all the same, and the view sees nothing of it."""
    request = RequestFactory().post("/", {"name": "培训方案"})
    spool: Any = Spool(request)
    spool.field_name, spool.file_name, spool.file = "files", "方案.pdf", Full()
    assert spool.file_complete(8000) is None
    assert without_room(request) == [("files", "方案.pdf")]
    with pytest.raises(OSError, match="No space left"):
        SpoolingMiddleware(lambda request: HttpResponse())(request)
    assert request.POST["name"] == "培训方案"
