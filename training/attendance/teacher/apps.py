from django.apps import AppConfig


class TeacherConfig(AppConfig):
    name = "training.attendance.teacher"
    label = "training_teacher"
    verbose_name = "班主任登记"

    def ready(self) -> None:
        from luojiang_ce.home.registry import Demo, register_demo
        from luojiang_ce.workflow.case_kind import register_events
        from training.attendance.links import register_signing_link
        from training.attendance.recorders import register_recorders
        from units.services.anonymising import register_texts

        from .models import TeacherTick
        from .pages import link_to_links
        from .recorded import written_by_links

        register_texts(TeacherTick, "reason", "said", by="enrolment__person")
        register_recorders(written_by_links)
        register_signing_link(link_to_links)
        register_demo(Demo("班主任链接", "training.attendance.teacher.demo.build", order=57))
        register_events(teacher_link_made="生成班主任链接", teacher_link_revoked="收回班主任链接")
