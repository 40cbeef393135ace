from django.apps import AppConfig


class ToyConfig(AppConfig):
    name = "tests.toy"
    label = "toy"
    verbose_name = "借用教室"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds

        from .case import KIND

        register_kinds(KIND)
