"""Words that several training apps share: kinds of subject, half-days, forms of learning, money."""

from __future__ import annotations

from django.db import models

from training.half_days import HALF_DAYS


class Subject(models.TextChoices):
    """notice 一(二): public subjects are set by the province, professional ones by authorities and units."""

    PUBLIC = "public", "公共"
    PROFESSIONAL = "professional", "专业"


class Category(models.TextChoices):
    """科目类别 of a planned class (附件1)."""

    PUBLIC = "public", "公共"
    PROFESSIONAL = "professional", "专业"
    INDUCTION = "induction", "初任"
    SEMINAR = "seminar", "研修"
    OTHER = "other", "其他"


class HalfDay(models.TextChoices):
    """In the order of the day."""

    MORNING = "morning", HALF_DAYS["morning"]
    AFTERNOON = "afternoon", HALF_DAYS["afternoon"]
    EVENING = "evening", HALF_DAYS["evening"]


class Form(models.TextChoices):
    FACE = "face", "面授"
    REMOTE = "remote", "远程"
    MIXED = "mixed", "混合"
    PLACEMENT = "placement", "进修"


class Funding(models.TextChoices):
    BUDGET = "budget", "财政预算"
    OWN = "own", "单位自筹"
    GRANT = "grant", "上级拨款"
    FEES = "fees", "学员缴费"


class Assessment(models.TextChoices):
    EXAM = "exam", "考试"
    REVIEW = "review", "考查"
    ESSAY = "essay", "心得"
    NONE = "none", "无"
