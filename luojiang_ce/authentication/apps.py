from django.apps import AppConfig


class AuthenticationConfig(AppConfig):
    name = "luojiang_ce.authentication"
    label = "authentication"
    verbose_name = "登录"
