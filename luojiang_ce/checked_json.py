"""Reading a file of JSON cases so that everything wrong is told at once, each with its place."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class BadCasesError(ValueError):
    """The file cannot be used; `problems` says everything that is wrong with it, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Fields:
    """One JSON object. A field that is wrong is noted in `problems` and read as a harmless stand-in."""

    def __init__(self, value: Any, place: str, problems: list[str]) -> None:
        self.place, self.problems = place, problems
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.note("", "应为对象 {…}")

    def has(self, key: str) -> bool:
        """Whether the field is there and not null."""
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        return self._read(key, "应为非空的文字", "", as_text)

    def flag(self, key: str) -> bool:
        return self._read(key, "应为 true 或 false", False, lambda v: v if isinstance(v, bool) else None)

    def year(self, key: str) -> int:
        return self._read(key, "应为四位年份的整数，例如 2025", 0, as_year)

    def decimal(self, key: str) -> Decimal:
        """A decimal string: never a JSON number, which would be a float."""
        return self._read(
            key,
            '应为写成文字的小数，例如 "4.0"',
            Decimal(0),
            lambda v: Decimal(v) if isinstance(v, str) and DECIMAL.fullmatch(v) else None,
        )

    def amount(self, key: str) -> Decimal:
        """A decimal string that is not negative."""
        value = self.decimal(key)
        if value < 0:
            self.note(key, "不能是负数")
        return value

    def day(self, key: str) -> date:
        return self._read(key, "应为 年-月-日，例如 2026-05-11", date.min, as_day)

    def clock(self, key: str) -> time:
        return self._read(key, "应为 时:分，例如 08:20", time.min, as_clock)

    def choice(self, key: str, *allowed: str) -> str:
        known = "、".join(allowed)
        return self._read(
            key, f"应为 {known} 之一", allowed[0], lambda v: v if isinstance(v, str) and v in allowed else None
        )

    def span(self, key: str) -> tuple[int, int]:
        """[first year, last year]"""
        return self._read(key, "应为 [起始年, 终止年]，起始年不晚于终止年", (0, 0), as_span)

    def nested(self, key: str) -> "Fields":
        return Fields(self.value.get(key), self._at(key), self.problems)

    def objects(self, key: str) -> Iterator["Fields"]:
        """The objects of a list."""
        for n, each in enumerate(self._list(key)):
            yield Fields(each, f"{self._at(key)}[{n}]", self.problems)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different, non-empty texts."""
        values = self._list(key)
        if not all(map(as_text, values)):
            self.note(key, "每一项都应为非空的文字")
            return ()
        if len(set(values)) < len(values):
            self.note(key, "有重复的名字")
        return tuple(values)

    def keys_must_be_present(self, *keys: str) -> None:
        """For fields where null has a meaning of its own and must be written."""
        for key in keys:
            if key not in self.value:
                self.note(key, "缺少（没有限定时请写 null）")

    def _list(self, key: str) -> list[Any]:
        value = self.value.get(key)
        if isinstance(value, list):
            return value
        self.note(key, "应为列表 […]")
        return []

    def _read(self, key: str, wanted: str, stand_in: T, convert: Callable[[Any], T | None]) -> T:
        if key not in self.value:
            self.note(key, f"缺少，{wanted}")
            return stand_in
        found = convert(self.value[key])
        if found is None:
            self.note(key, f"{wanted}，现为 {_shown(self.value[key])}")
            return stand_in
        return found

    def _at(self, key: str) -> str:
        return f"{self.place} {key}".strip() if key else self.place

    def note(self, key: str, wrong: str) -> None:
        """Note a problem with a field that the caller found."""
        self.problems.append(f"{self._at(key)}：{wrong}")


def _shown(value: Any) -> str:
    """The beginning of a value; half a surrogate pair in it, which no page could show, by its number."""
    return json.dumps(value, ensure_ascii=False)[:60].encode(errors="backslashreplace").decode()


def as_text(value: Any) -> str | None:
    """Half a surrogate pair, which JSON allows, is no text: it could not be printed."""
    filled = isinstance(value, str) and value.strip() and not any("\ud800" <= char <= "\udfff" for char in value)
    return value if filled else None


def as_year(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2999 else None


def as_span(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    first, last = as_year(value[0]), as_year(value[1])
    return (first, last) if first and last and first <= last else None


def as_day(value: Any) -> date | None:
    if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def as_clock(value: Any) -> time | None:
    if not isinstance(value, str) or not re.fullmatch("[0-9]{2}:[0-9]{2}(:[0-9]{2})?", value):
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


def read_cases(path: str, read: Callable[[Fields], T]) -> list[T]:
    """The cases of a file, each read by `read`. Raises BadCasesError with everything that is wrong."""
    problems: list[str] = []
    cases = [read(Fields(each, _place(n, each), problems)) for n, each in enumerate(_load(path), 1)]
    if problems:
        raise BadCasesError(problems)
    return cases


def _place(n: int, case: Any) -> str:
    name = case.get("name") if isinstance(case, dict) else None
    return f"第 {n} 例（{name}）" if isinstance(name, str) else f"第 {n} 例"


def _load(path: str) -> list[Any]:
    try:
        loaded = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadCasesError([f"打不开文件 {path}：{error.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadCasesError([f"{path} 不是 UTF-8 文字，请另存为 UTF-8 的 JSON 文件"]) from None
    except json.JSONDecodeError as error:
        raise BadCasesError([f"{path} 不是 JSON：第 {error.lineno} 行第 {error.colno} 个字符处读不下去"]) from None
    except RecursionError:
        raise BadCasesError([f"{path} 嵌套过深，不是案例文件"]) from None
    if not isinstance(loaded, list):
        raise BadCasesError([f"{path} 的最外层应为列表 […]，每项一例"])
    return loaded
