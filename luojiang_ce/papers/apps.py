from typing import Any

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "luojiang_ce.papers"
    label = "papers"
    verbose_name = "文书"

    def ready(self) -> None:
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.audited import register_comparison
        from luojiang_ce.workflow.case_kind import register_kinds
        from luojiang_ce.workflow.readings import register_readings

        from . import audited, checks, exports, leaves, printouts, together  # noqa: F401  # checks register themselves
        from .case import KIND, OPENED_WHOLE, SEALS
        from .registerbook import REGISTER_PRINTED
        from .services import JOB

        register_kinds(KIND, SEALS)
        register_readings(OPENED_WHOLE)
        register_job(JOB, _issue)
        register_job(printouts.JOB, printouts.run_printout)
        register_job(together.JOB, together.put_together)
        printouts.register_printouts(REGISTER_PRINTED)
        exports.register()
        leaves.register()
        register_comparison(audited.comparison())


def _issue(job: Any, progress: Any) -> tuple[str, str]:
    """The handler, which loads the PDF machinery only where papers are made."""
    from .issuing import issue_papers

    return issue_papers(job, progress)
