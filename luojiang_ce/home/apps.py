from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "luojiang_ce.home"
    label = "home"
    verbose_name = "首页"

    def ready(self) -> None:
        from luojiang_ce.home import registration

        registration.register()
