from django.apps import AppConfig


class SecondFactorConfig(AppConfig):
    name = "luojiang_ce.second_factor"
    label = "second_factor"
    verbose_name = "二次验证"

    def ready(self) -> None:
        from luojiang_ce.sealing.rotation import register_sealed

        from . import sealing

        for kind in sealing.SEALED:
            register_sealed(kind)
