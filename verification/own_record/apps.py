from django.apps import AppConfig


class OwnRecordConfig(AppConfig):
    name = "verification.own_record"
    label = "verification_own_record"
    verbose_name = "本人查阅"

    def ready(self) -> None:
        from luojiang_ce.access import Role
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.workflow.case_kind import register_kinds
        from units.links import PeopleStep, register_people_step, register_person_link
        from units.services.anonymising import register_texts

        from . import case, exports, printing, slips
        from .models import Objection
        from .views.clerk import link_to_slips

        register_kinds(case.KIND)
        register_texts(Objection, "about", "text", "answer")
        register_job(printing.JOB, printing.print_slips)
        register_person_link(link_to_slips)
        register_person_link(link_to_slips, page="ledger")
        register_people_step(PeopleStep("打印本人查阅条", "own_record:many", (Role.UNIT_CLERK,)))
        slips.register()
        exports.register()
