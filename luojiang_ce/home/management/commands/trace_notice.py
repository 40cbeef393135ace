"""manage.py trace_notice: clause -> code -> tests; exit 1 when a clause has no test or a citation no clause."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from luojiang_ce.home.traceability import trace


class Command(BaseCommand):
    help = "Prints each clause of the notice with the code that cites it and the tests that prove it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="only what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        clauses, problems = trace(settings.BASE_DIR)
        if not options["quiet"]:
            for clause in clauses:
                self.stdout.write(f"{clause.id}  {clause.says}")
                self.stdout.write(f"    code:  {', '.join(clause.code) or 'none'}")
                self.stdout.write(f"    tests: {', '.join(clause.tests) or f'still to come: {clause.later}'}")
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            sys.exit(1)
