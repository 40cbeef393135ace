"""How files are sent to every place that there is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs import services as jobs
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.uploads.dangers import EICAR
from tests.conftest import District
from tests.hostile import PAYLOAD, Hostile
from tests.luojiang_ce.access.matrix import Row, collect
from tests.luojiang_ce.access.urls import addresses

PLACES = {each.name: each.view.place for each in addresses() if hasattr(each.view, "place")}
# Of several rows the one that posts.
ROWS = {row.url: row for row in sorted(collect(), key=lambda row: row.method == "post") if row.url in PLACES}
FIELDS = ("files", "file", "scan", "picture", "photo")  # as forms call what they take


def try_each(name: str, files: Iterable[Hostile], district: District) -> None:
    """All these files at that place: no page breaks, nothing is kept of what is refused."""
    row = ROWS[name]
    address, client = row.address(district), _browser(row, district)
    for file in files:
        before, there = _stored(), Attachment.objects.count()
        assert _sent(client, address, row, file).status_code < 500, file
        jobs.sweep()  # what is sorted later
        if not file.harmless:
            assert Attachment.objects.count() == there, file
            _must_be_sealed(_stored() - before)


def _must_be_sealed(kept: set[Path]) -> None:
    """An import that its reader has refused is kept sealed for some days, and given to nobody."""
    assert len(kept) == ImportBatch.objects.filter(state="refused", file__in=[_name(each) for each in kept]).count()
    assert not any(text in each.read_bytes() for each in kept for text in (PAYLOAD, EICAR))


def _name(file: Path) -> str:
    return str(file.relative_to(settings.MEDIA_ROOT))


def _stored() -> set[Path]:
    return {each for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()}


def _browser(row: Row, district: District) -> Client:
    client = Client()
    if row.who and not row.public:
        client.force_login(getattr(district, min(row.who)), backend="django.contrib.auth.backends.ModelBackend")
    return client


def _sent(client: Client, address: str, row: Row, file: Hostile) -> Any:
    """The file in every field that there may be, with what the form asks for besides."""
    content = file.make()
    files = {field: SimpleUploadedFile("x", content) for field in FIELDS}
    for each in files.values():
        each._name = file.name  # type: ignore[attr-defined]  # as a browser may send it: Django cleans what it is given
    return client.post(address, {**row.data, **files})
