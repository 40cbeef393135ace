from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "luojiang_ce.workflow"
    label = "workflow"
    verbose_name = "办理流程"

    def ready(self) -> None:
        from . import drafts
        from .undo import register_undo

        register_undo(drafts.WAY, drafts.restore_draft)
