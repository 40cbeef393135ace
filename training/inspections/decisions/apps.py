"""Decisions on inspections (检查处理, product.md I3): they reach recognition through its rulings, downwards only."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "training.inspections.decisions"
    label = "training_decisions"
    verbose_name = "检查处理"

    def ready(self) -> None:
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.case_kind import register_kinds
        from luojiang_ce.workflow.engine import register_guard

        from . import case, exports, reach_shown

        register_kinds(case.KIND)
        register_guard(case.project_is_qualified)
        register_job(reach_shown.KIND, reach_shown.count)
        exports.register()
