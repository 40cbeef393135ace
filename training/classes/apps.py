from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate


class ClassesConfig(AppConfig):
    name = "training.classes"
    label = "training_classes"
    verbose_name = "开班申请"

    def ready(self) -> None:
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_kinds
        from training.plans.reach import register_reach
        from training.plans.review import register_day_caps
        from units.archive.wording import register_words
        from units.arrivals import register_matching
        from units.circulars.audiences import register_audience
        from units.opinions.reading import take_opinions
        from units.services.anonymising import register_texts

        from . import case, differences, exports, models, papers, proof_case, reach, writing_to_units
        from .importers.roster import TRAINEES_IMPORT
        from .importers.timetable import TIMETABLE_IMPORT
        from .services.arrivals import match_trainees

        register_kinds(*case.KINDS, proof_case.KIND)
        take_opinions(models.ClassApplication, *case.BEFORE_DECISION)
        register_matching(match_trainees)
        names = ("name", "masked_id", "agreement_note", "late_reason", "removed_reason", "employer")
        register_texts(models.Enrolment, *names, emptied=("id_hash", "last_six_hash"))
        for each in (TRAINEES_IMPORT, TIMETABLE_IMPORT):
            register_import(each)
        register_day_caps(models.TimetableRule.objects.day_caps)
        register_audience(models.ClassApplication, writing_to_units.TRAINEES_UNITS)
        register_printouts(papers.FORM2_PRINTED, papers.FORM3_PRINTED)
        register_reach(reach.classes_of)
        register_words(within={"difference_notes": differences.LABELS})
        exports.register()
        post_migrate.connect(load_reference, sender=self, dispatch_uid="training_classes.reference")


def load_reference(apps=current_apps, **kwargs):
    """Puts in the timetable rules that ship with the product; `apps` is the state that was migrated to."""
    from luojiang_ce.reference import ensure_rows, shipped_rows

    if ("training_classes", "timetablerule") in {(m._meta.app_label, m._meta.model_name) for m in apps.get_models()}:
        ensure_rows(apps.get_model("training_classes", "TimetableRule"), shipped_rows("timetable_rules"), "valid_from")
