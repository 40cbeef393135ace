from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "luojiang_ce.proof"
    label = "proof"
    verbose_name = "离线核验"
