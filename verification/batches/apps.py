from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "verification.batches"
    label = "verification_batches"
    verbose_name = "年度验证"

    def ready(self) -> None:
        from luojiang_ce.home.registry import register_reference
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.case_kind import register_kinds
        from verification.ledger.registry import register_filed_on

        from . import case, exports, in_time, printing, reference

        register_kinds(*case.KINDS)
        register_job(printing.JOB, printing.run_form4)
        exports.register()
        register_filed_on(in_time.filed_on)
        register_reference("验证意见用语", reference.load_phrases)
