from django.apps import AppConfig


class AuthenticationConfig(AppConfig):
    name = "luojiang_ce.authentication"
    label = "authentication"
    verbose_name = "登录"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers itself
