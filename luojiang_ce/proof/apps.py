from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "luojiang_ce.proof"
    label = "proof"
    verbose_name = "离线核验"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_events

        from . import checks  # noqa: F401  # they register themselves
        from .on_record import EVENTS

        register_events(**EVENTS)
