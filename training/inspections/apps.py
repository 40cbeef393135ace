"""Spot checks (监督检查, product.md I1, I2). What follows from them is decided in rooms of its own.

Their findings reach recognition through `Exclusion` and the ledger through counter-entries, downwards only.
"""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "training.inspections"
    label = "training_inspections"
    verbose_name = "监督检查"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_events, register_kinds

        from . import case, exports, printing

        register_kinds(case.KIND, case.REPORTS)
        register_events(conflict_declared="申报回避", conflict_ended="撤销回避申报")
        register_printouts(printing.RECORD_PRINTED)
        exports.register()
