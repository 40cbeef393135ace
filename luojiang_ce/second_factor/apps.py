from django.apps import AppConfig


class SecondFactorConfig(AppConfig):
    name = "luojiang_ce.second_factor"
    label = "second_factor"
    verbose_name = "二次验证"

    def ready(self) -> None:
        from luojiang_ce.sealing.rotation import SealedRows, register_sealed

        from . import sealing
        from .models import Authenticator

        register_sealed(SealedRows("二次验证", Authenticator, sealing.named, sealing.renewed))
