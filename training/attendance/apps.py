from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "training.attendance"
    label = "training_attendance"
    verbose_name = "考勤"
