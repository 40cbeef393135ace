"""manage.py count_hours CASES.json: the hours of classes described in a file, without a database; with --class NUMBER
those of a class of the database. Writes nothing."""

import json
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luojiang_ce.checked_json import BadCasesError, Fields, read_cases
from training.choices import HalfDay
from training.half_days import Lesson, Sign
from training.recognition.hours import ClassCase, Exclusion, PersonResult, count_hours

BAD_INPUT = 2
SUBJECTS = ("public", "professional", "class_1", "class_2", "general_practice")


class Command(BaseCommand):
    help = "按签到签退计算每个学员的学时（学分），并逐半日说明理由"

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("cases", metavar="CASES.json", nargs="?")
        what.add_argument("--class", dest="number", metavar="NUMBER", help="数据库中培训班的编号，如 2026-C-0237")
        parser.add_argument("--format", choices=["json"], default="json")

    def handle(self, *, cases: str | None = None, number: str | None = None, **options: Any) -> None:
        results = [class_result(number)] if number else [] if cases is None else file_results(cases)
        self.stdout.write(json.dumps(results, ensure_ascii=False, indent=2))


def file_results(path: str) -> list[dict[str, Any]]:
    """The results of the cases in a file, in their order."""
    try:
        named = read_cases(path, read_case)
    except BadCasesError as error:
        raise CommandError(f"案例有误，没有计算：\n{error}", returncode=BAD_INPUT) from None
    return [result_as_json(name, count_hours(case)) for name, case in named]


def class_result(number: str) -> dict[str, Any]:
    """The result of a class of the database in the same shape, people by name."""
    from training.classes.models import ClassApplication
    from training.recognition.counting import class_case

    application = ClassApplication.objects.filter(number=number).first()
    if application is None:
        raise CommandError(f"没有编号为 {number} 的培训班，请核对编号，例如 2026-C-0237", returncode=BAD_INPUT)
    names: dict[Any, str] = dict(application.enrolments.values_list("pk", "name"))
    found = count_hours(class_case(application))
    return result_as_json(number, tuple(replace(each, person=names[each.person]) for each in found))


def read_case(fields: Fields) -> tuple[str, ClassCase]:
    """One case of the file: its name and the class."""
    about = fields.nested("class")
    measure = about.choice("measure", "hours", "credits")
    case = ClassCase(
        timetable=tuple(map(_lesson, fields.objects("timetable"))),
        trainees=fields.texts("trainees"),
        signs=tuple(map(_sign, fields.objects("signs"))),
        credits=_credits(about.nested("credits")) if measure == "credits" else None,
        assessment=about.flag("assessment"),
        results=_results(fields.nested("results")) if fields.has("results") else {},
        exclusions=tuple(map(_exclusion, fields.objects("exclusions"))) if fields.has("exclusions") else (),
    )
    return fields.text("name"), case


def result_as_json(name: str, people: tuple[PersonResult, ...]) -> dict[str, Any]:
    """The shape of a result, the same for a case of a file and for a class of the database."""
    found = []
    for one in people:
        days = [{"date": each.date.isoformat(), "half_day": each.half_day, "why": each.why} for each in one.half_days]
        amounts = [{"year": each.year, "subject": each.subject, "amount": f"{each.amount:f}"} for each in one.amounts]
        found.append({"person": one.person, "half_days": days, "amounts": amounts, "decide": one.decide})
    return {"name": name, "people": found}


def _half_day(fields: Fields) -> HalfDay:
    return HalfDay(fields.choice("half_day", *HalfDay.values))


def _lesson(fields: Fields) -> Lesson:
    subject = fields.choice("subject", "public", "professional")
    return Lesson(fields.day("date"), _half_day(fields), subject, fields.amount("hours"), fields.flag("counts"))


def _sign(fields: Fields) -> Sign:
    is_in = fields.choice("kind", "in", "out") == "in"
    return Sign(fields.text("person"), fields.day("date"), _half_day(fields), is_in, fields.clock("time"))


def _credits(fields: Fields) -> dict[str, Any]:
    for subject in fields.value.keys() - set(SUBJECTS):
        fields.note(subject, f"不认识的科目，应为 {'、'.join(SUBJECTS)} 之一")
    return {subject: fields.amount(subject) for subject in fields.value}


def _results(fields: Fields) -> dict[Any, bool]:
    return {person: fields.choice(person, "passed", "failed") == "passed" for person in fields.value}


def _exclusion(fields: Fields) -> Exclusion:
    fields.keys_must_be_present("person", "date", "half_day")
    return Exclusion(
        fields.text("person") if fields.has("person") else None,
        fields.day("date") if fields.has("date") else None,
        _half_day(fields) if fields.has("half_day") else None,
    )
