from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "luojiang_ce.files"
    label = "files"
    verbose_name = "材料"
