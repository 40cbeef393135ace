from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "verification.declarations"
    label = "verification_declarations"
    verbose_name = "学时申报"

    def ready(self):
        from luojiang_ce.access import Role
        from luojiang_ce.jobs.services import register_job
        from luojiang_ce.sheets.imports import register_import
        from luojiang_ce.workflow.case_kind import register_events, register_kinds
        from units.links import PeopleStep, register_people_step, register_person_link
        from units.services.anonymising import register_texts
        from verification.declarations import conversion_case, exports
        from verification.declarations.case import KIND
        from verification.declarations.evidence import DISCARDED, JOB, sort_evidence
        from verification.declarations.importing import PEOPLE_IMPORT
        from verification.declarations.models import Declaration
        from verification.declarations.services import link_to_new
        from verification.ledger.registry import register_standings
        from verification.verdicts import standings

        register_kinds(KIND, conversion_case.KIND)
        register_texts(Declaration, "note", "approver", "approval", emptied=("check_code",))
        register_job(JOB, sort_evidence)
        register_import(PEOPLE_IMPORT)
        register_events(**{DISCARDED: "丢弃待指定的佐证材料"})
        register_person_link(link_to_new, page="ledger")
        register_people_step(PeopleStep("申报学时", "declarations:new_many", (Role.UNIT_CLERK,)))
        register_standings(standings)
        exports.register()
