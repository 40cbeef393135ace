from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "verification.batches"
    label = "verification_batches"
    verbose_name = "年度验证"

    def ready(self) -> None:
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.papers.printouts import register_printouts
        from luojiang_ce.workflow.case_kind import register_events, register_kinds
        from luojiang_ce.workflow.drafts import Parts, register_parts
        from luojiang_ce.workflow.handlers import TAKEN_AWAY
        from luojiang_ce.workflow.readings import register_readings
        from luojiang_ce.workflow.undo import register_undo
        from units.archive.wording import register_words
        from units.services.anonymising import register_texts
        from verification.ledger.registry import register_filed_on, register_rests_on
        from verification.requirements.services import TRIAL

        from . import case, exports, in_time, models, printing, resting, services, taking_away, trial

        register_kinds(*case.KINDS)
        words = ("note", "unmet_reason", "evidence", "reason")
        register_texts(models.AnnualRecord, *words, emptied=("certificate_number", "former_number"))
        register_printouts(printing.FORM4_PRINTED)
        register_undo("batch_people", services.list_again)
        register_parts(models.Batch, Parts(services.take_everybody_out, services.put_back))
        exports.register()
        register_filed_on(in_time.filed_on)
        register_rests_on(resting.rests_on)
        register_job(TRIAL, trial.try_rules)
        register_job(taking_away.JOB, taking_away.make_zip)
        register_events(**{TAKEN_AWAY: "下载材料和文书"})
        register_readings(TAKEN_AWAY)
        register_words(codes={"path": dict(models.Path.choices), "materials_seen": dict(models.Material.choices)})
