from typing import Any

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "luojiang_ce.papers"
    label = "papers"
    verbose_name = "文书"

    def ready(self) -> None:
        from luojiang_ce.access.cases import register_case
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.table import register_workflow

        from .models import Paper
        from .services import JOB
        from .workflow import WORKFLOW

        register_case(Paper)
        register_workflow(WORKFLOW)
        register_job(JOB, _issue)


def _issue(job: Any, progress: Any) -> tuple[str, str]:
    """The handler, which loads the PDF machinery only where papers are made."""
    from .issuing import issue_papers

    return issue_papers(job, progress)
