"""Whom the rows of a file mean among the trainees of one class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from luojiang_ce.sheets.cells import is_number
from luojiang_ce.sheets.characters import name_key
from luojiang_ce.sheets.masking import SCIENTIFIC
from luojiang_ce.sheets.rows import RowReader
from training.classes.models import Enrolment
from units.identity import id_numbers


class Trainees:
    """The list of a class by name; files name people in the columns `name` and `id_number`."""

    def __init__(self, trainees: Iterable[Enrolment]) -> None:
        self.by_name: dict[str, list[Enrolment]] = defaultdict(list)
        for trainee in trainees:
            self.by_name[name_key(trainee.name)].append(trainee)

    def named_in(self, row: RowReader) -> Enrolment | None:
        """The trainee that a row means, by ID, its last six or its masked form, and by name where it is unique; None
        with the problem noted in the row."""
        number = _number(row)
        same = self.by_name.get(name_key(row.text("name")), [])
        found = [trainee for trainee in same if not number or _matches(trainee, number)]
        if not same:
            row.wrong("name", "不在本班学员名单里", "请核对姓名，或先补报学员")
        elif not found:
            row.wrong("id_number", *_why_not(row, number))
        elif len(found) > 1:
            row.wrong("id_number", f"本班有 {len(found)} 位同名学员", "请填证件号码全号")
        return found[0] if len(found) == 1 else None


def _number(row: RowReader) -> str:
    value = row.entry.values.get("id_number")
    # The last six typed as a number lose their leading zeros.
    return f"{int(value):06d}" if isinstance(value, float) and value < 10**6 else row.text("id_number")


def _why_not(row: RowReader, number: str) -> tuple[str, str]:
    """What is wrong with a number that nobody of that name has, and what to do."""
    if is_number(row.entry.values["id_number"]) or SCIENTIFIC.fullmatch(number):
        return "Excel 把证件号码变成了数字，后几位已丢失", "请把该列设为“文本”格式再填全号，或只填后六位"
    return "证件号码与本班名单不符", "请核对证件号码"


def _matches(trainee: Enrolment, number: str) -> bool:
    if "*" in number:
        return trainee.masked_id == number
    hashed = id_numbers.lookup_hash(number)
    return hashed == (trainee.last_six_hash if len(number) == 6 else trainee.id_hash)
