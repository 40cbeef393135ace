from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "training.recognition"
    label = "training_recognition"
    verbose_name = "学时认定"

    def ready(self):
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.deadlines.registry import register_deadlines
        from luojiang_ce.files.registry import FileRules, register_files
        from luojiang_ce.home.registry import NavItem, register_demo, register_nav, register_todo
        from luojiang_ce.papers.registry import register_paper
        from luojiang_ce.workflow.pages import EDIT_LABELS
        from luojiang_ce.workflow.table import register_workflow
        from training.attendance.freezing import register_freezer
        from units.terms.running import register_reply_clock
        from verification.ledger.registry import register_on_its_way

        from . import counting, demo, materials, models, papers, running, services, todos, views, workflow

        register_case(models.Recognition)
        register_workflow(workflow.RECOGNITION)
        register_files(models.Recognition, FileRules(materials.materials_of, services.may_edit))
        register_freezer(services.frozen_for_attendance)
        register_paper(papers.SHEET)
        register_on_its_way(counting.in_recognition)
        register_nav(NavItem("学时认定", "clock", "recognition:list", views.READERS, order=33, tab=True))
        register_deadlines(running.running)
        register_reply_clock(models.Recognition, models.Recognition.State.SUBMITTED, models.Recognition.State.CHECKED)
        register_todo(todos.recognitions_to_do)
        register_demo("考勤与学时认定", demo.build, order=50)
        EDIT_LABELS.update(
            results_saved="登记考核结果",
            decided="核定学时",
            decided_rest="核定其余待定学员",
            excluded="半日不予认定",
            included="恢复半日",
        )
