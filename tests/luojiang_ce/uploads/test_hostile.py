"""Each hostile file is refused in words, or what is kept of it is harmless; within two seconds and 200 MB."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from luojiang_ce.sheets.imports import SMALL
from luojiang_ce.sheets.problems import FileProblem, TakesLonger
from luojiang_ce.sheets.reading import tables_apart
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, passed
from luojiang_ce.uploads.places import COMPARED, MATERIAL, TABLE
from luojiang_ce.uploads.reader import ONE_FILE, READER
from tests.hostile import FILES, PAYLOAD, TABLES, Hostile

MOST_MEMORY = 200_000  # kB


def peak() -> int:
    """Memory that the process beside this one has taken, in kB."""
    process = READER._process
    status = Path(f"/proc/{process.pid}/status").read_text() if process else "VmHWM: 0"
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def test_there_are_sixty() -> None:
    assert len({each.what for each in (*FILES, *TABLES)}) >= 60


@pytest.fixture(autouse=True)
def measured() -> Iterator[None]:
    """The memory that the process takes over one file, counted from here on; what this one takes of the processor."""
    READER.ask("luojiang_ce.uploads.inspection:inspect", b"x", kinds=[], own_reader=False, others=False, blank=False)
    process = READER._process
    assert process
    Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    yield
    assert peak() < MOST_MEMORY


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_hostile_file_is_refused_or_made_harmless(file: Hostile) -> None:
    name, content = named(file.name, 200), file.make()
    used = os.times()
    if file.harmless:
        kept = passed(name, content, MATERIAL).content
        assert kept
        assert PAYLOAD not in kept
    else:
        with pytest.raises(BadFile, match=f"^“{re.escape(name)}”.*请"):
            passed(name, content, MATERIAL)
    assert os.times().user - used.user < 1, "this process does nothing of it"


@pytest.mark.parametrize("file", TABLES, ids=str)
def test_a_hostile_table_is_refused_or_left_to_a_job(file: Hostile) -> None:
    content = file.make()
    used = os.times()
    with suppress(FileProblem, TakesLonger, BadFile):
        passed(file.name, content, TABLE)
        for table in tables_apart(io.BytesIO(content), SMALL):
            assert sum(1 for _ in table.rows()) <= SMALL.most_rows
    assert os.times().user - used.user < 1


def test_no_file_has_more_than_its_seconds() -> None:
    """The kernel keeps them, whatever a library does."""
    assert ONE_FILE.cpu <= 2
    assert SMALL.budget.cpu <= 2


def test_what_a_place_refuses_anyhow_is_not_unpacked() -> None:
    """A stranger's archive costs the one reader nothing where PDFs alone are compared."""
    bomb = next(each.make() for each in FILES if each.what == "docx with macros")
    with pytest.raises(BadFile, match="不是 PDF"):
        passed("文书.docx", bomb, COMPARED)
