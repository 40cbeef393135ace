from django.apps import AppConfig


class CircularsConfig(AppConfig):
    name = "units.circulars"
    label = "units_circulars"
    verbose_name = "通知传达"

    def ready(self) -> None:
        from luojiang_ce.workflow.case_kind import register_kinds

        from . import case, exports

        register_kinds(case.CIRCULAR_KIND, case.RECEIPT_KIND)
        exports.register()
