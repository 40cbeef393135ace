from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "training.recognition"
    label = "training_recognition"
    verbose_name = "学时认定"

    def ready(self):
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_kinds
        from training.attendance.freezing import register_freezer
        from training.classes.afterwards import register_recognition, register_traces
        from training.classes.services.arrivals import register_decided
        from training.classes.teaching import register_recognised
        from units.arrivals import register_matching
        from units.services.anonymising import register_texts

        from . import arrivals, case, exports, models, of_class, papers, services
        from .corrections.case import KIND as CORRECTION_KIND

        register_kinds(case.KIND, CORRECTION_KIND)
        for each in (models.Override, models.Exclusion, models.CorrectionLine, models.RulingLine):
            register_texts(each, "reason", by="enrolment__person")
        register_texts(models.CorrectionLine, "reason")  # of whom the list had left out
        register_printouts(papers.ROSTER_PRINTED)
        register_freezer(services.frozen_for_attendance, services.FROZEN)
        register_decided(arrivals.DECIDED)
        register_recognition(of_class.outcome, of_class.link)
        register_traces(of_class.trace)
        register_recognised(of_class.recognised_lessons)
        register_matching(arrivals.enter_hours)
        exports.register()
