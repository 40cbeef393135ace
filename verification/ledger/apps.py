from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "verification.ledger"
    label = "verification_ledger"
    verbose_name = "学时台账"
