from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "verification.batches"
    label = "verification_batches"
    verbose_name = "年度验证"

    def ready(self) -> None:
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.deadlines.registry import register_deadlines
        from luojiang_ce.files.registry import FileRules, register_files
        from luojiang_ce.home import registry
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.papers.registry import register_paper
        from luojiang_ce.workflow.pages import EDIT_LABELS
        from luojiang_ce.workflow.table import register_workflow
        from verification.ledger.registry import register_filed_on

        from . import demo, in_time, materials, papers, printing, reference, running, todo, workflow
        from .models import AnnualRecord, Appointment, Batch

        tables = ((Batch, workflow.BATCH), (AnnualRecord, workflow.RECORD), (Appointment, workflow.APPOINTMENT))
        for model, table in tables:
            register_case(model)
            register_workflow(table)
        register_files(Batch, FileRules(lambda batch: materials.LINES, materials.may_change))
        for kind in papers.KINDS:
            register_paper(kind)
        register_job(printing.JOB, printing.run_form4)
        for item in todo.NAV:
            registry.register_nav(item)
        register_deadlines(running.running)
        register_filed_on(in_time.filed_on)
        registry.register_todo(todo.batches_to_do)
        registry.register_reference("验证意见用语", reference.load_phrases)
        registry.register_demo("年度验证", demo.build, order=60)
        EDIT_LABELS.update(workflow.EDITS)
