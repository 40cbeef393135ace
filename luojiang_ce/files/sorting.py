"""To which material of a checklist a file belongs, told by its name. A guess: it is shown, and can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from .materials import Material

OTHER = "other"  # the material for what is none of the others, where a checklist has one
# Words of one line mean the same paper, in a file's name as in a material's title. What phones call their pictures
# stands with the photographs.
ALIKE = (
    ("签到", "签退", "考勤", "打卡"),
    ("照片", "相片", "合影", "现场", "img_", "img-", "dsc", "微信图片", "mmexport"),
    ("课件", "讲义", "教案", "教材", "ppt"),
    ("通知", "邀请函", "函"),
    ("花名册", "名册", "名单"),
    ("报名", "同意"),
    ("成绩", "考核", "考试", "试卷"),
    ("简历", "履历"),
    ("方案", "计划"),
    ("登记表", "附件1"),
    ("课程表", "附件3"),
    ("缴费", "收费", "凭证", "发票", "收据"),
    ("录取",),
    ("毕业", "学位"),
    ("结业", "学时", "学分", "证明", "证书"),
    ("论文", "刊"),
    ("确认",),
    ("批件", "批文", "批复"),
    ("盖章", "扫描"),
    ("继续教育证书",),
)


def place_of(name: str, materials: Sequence[Material]) -> str:
    """The code of the material that a file's name speaks of; where it speaks of none or of two alike, the one for other
    papers; empty where there is none."""
    said = PurePath(name).stem.casefold() + PurePath(name).suffix.casefold().replace(".", " ")
    scores = {each.code: _score(said, each.title.casefold()) for each in materials if each.code != OTHER}
    best = max(scores.values(), default=0)
    meant = [code for code, score in scores.items() if score == best]
    if best and len(meant) == 1:
        return meant[0]
    return OTHER if any(each.code == OTHER for each in materials) else ""


def _score(said: str, title: str) -> int:
    """What both speak of, by the length of the words: the name of a course says more than that it is courseware."""
    alike = sum(
        max(len(word) for word in words if word in title)
        for words in ALIKE
        if any(word in title for word in words) and any(word in said for word in words)
    )
    subject = title.rpartition("：")[2] if "：" in title else ""
    return alike + (2 * len(subject) if subject and subject in said else 0)
