"""manage.py draw_workflows: write docs/workflows.md from the tables; with --check only say whether it is stale."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from luojiang_ce.workflow.diagrams import document


class Command(BaseCommand):
    help = "Draws the workflow tables as diagrams into docs/workflows.md"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when the file is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        path, text = settings.BASE_DIR / "docs" / "workflows.md", document()
        if not options["check"]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise CommandError("docs/workflows.md is stale: run manage.py draw_workflows")
