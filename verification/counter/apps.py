from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "verification.counter"
    label = "verification_counter"
    verbose_name = "柜台与预约"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds

        from .case import KIND

        register_kinds(KIND)
