from django.apps import AppConfig


class SecondFactorConfig(AppConfig):
    name = "luojiang_ce.second_factor"
    label = "second_factor"
    verbose_name = "二次验证"

    def ready(self) -> None:
        from luojiang_ce.sealing.rotation import SealedRows, register_sealed
        from luojiang_ce.workflow.audited import register_comparison

        from . import audited, sealing
        from .models import Authenticator, RecoveryCode

        register_comparison(audited.comparison())
        # Codes first: the key of one from before is known by the authenticator as it lay then.
        register_sealed(SealedRows("恢复码", RecoveryCode, sealing.code_named, sealing.renewed_code))
        register_sealed(SealedRows("验证器", Authenticator, sealing.named, sealing.renewed))
