"""Files for which there is no room on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from luojiang_ce.spooling import Spool, SpoolingMiddleware, without_room


@pytest.fixture
def request_() -> HttpRequest:
    return RequestFactory().post("/", {"name": "培训方案"})


@pytest.fixture
def spool(request_: HttpRequest) -> Iterator[Any]:
    """Its first bytes wait in memory, and there is no room for them."""
    spool: Any = Spool(request_)
    spool.field_name, spool.file_name = "files", "方案.pdf"
    spool.file = UploadedFile(open("/dev/full", "wb"), "方案.pdf")  # noqa: SIM115  it is closed where it is left out
    spool.receive_data_chunk(b"%PDF-1.7", 0)
    yield spool
    assert spool.file.closed


def test_the_last_bytes_of_a_file_may_find_no_room_either(request_: HttpRequest, spool: Any) -> None:
    """What was typed beside it is read all the same, and the view sees nothing of it."""
    request = request_
    assert spool.file_complete(8000) is None
    assert without_room(request) == [("files", "方案.pdf")]
    with pytest.raises(OSError, match="No space left"):
        SpoolingMiddleware(lambda request: HttpResponse())(request)
    assert request.POST["name"] == "培训方案"


def test_what_waits_in_memory_breaks_nothing_when_a_file_is_left_out(request_: HttpRequest, spool: Any) -> None:
    """Django closes it before it reads on."""
    with pytest.raises(SkipFile):
        spool.receive_data_chunk(bytes(1_000_000), 8)
    assert without_room(request_) == [("files", "方案.pdf")]
    spool.file.close()
