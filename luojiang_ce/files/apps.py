from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "luojiang_ce.files"
    label = "files"
    verbose_name = "材料"

    def ready(self) -> None:
        from luojiang_ce.workflow.audited import register_comparison
        from luojiang_ce.workflow.undo import register_undo

        from . import audited, services

        register_comparison(audited.comparison())
        register_undo(services.UNDO, services.put_back)
