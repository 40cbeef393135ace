from django.apps import AppConfig


class InterpretationsConfig(AppConfig):
    name = "units.interpretations"
    label = "interpretations"
    verbose_name = "条款解释"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.interpretations import case, exports

        register_kinds(case.KIND)
        exports.register()
