"""附件3 《洛江区专业技术人员继续教育培训班课程表》: one definition makes table, workbook, template, import and PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import FOOT_WORDS, Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full, short_weekday
from training.choices import HalfDay, Subject
from training.classes import timetable
from training.classes.models import ClassApplication, TimetableRow

YES, NO = "是", "否"

# What schools call the columns in their own timetables.
_TIMES = ("时间", "上课时间", "授课时间", "培训时间", "时间段", "时间安排", "起止时刻", "上课时段")
_COURSES = (
    *("课程名称", "课程", "专题", "专题名称", "课程内容", "授课内容", "培训内容", "教学内容", "上课内容", "内容"),
    *("培训课程", "授课题目", "题目", "课题", "主题", "课程题目", "课程专题", "课程/专题", "授课课程"),
)
_LECTURERS = (
    *("教师", "讲师", "主讲人", "主讲", "主讲教师", "主讲老师", "授课人", "授课老师", "授课专家", "任课教师"),
    *("任课老师", "老师", "培训讲师", "培训教师", "讲课人", "专家", "师资", "主讲专家"),
)

# The columns are reconstructed (domain.md §1): the bureau's real layout is put in here.
FORM3 = SheetForm(
    code="附件3",
    title="洛江区专业技术人员继续教育培训班课程表",
    sheet_name="课程表",
    orientation="landscape",
    head=(
        HeadField("title", "班名"),
        HeadField("organisers", "主办单位"),
        HeadField("span", "时间"),
        HeadField("place", "地点"),
        HeadField("class_teacher", "班主任"),
    ),
    columns=(
        Column(
            "date",
            "日期",
            ("上课日期", "授课日期", "培训日期"),
            kind="date",
            width=15,
            required=True,
            help="如 2026-12-14",
        ),
        Column("weekday", "星期", width=5, help="可以不填，由日期算出"),
        Column(
            "half_day",
            "时段",
            ("半日", "上下午"),
            kind="choice",
            width=6,
            choices=tuple(HalfDay.labels),
            choice_spellings=(("早上", "上午"), ("晚间", "晚上"), ("夜间", "晚上")),
        ),
        Column("time", "起止时间", _TIMES, width=12, whole=True, help="如 08:30-11:30"),
        Column("course", "课程（专题）名称", _COURSES, width=26, required=True),
        Column("counts", "计学时", kind="choice", width=6, choices=(YES, NO), help="报到、考试等填“否”；留空为“是”"),
        Column(
            "subject",
            "科目类别",
            ("科目",),
            kind="choice",
            width=8,
            choices=tuple(Subject.labels),
            choice_spellings=(("公需", "公共"), ("公共科目", "公共"), ("公需科目", "公共"), ("专业科目", "专业")),
        ),
        Column("hours", "学时", ("课时", "学时数", "课时数", "计划学时"), kind="number", width=6),
        Column("lecturer", "授课教师", _LECTURERS, kind="name", width=9),
        Column("employer", "工作单位", ("单位", "教师单位", "教师工作单位", "主讲人单位", "所在单位"), width=16),
        Column("standing", "职务/职称", ("职务职称", "职称", "职务", "职称/职务", "职务、职称", "职称职务"), width=12),
        Column("teaching_form", "授课形式", ("形式", "授课方式", "教学形式", "教学方式", "培训形式"), width=8),
        Column("room", "教室", ("地点", "上课地点", "授课地点", "培训地点", "教学地点", "场地", "会场"), width=8),
        Column("catalogue", "公共科目目录课程", width=14, help="公共科目的课程，按目录里的名称填写"),
        Column("required_course", "公共必修课", width=10, help="教师公共必修课的名称"),
        Column("note", "备注", width=10),
    ),
    foot=(
        HeadField("public", "合计学时 公共"),
        HeadField("professional", "专业"),
        HeadField("filler", "制表人"),
        HeadField("day", "日期"),
    ),
    instructions=(
        "每行一门课；报到、开班仪式、考试、返程等不计学时的，“计学时”填“否”，学时留空。",
        "45 分钟为 1 学时；学时不能多于起止时间所能容纳的。公共、专业合计由系统算出，不必填写。",
        "授课教师按姓名和工作单位认人；系统里没有的，导入时登记为本单位的新教师，简历随后上传。",
        "导入会替换现有的整张课程表。",
    ),
    # A course may well be called 说明 or 备注; a row with a date is never a foot row.
    foot_words=tuple(word for word in FOOT_WORDS if word not in ("说明", "备注")),
)


def rows(table: Iterable[TimetableRow]) -> list[dict[str, Any]]:
    """The timetable as mappings by column key."""
    return [_row(row) for row in table]


def _row(row: TimetableRow) -> dict[str, Any]:
    lecturer = row.lecturer
    return {
        "date": row.date,
        "weekday": short_weekday(row.date),
        "half_day": row.get_half_day_display(),
        "time": f"{row.starts_at:%H:%M}-{row.ends_at:%H:%M}",
        "course": row.course,
        "counts": YES if row.counts else NO,
        "subject": row.get_subject_display() if row.counts else "",
        "hours": row.hours if row.counts else None,
        "lecturer": lecturer.name if lecturer else "",
        "employer": lecturer.employer if lecturer else "",
        "standing": lecturer.standing if lecturer else "",
        "teaching_form": row.teaching_form,
        "room": row.room,
        "catalogue": row.catalogue_course.name if row.catalogue_course else "",
        "required_course": row.required_course,
        "note": row.note,
    }


def head(application: ClassApplication) -> dict[str, Any]:
    """The lines above the table."""
    return {
        "title": str(application),
        "organisers": "、".join(organiser.name for organiser in application.organisers.all()),
        "span": span(application),
        "place": application.place,
        "class_teacher": application.class_teacher,
    }


def foot(application: ClassApplication, summed: timetable.Sums) -> dict[str, Any]:
    """The lines below the table; sums are computed from the rows."""
    filler = application.edited_by or application.created_by
    edited = application.edited_at or application.created_at
    return {
        "public": summed.public,
        "professional": summed.professional,
        "filler": filler.name if filler else "",
        "day": clock.local(edited).date() if edited else None,
    }


def span(application: ClassApplication) -> str:
    """2026年12月14日至2026年12月16日; empty while unknown."""
    if application.opens_on is None or application.ends_on is None:
        return ""
    if application.opens_on == application.ends_on:
        return full(application.opens_on)
    return f"{full(application.opens_on)}至{full(application.ends_on)}"
