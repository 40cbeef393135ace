"""What is logged says which page and which error, and nothing that was typed, no token, nobody's name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from logging.config import DictConfigurator

import pytest
from celery import shared_task
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from luojiang_ce.refusals import NotPossible, refusing_clashes

TOKEN, SLIP, NAME = "kX93-geheim-Q7", "KX93GEHE1MQ7WXYZ", "王小明"


@pytest.fixture(params=["plain", "json"])
def lines(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """What the settings' handler writes."""
    configure, shipped, stream = DictConfigurator(settings.LOGGING), settings.LOGGING, StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(configure.configure_formatter(dict(shipped["formatters"][request.param])))
    for name in shipped["handlers"]["console"]["filters"]:
        handler.addFilter(configure.configure_filter(dict(shipped["filters"][name])))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_an_address_with_a_token_is_its_route(lines: StringIO) -> None:
    answer = Client().get(f"/teacher/{TOKEN}/take/")
    Client(enforce_csrf_checks=True).post(f"/own/{SLIP}/")
    Client().get(f"/teacher/{TOKEN}/，请点开")  # as it is pasted from a chat
    Client().get(f"/own/{SLIP}/\n1")
    assert answer.status_code == 404
    said = lines.getvalue()
    assert "Not Found: teacher:" in said
    assert said.count("Not Found: none") == 2
    assert "Forbidden" in said
    assert TOKEN not in said
    assert SLIP not in said


def test_the_words_of_an_error_are_not_told_but_where_it_was(lines: StringIO) -> None:
    """As PostgreSQL gives them: the whole row."""
    clash = IntegrityError(f"DETAIL:  Key (name)=({NAME}) already exists.")
    clash.__cause__ = ValueError(NAME)
    with pytest.raises(NotPossible), refusing_clashes():
        raise clash
    said = lines.getvalue()
    assert "the database refused a write" in said
    assert "IntegrityError" in said
    assert "ValueError" in said
    assert "test_logs.py" in said
    assert NAME not in said


@shared_task
def fails(name: str) -> None:
    raise ValueError(name)


@pytest.mark.django_db
def test_of_a_task_that_broke_neither(lines: StringIO) -> None:
    with suppress(ValueError):
        fails.apply([NAME])
    said = lines.getvalue()
    assert "raised unexpected" in said
    assert NAME not in said
