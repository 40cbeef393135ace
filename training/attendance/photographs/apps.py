from django.apps import AppConfig


class PhotographsConfig(AppConfig):
    name = "training.attendance.photographs"
    label = "training_photographs"
    verbose_name = "签到表照片"

    def ready(self) -> None:
        from luojiang_ce.home.registry import Demo, register_demo
        from luojiang_ce.jobs.services import register_job

        from . import services

        register_job(services.JOB, services.read_photographs)
        register_demo(Demo("签到表照片", "training.attendance.photographs.demo.build", order=56))
