from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "luojiang_ce.files"
    label = "files"
    verbose_name = "材料"

    def ready(self) -> None:
        from luojiang_ce.workflow.undo import register_undo

        from . import services

        register_undo(services.UNDO, services.put_back)
