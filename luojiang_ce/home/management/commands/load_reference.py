from typing import Any

from django.core.management.base import BaseCommand

from luojiang_ce.home.registry import reference_loaders


class Command(BaseCommand):
    help = "Load the reference data of every app (calendars, rule sets, catalogues). Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        for loader in reference_loaders():
            self.stdout.write(f"{loader.name}: {loader.load()}")
