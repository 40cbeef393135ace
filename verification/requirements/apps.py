from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class RequirementsConfig(AppConfig):
    name = "verification.requirements"
    label = "verification_requirements"
    verbose_name = "达标要求"

    def ready(self):
        from luojiang_ce.clauses import register_figures
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.archive.wording import register_words
        from verification.choices import Form, Measure, Subject
        from verification.requirements import case, exports, figures, models, services

        post_migrate.connect(load_reference, sender=self, dispatch_uid="requirements.reference")
        register_kinds(case.KIND, figures.KIND)
        forms, subjects = dict(Form.choices), dict(Subject.choices)
        register_words(
            forms | subjects | dict(models.Setting.choices),
            {
                "form": forms,
                "forms": forms,
                "subject": subjects,
                "subjects": subjects,
                "measure": dict(Measure.choices),
            },
        )
        exports.register()
        register_figures(services.figures_of_the_notice)


def load_reference(apps=current_apps, **kwargs):
    """As Django does with its content types: a database that was migrated, or flushed, has the rules."""
    from verification.requirements.reference import load_rule_sets

    load_rule_sets(apps)
