from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class ClassesConfig(AppConfig):
    name = "training.classes"
    label = "training_classes"
    verbose_name = "开班申请"

    def ready(self) -> None:
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.deadlines.registry import register_deadlines
        from luojiang_ce.files.registry import FileRules, register_files
        from luojiang_ce.home import registry
        from luojiang_ce.papers.registry import register_paper
        from luojiang_ce.workflow.pages import EDIT_LABELS
        from luojiang_ce.workflow.table import register_workflow
        from units.terms.running import register_reply_clock

        from . import access, demo, papers, readiness, running, todo, workflow
        from .models import ClassApplication, Lecturer

        register_case(ClassApplication)
        register_case(Lecturer)
        register_workflow(workflow.CLASS)
        register_files(ClassApplication, FileRules(lambda case: readiness.MATERIALS, access.files_may_change))
        register_files(Lecturer, FileRules(lambda case: (readiness.RESUME,), access.resume_may_change))
        register_paper(papers.OPENING_NOTICE)
        for item in todo.NAV:
            registry.register_nav(item)
        register_deadlines(running.running)
        register_reply_clock(ClassApplication, ClassApplication.State.SUBMITTED, ClassApplication.State.CHECKED)
        registry.register_todo(todo.classes_to_do)
        registry.register_demo("培训班", demo.build, order=40)
        EDIT_LABELS.update(EVENT_LABELS)
        post_migrate.connect(load_reference, sender=self, dispatch_uid="training_classes.reference")


EVENT_LABELS = {
    "enrolled": "报名学员",
    "trainees_removed": "移出学员",
    "trainees_agreed": "单位同意学员参加",
    "trainees_refused": "单位不同意学员参加",
    "agreement_scanned": "附盖章的单位同意",
}


def load_reference(apps=current_apps, **kwargs):
    """Puts in the timetable rules that ship with the product; `apps` is the state that was migrated to."""
    from luojiang_ce.reference import ensure_rows, shipped_rows

    if ("training_classes", "timetablerule") in {(m._meta.app_label, m._meta.model_name) for m in apps.get_models()}:
        ensure_rows(apps.get_model("training_classes", "TimetableRule"), shipped_rows("timetable_rules"), "valid_from")
