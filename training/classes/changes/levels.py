"""The level of a lecturer's title by its words, on the four levels of 专业技术职务. Pure.

What is not known by its words has no level here: nobody says that it equals another, and the approver decides.
"""

from __future__ import annotations

import re

JUNIOR, MIDDLE, ASSOCIATE, SENIOR = 1, 2, 3, 4

_MEDICAL = "(中医|中药|医|药|护|技)师"
# The first that fits as a whole: 正高级教师 is no 高级教师, 助理研究员 no 助理 of another kind.
_WORDS: tuple[tuple[int | None, tuple[str, ...]], ...] = (
    (None, ("(高级|特级|首席)?技师", "(高级|中级|初级)工")),  # of skilled workers, another ladder
    (SENIOR, ("正高级?.*", f"主任{_MEDICAL}", "教授级高级工程师", ".*推广研究员", "高级(编辑|记者)")),
    (SENIOR, ("教授", "研究员", "编审", "译审", "研究馆员")),
    (ASSOCIATE, ("副高级?", "副教授", "副研究员", f"副主任{_MEDICAL}", "副编审", "副译审", "副研究馆员")),
    (ASSOCIATE, ("主任(编辑|记者|播音员)", "高级.+", ".*高级教师")),
    (MIDDLE, ("中级", "讲师", "助理研究员", "主治(中)?医师", f"主管{_MEDICAL}", ".*一级教师")),
    (JUNIOR, ("初级", "助教", "研究实习员", "实习研究员", "助理.+", "住院医师", ".*[二三]级教师")),
    (JUNIOR, (_MEDICAL, "护士", "药士", "技士", ".*技术员")),
    (MIDDLE, (".*工程师", "(经济|会计|审计|统计|农艺|畜牧|兽医|实验)师", "馆员", "编辑", "记者", "翻译")),
)
_ALL = tuple((level, re.compile("|".join(words))) for level, words in _WORDS)


def level_of(title: str) -> int | None:
    """The level of a title (职称), None where its words do not say; of several (高级工程师、教授) the highest."""
    levels = [
        next((level for level, pattern in _ALL if pattern.fullmatch(word)), None)
        for word in re.split(r"[、，,/／;；\s　]+", title.strip())
        if word
    ]
    return max((level for level in levels if level), default=None)


def is_no_lower(new: str, old: str) -> bool:
    """Is the new title known to be of the old one's level, or higher?"""
    now, was = level_of(new), level_of(old)
    return now is not None and was is not None and now >= was
