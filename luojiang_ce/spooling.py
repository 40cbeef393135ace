"""Files that do not fit on the disk: what was typed beside them is read all the same, before the request fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse

_FAULT, _LEFT_OUT = "spooling_fault", "spooling_left_out"


class Spool(TemporaryFileUploadHandler):
    """Django's own, that leaves out a file for which there is no room (settings.FILE_UPLOAD_HANDLERS)."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().new_file(*args, **kwargs)
        except OSError as full:
            self._leave_out(full)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        try:
            return super().receive_data_chunk(raw_data, start)
        except OSError as full:
            self._close()
            self._leave_out(full)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """The last bytes of a file go to the disk here."""
        try:
            return super().file_complete(file_size)
        except OSError as full:
            self._note(full)
            self._close()
            return None

    def _close(self) -> None:
        """It tries once more to write what it holds; whoever closed it later would hear of that."""
        with suppress(OSError):
            self.file.close()

    def _leave_out(self, full: OSError) -> NoReturn:
        self._note(full)
        raise SkipFile from full

    def _note(self, full: OSError) -> None:
        request: Any = self.request
        setattr(request, _FAULT, full)
        setattr(request, _LEFT_OUT, [*without_room(request), (str(self.field_name), str(self.file_name))])


def without_room(request: Any) -> list[tuple[str, str]]:
    """The field and the name of each file that was left out."""
    left_out: list[tuple[str, str]] = getattr(request, _LEFT_OUT, [])
    return left_out


class SpoolingMiddleware:
    """No view sees a request some of whose files are not there: raises the OSError that kept one from the disk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            request.POST  # noqa: B018  reads it
            if fault := getattr(request, _FAULT, None):
                raise fault
        return self.get_response(request)
