"""Each hostile file is refused in words, or what is kept of it is harmless; within two seconds and 200 MB."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings

from luojiang_ce.sheets.imports import SMALL
from luojiang_ce.sheets.problems import FileProblem, TakesLonger
from luojiang_ce.sheets.reading import tables_apart
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, passed
from luojiang_ce.uploads.inspection import kind_of
from luojiang_ce.uploads.places import COMPARED, MATERIAL, PHOTOGRAPH, TABLE, Kind
from luojiang_ce.uploads.reader import ONE_FILE, READER, TooMuch, received, send
from tests.hostile import (
    FILES,
    PAYLOAD,
    TABLES,
    Hostile,
    book,
    ole,
    picture,
    project_of_macros,
    slides,
    within_slides,
)

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


def test_an_answer_that_is_too_long_ends_the_process_and_the_next_is_its_own() -> None:
    """Whoever asks would have to hold it."""
    how = {"kinds": PHOTOGRAPH.kinds, "own_reader": False, "others": False, "blank": False}
    ask = partial(READER.ask, "luojiang_ce.uploads.inspection:inspect", picture(), **how)
    with pytest.raises(TooMuch):
        ask(budget=replace(ONE_FILE, answer=300))
    with pytest.raises(TooMuch):
        ask(budget=replace(ONE_FILE, answer=20))
    assert ask().said["kind"] == "image/jpeg"


NOISY = """
import sys, types
from luojiang_ce.uploads import answering

def told(content):
    print("a line of a library's own")
    return "heard", content

sys.modules["noisy"] = types.SimpleNamespace(told=told)
answering.answer_all()
"""


def test_what_a_library_prints_is_no_answer() -> None:
    facts = {"cwd": settings.BASE_DIR, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", NOISY], **facts, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stdout
        send(process.stdin, {"function": "noisy:told", "told": {}, **asdict(ONE_FILE), "wall": 4}, b"a file")
        assert received(process.stdout) == ("heard", b"a file")
        process.stdin.close()


def test_a_rich_text_is_no_json() -> None:
    assert kind_of(rb"{\rtf1\ansi}") is None
    assert kind_of(b'{"format": 1}') is Kind.JSON


def test_older_slides_without_macros_are_taken() -> None:
    content = slides(project_of_macros(0, 0), within_slides(ole("Workbook", content=book())))
    assert passed("课件.ppt", content, MATERIAL).kind == "application/x-ole-storage"


def test_what_a_place_refuses_anyhow_is_not_unpacked() -> None:
    """A stranger's archive costs the one reader nothing where PDFs alone are compared."""
    bomb = next(each.make() for each in FILES if each.what == "docx with macros")
    with pytest.raises(BadFile, match="不是 PDF"):
        passed("文书.docx", bomb, COMPARED)
