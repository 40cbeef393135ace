from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "luojiang_ce.proof"
    label = "proof"
    verbose_name = "离线核验"

    def ready(self) -> None:
        from luojiang_ce.workflow.audited import register_comparison
        from luojiang_ce.workflow.case_kind import register_events

        from . import (
            checks,  # noqa: F401  # they register themselves
            log_heads,
            log_parts,
        )
        from .on_record import EVENTS
        from .tree_check import comparison

        register_events(**EVENTS)
        register_comparison(comparison())
        log_heads.register()
        log_parts.register()
