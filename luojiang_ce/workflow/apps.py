from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "luojiang_ce.workflow"
    label = "workflow"
    verbose_name = "办理流程"
