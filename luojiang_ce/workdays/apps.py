from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class WorkdaysConfig(AppConfig):
    name = "luojiang_ce.workdays"
    label = "workdays"
    verbose_name = "工作日历"

    def ready(self):
        post_migrate.connect(load_reference, sender=self, dispatch_uid="workdays.reference")


def load_reference(apps=current_apps, **kwargs):
    """Puts in the settings that ship with the product; `apps` is the state that was migrated to (flush gives none)."""
    from luojiang_ce.reference import ensure_rows, shipped_rows

    if ("workdays", "deadlinesetting") in {(m._meta.app_label, m._meta.model_name) for m in apps.get_models()}:
        ensure_rows(apps.get_model("workdays", "DeadlineSetting"), shipped_rows("deadline_settings"), "valid_from")
