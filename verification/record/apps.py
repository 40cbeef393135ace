from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "verification.record"
    label = "verification_record"
    verbose_name = "继续教育情况证明"

    def ready(self):
        from luojiang_ce.workflow.case_kind import register_kinds
        from luojiang_ce.workflow.readings import register_readings
        from units.services.anonymising import register_texts
        from verification.declarations.transfers import register_waiting
        from verification.record import exports
        from verification.record.case import KIND
        from verification.record.district_case import KIND as DISTRICTS
        from verification.record.export import BADGE, PORTABLE
        from verification.record.models import Transfer
        from verification.record.transfer_case import KIND as TRANSFERS
        from verification.record.transfers import also_waiting

        register_kinds(KIND, TRANSFERS, DISTRICTS)
        register_texts(Transfer, emptied=("content",))
        register_readings(PORTABLE.event, BADGE.event)
        exports.register()
        register_waiting(also_waiting)
