from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "training.plans"
    label = "training_plans"
    verbose_name = "培训计划"

    def ready(self) -> None:
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.deadlines.registry import register_deadlines
        from luojiang_ce.files.registry import FileRules, register_files
        from luojiang_ce.home import registry
        from luojiang_ce.papers.registry import register_paper
        from luojiang_ce.workflow.pages import EDIT_LABELS
        from luojiang_ce.workflow.table import register_workflow
        from units.terms.running import register_reply_clock

        from . import access, demo, papers, reference, running, todo, workflow
        from .materials import consent_materials
        from .models import Plan, PlanBatch, PlanItem

        for model, table in ((Plan, workflow.PLAN), (PlanItem, workflow.ITEM), (PlanBatch, workflow.BATCH)):
            register_case(model)
            register_workflow(table)
        register_files(Plan, FileRules(lambda plan: workflow.MATERIALS, access.may_change_plan_files))
        register_files(PlanBatch, FileRules(consent_materials, access.may_change_batch_files))
        for item in todo.NAV:
            registry.register_nav(item)
        register_deadlines(running.running)
        register_reply_clock(Plan, Plan.State.SUBMITTED)
        registry.register_todo(todo.plans_to_do)
        registry.register_reference("会签单位", reference.load_consent_bodies)
        registry.register_demo("培训计划", demo.build, order=30)
        register_paper(papers.PUBLICATION)
        EDIT_LABELS["consent"] = "登记会签意见"
