from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "luojiang_ce.home"
    label = "home"
    verbose_name = "首页"

    def ready(self) -> None:
        from .registry import NavItem, register_nav

        register_nav(NavItem("今日", "calendar-check", "home:start", group="办理", order=0, tab=True))
