"""The draw (双随机, product.md I1, I4), and the random audit of accepted declarations by the same draw (V12)."""

from django.apps import AppConfig


class DrawsConfig(AppConfig):
    name = "training.inspections.draws"
    label = "training_draws"
    verbose_name = "随机抽查"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_events, register_kinds

        from . import case, check_case, exports, printing

        register_kinds(case.KIND, check_case.KIND)
        register_events(draw_figures_set="设定抽查参数")
        register_printouts(printing.RECORD_PRINTED)
        exports.register()
