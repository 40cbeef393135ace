"""Words that the verification apps share: measures, subjects, forms of learning."""

from django.db import models


class Measure(models.TextChoices):
    """A class has one measure, hours or for medical staff credits by type; a ledger entry keeps that of its class."""

    HOURS = "hours", "学时"
    CREDITS = "credits", "学分"


class Subject(models.TextChoices):
    """notice 一(二): public and professional, in hours; 一(三)2: the classes of medical credits."""

    PUBLIC = "public", "公共科目"
    PROFESSIONAL = "professional", "专业科目"
    CLASS_1 = "class_1", "Ⅰ类学分"
    CLASS_2 = "class_2", "Ⅱ类学分"
    GENERAL_PRACTICE = "general_practice", "全科医学学分"


SUBJECTS_OF = {
    Measure.HOURS: (Subject.PUBLIC, Subject.PROFESSIONAL),
    Measure.CREDITS: (Subject.CLASS_1, Subject.CLASS_2, Subject.GENERAL_PRACTICE),
}


def measure_of(subject: str) -> Measure:
    """Hours or credits: the subject says it."""
    return Measure.HOURS if Subject(subject) in SUBJECTS_OF[Measure.HOURS] else Measure.CREDITS


class Form(models.TextChoices):
    """notice 一(四): how somebody learned."""

    CLASS = "class", "培训班"
    REMOTE = "remote", "远程（网络）教育"
    SEMINAR = "seminar", "研修班"
    PLACEMENT = "placement", "进修"
    CONFERENCE = "conference", "学术会议"
    LECTURE = "lecture", "学术讲座"
    ABROAD = "abroad", "出国（境）进修"
    SKILLS = "skills", "经核准的技能培训"
    DEGREE = "degree", "在职学历、学位教育"
    SELF_STUDY = "self_study", "自学"
    PAPER = "paper", "论文"
    ELSEWHERE = "elsewhere", "外地基地、主管部门的班"
    TRANSFER = "transfer", "外区转入"


class Authorship(models.TextChoices):
    """Which author of a paper somebody is."""

    FIRST = "first", "第一作者（含独著）"
    CORRESPONDING = "corresponding", "通讯作者"
    SECOND = "second", "第二作者"
    THIRD = "third", "第三作者"
    LATER = "later", "第四作者及以后"
