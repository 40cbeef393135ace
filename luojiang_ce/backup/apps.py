from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "luojiang_ce.backup"
    label = "backup"
    verbose_name = "备份"
