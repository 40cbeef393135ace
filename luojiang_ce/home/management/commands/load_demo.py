from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from luojiang_ce.home.registry import demo_steps


class Command(BaseCommand):
    help = "Load the invented demo district. Only with DEMO=1; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo needs DEMO=1: invented people do not belong beside real ones")
        for loader in demo_steps():
            self.stdout.write(f"{loader.name}: {loader.load()}")
