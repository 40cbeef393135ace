from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "luojiang_ce.notices"
    label = "notices"
    verbose_name = "消息"

    def ready(self) -> None:
        from . import checks  # noqa: F401  # registers itself
