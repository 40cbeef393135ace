from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "training.plans"
    label = "training_plans"
    verbose_name = "培训计划"

    def ready(self) -> None:
        from luojiang_ce.home.registry import StartLink, register_reference, register_start_link
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_events, register_kinds
        from luojiang_ce.workflow.undo import register_undo
        from units.access import FILER
        from units.opinions.reading import take_opinions

        from . import batch_case, bodies, case, change_case, exports, importing, models, papers, services

        register_kinds(*case.KINDS, batch_case.KIND, change_case.KIND)
        take_opinions(models.Plan, *case.BEFORE_DECISION)
        register_events(body_added="添加会签单位")
        register_printouts(papers.FORM1_PRINTED)
        register_import(importing.FORM1_IMPORT)
        register_undo("plan_item", services.restore_item)
        add = StartLink("申请增补计划", "plus", "plans:ask_supplement", FILER.roles, now=services.can_ask_supplement)
        register_start_link(add)
        register_reference("会签单位", bodies.load_consent_bodies)
        exports.register()
