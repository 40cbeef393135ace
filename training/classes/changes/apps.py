from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "training.classes.changes"
    label = "training_changes"
    verbose_name = "培训班变更"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_kinds

        from . import case, exports, printing

        register_kinds(case.KIND)
        register_printouts(printing.FORM_PRINTED)
        exports.register()
