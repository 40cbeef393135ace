from django.apps import AppConfig


class SecondFactorConfig(AppConfig):
    name = "luojiang_ce.second_factor"
    label = "second_factor"
    verbose_name = "二次验证"
