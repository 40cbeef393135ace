"""Evidence that was handed in before (product.md V12): fingerprints of what is stored, and what they have in common.

The worker makes them, so that no upload waits. What is alike is pointed out to whoever reviews a case, never punished,
and never shown to whoever filed it.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import takewhile
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_DISTRICT, REVIEW, Actor, Role, case_key, case_models
from luojiang_ce.locks import Lock, alone, hold
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.workflow.case_kind import kind_of

from .apart import Stopped
from .inside import read
from .looks import FULL, Looks, are_near, bands_of, telling_bands
from .materials import files_of
from .models import Attachment, FileNumber, Fingerprint, Likeness, Look
from .pdfs import PdfReader
from .pictures import PictureReader
from .registry import rules_for

AT_ONCE = 100  # contents of one run of the sweep
MOST_SECONDS = 45  # after which it begins no further content: the next run begins a minute after this one did
MAKING = "fingerprints.lock"  # in VAR_DIR
MOST_TRIES = 3  # for a content over which workers ended
MOST_ALIKE = 500  # contents that one is said to be like; a blank form may be like thousands
SHOWN = 8  # other cases that a page names


# --- making them ------------------------------------------------------------------------------------------------------


def catch_up(most: int = AT_ONCE) -> int:
    """Make the fingerprints of contents that have none, the newest first; returns of how many.

    One process of the machine does, whatever it is given to read: the others have papers and mails to send. Where two
    machines do, a content still has one fingerprint. What is uploaded now does not wait for 100,000 files that an
    upgrade found, nor for one that a worker did not survive; that one is given up after MOST_TRIES.
    """
    with alone(settings.VAR_DIR / MAKING) as may:
        return _make_some(most) if may else 0


def _make_some(most: int) -> int:
    ends = time.monotonic() + MOST_SECONDS
    begun = Fingerprint.objects.filter(sha256=OuterRef("sha256"))
    done = begun.filter(Q(made_at__isnull=False) | Q(tries__gte=MOST_TRIES))
    tries = Coalesce(Subquery(begun.values("tries")), 0)
    waiting = Attachment.objects.filter(~Exists(done)).order_by(tries, "-pk")[:most]
    files = {file.sha256: file for file in waiting}
    with PdfReader() as pdfs, PictureReader() as pictures:
        begun_in_time = takewhile(lambda _: time.monotonic() < ends, files.values())
        return sum(_make(file, pdfs, pictures) for file in begun_in_time)


def _make(file: Attachment, pdfs: PdfReader, pictures: PictureReader) -> bool:
    begun, _ = Fingerprint.objects.get_or_create(sha256=file.sha256)
    Fingerprint.objects.filter(pk=begun.pk).update(tries=F("tries") + 1)
    try:
        looks, numbers = read(file, pdfs, pictures)
    except (CannotOpen, FileNotFoundError, Stopped):  # check_audit says of the first two; the last is read again
        return False
    with transaction.atomic():
        hold(Lock.FINGERPRINTS)  # of two that are made at once the second looks for the first
        thumb = looks.thumb if looks else None
        is_new = Fingerprint.objects.filter(pk=begun.pk, made_at=None).update(thumb=thumb, made_at=clock.now())
        if is_new:
            FileNumber.objects.bulk_create(
                FileNumber(fingerprint=begun, kind=kind, number=number) for kind, number in sorted(numbers)
            )
            if looks:
                Likeness.objects.bulk_create(Likeness(first_id=pk, second=begun) for pk in _alike(looks))
                Look.objects.bulk_create(_looks(begun, looks))
    return bool(is_new)


def _looks(made: Fingerprint, looks: Looks) -> Iterator[Look]:
    for name, bits in looks.hashes.items():
        bands = {f"band_{n}": part for n, part in enumerate(bands_of(bits))}
        yield Look(fingerprint=made, cropped=name, bits=f"{bits:032x}", **bands)


def _alike(looks: Looks) -> list[int]:
    """The fingerprints of pictures that are nearly this one: looked up by parts of hashes, then held against it."""
    near = set(_near(looks))
    rows = Fingerprint.objects.filter(pk__in={pk for pk, _, _ in near}).values_list("pk", "thumb")
    seen = {pk: Looks(bytes(thumb)) for pk, thumb in rows if thumb}
    alike = {pk for pk, own, its in near if looks.is_like(seen[pk], own, its)}
    return sorted(alike)[-MOST_ALIKE:]


def _near(looks: Looks) -> Iterator[tuple[int, str, str]]:
    """(fingerprint, how this one is cropped, how that one is): of the two at most one."""
    for own, bits in looks.hashes.items():
        parts = [Q(**{f"band_{n}": part}) for n, part in telling_bands(bits)]
        if not parts:
            continue
        same = reduce(or_, parts)
        rows = Look.objects.filter(same) if own == FULL else Look.objects.filter(same, cropped=FULL)
        for pk, its, hexed in rows.values_list("fingerprint", "cropped", "bits").order_by().iterator():
            if are_near(bits, int(hexed, 16)):
                yield pk, own, its


def purge_unused() -> int:
    """Delete the fingerprints of contents that are attached to nothing any more. Returns how many went."""
    used = Attachment.objects.filter(sha256=OuterRef("sha256"))
    rows = Fingerprint.objects.filter(~Exists(used))
    number = rows.count()
    rows.delete()
    return number


# --- what they say to a reviewer --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alike:
    """What another case has too: `where` it is in this one (a file, a field), `how` they are alike, in words; `case`:
    the other one, the first of `number` of one unit that are about the same."""

    where: str
    how: str
    case: Any
    number: int = 1


@dataclass(frozen=True)
class AllAlike:
    """What is pointed out of a case: `hidden` cases that were filed are not the reader's to see."""

    shown: Sequence[Alike]
    more: int
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.shown or self.hidden)


Found = tuple[str, str, tuple[str, int]]  # where, how, the key of the other case


def alike_for(case: Any, account: Actor, typed: Iterable[Found] = ()) -> AllAlike | None:
    """What a reviewer should look at; None for everybody else. A bounded number of queries.

    `typed`: what else other cases have in common with this one (a number in a field); read for reviewers alone.
    """
    if not reviews(case, account):
        return None
    files = files_of(case)
    found = dict.fromkeys([*typed, *(_others(case, files) if files else ())])
    seen, hidden = _cases({key for _, _, key in found}, account)
    every = _together(Alike(where, how, seen[key]) for where, how, key in found if key in seen)
    return AllAlike(every[:SHOWN], len(every) - len(every[:SHOWN]), hidden)


def _together(every: Iterable[Alike]) -> list[Alike]:
    """A conference of thirty is one line a file, or the one photograph that matters would stand behind them all."""
    groups: dict[Any, list[Alike]] = defaultdict(list)
    for each in every:
        title = getattr(each.case, "title", None) or each.case.pk
        groups[each.where, each.how, type(each.case), getattr(each.case, "unit_id", None), title].append(each)
    return [replace(group[0], number=len(group)) for group in groups.values()]


def pointed_out(cases: Iterable[Any], account: Actor) -> set[int]:
    """Of these cases of one kind those on whose pages a file is pointed out to the account, for one act on many.

    Only of kinds whose pages say it (`FileRules.compared`). A bounded number of queries.
    """
    own = {case_key(case) for case in cases if rules_for(case).compared and reviews(case, account)}
    if not own:
        return set()
    case_type = next(iter(own))[0]
    files = Attachment.objects.filter(removed_at=None, case_type=case_type, case_id__in={pk for _, pk in own})
    pairs = set(_pairs(list(files)))
    seen, _ = _cases({key for _, key in pairs}, account)
    return {pk for pk, key in pairs if key in seen}


def _pairs(files: Sequence[Attachment]) -> Iterator[tuple[int, tuple[str, int]]]:
    """(id of one of the cases of these files, key of another case that has something in common with it)."""
    contents = {file.sha256 for file in files}
    stored = {(file.case_id, file.file.name) for file in files}
    by_content: dict[str, list[Attachment]] = defaultdict(list)
    for row in Attachment.objects.filter(_in_common(contents), removed_at=None):
        by_content[row.sha256].append(row)
    ways = _ways(contents, set(by_content))
    for file in files:
        for row in (row for other in ways.get(file.sha256, ()) for row in by_content[other]):
            key = (row.case_type, row.case_id)
            if key != (file.case_type, file.case_id) and (file.case_id, row.file.name) not in stored:
                yield file.case_id, key


def reviews(case: Any, account: Actor) -> bool:
    """Does the account examine what others file, and has not filed this?"""
    filed = getattr(case, "unit_id", None) in account.unit_ids(Role.UNIT_CLERK)
    return account.holds(*REVIEW.roles, *DO_BUREAU_WORK.roles) and not filed


def _others(case: Any, files: Sequence[Attachment]) -> Iterator[Found]:
    """Files of other cases that have something in common with one of these, and what: the content first. One query
    where there are none."""
    contents = {file.sha256 for file in files}
    by_content: dict[str, list[Attachment]] = defaultdict(list)
    for row in _elsewhere(case, files).filter(_in_common(contents)).order_by("-pk"):
        by_content[row.sha256].append(row)
    ways = _ways(contents, set(by_content)) if by_content else {}
    for file in files:
        for other, how in ways.get(file.sha256, {}).items():
            yield from ((file.name, how, (row.case_type, row.case_id)) for row in by_content[other])


def _elsewhere(case: Any, files: Sequence[Attachment]) -> QuerySet[Attachment]:
    """The files of other cases. What was stored once for many in one act was meant to be in all of them."""
    case_type, case_id = case_key(case)
    rows = Attachment.objects.filter(removed_at=None).exclude(case_type=case_type, case_id=case_id)
    return rows.exclude(file__in={file.file.name for file in files})


def _in_common(contents: set[str]) -> Q:
    """Is it one of these contents, or nearly one of their pictures, or has it one of their numbers?"""
    near = Likeness.objects.filter(first__sha256__in=contents).values("second__sha256")
    near_before = Likeness.objects.filter(second__sha256__in=contents).values("first__sha256")
    own = FileNumber.objects.filter(fingerprint__sha256__in=contents)
    same = FileNumber.objects.filter(number__in=own.values("number")).values("fingerprint__sha256")
    return reduce(or_, (Q(sha256__in=found) for found in (contents, near, near_before, same)))


def _ways(contents: set[str], others: set[str]) -> dict[str, dict[str, str]]:
    """By content: which of the others have something in common with it, and what."""
    ways: dict[str, dict[str, str]] = {each: {each: "同一文件"} if each in others else {} for each in contents}
    prints = dict(Fingerprint.objects.filter(sha256__in=contents).values_list("pk", "sha256"))
    for one, other, how in [*_same_numbers(prints), *_near_pictures(prints)]:
        if other in others:
            ways[prints[one]].setdefault(other, how)
    return ways


def _near_pictures(prints: dict[int, str]) -> Iterator[tuple[int, str, str]]:
    either = Q(first__in=prints) | Q(second__in=prints)
    rows = Likeness.objects.filter(either).values_list("first", "second", "first__sha256", "second__sha256")
    for first, second, first_sha, second_sha in rows:
        if first in prints:
            yield first, second_sha, "几乎相同的图片"
        if second in prints:
            yield second, first_sha, "几乎相同的图片"


def _same_numbers(prints: dict[int, str]) -> Iterator[tuple[int, str, str]]:
    own = list(FileNumber.objects.filter(fingerprint__in=prints))
    if not own:
        return
    rows = FileNumber.objects.filter(number__in={each.number for each in own}).exclude(fingerprint__in=prints)
    by_number: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, number, sha256 in rows.values_list("kind", "number", "fingerprint__sha256"):
        by_number[kind, number].append(sha256)
    for each in own:
        for sha256 in by_number[each.kind, each.number]:
            yield each.fingerprint_id, sha256, f"同一{each.get_kind_display()} {each.number}"


def _cases(keys: Iterable[tuple[str, int]], account: Actor) -> tuple[dict[tuple[str, int], Any], int]:
    """The cases that the account sees, and how many that were filed it does not. Two queries a kind of case."""
    by_type: dict[str, set[int]] = defaultdict(set)
    for case_type, pk in keys:
        by_type[case_type].add(pk)
    seen: dict[tuple[str, int], Any] = {}
    hidden = 0
    for case_type, pks in by_type.items():
        model: Any = case_models()[case_type]
        known = kind_of(model).rows(model._default_manager.visible_to(account).filter(pk__in=pks))
        rows = {case.pk: case for case in (known.select_related("unit") if _has(model, "unit") else known)}
        seen |= {(case_type, pk): case for pk, case in rows.items()}
        if (unseen := pks - rows.keys()) and not account.holds(*READ_DISTRICT.roles):
            hidden += _filed(model, unseen)
    return seen, hidden


def _filed(model: Any, pks: set[int]) -> int:
    """How many of these were ever handed over; a draft is nobody's business but its writer's."""
    if not _has(model, "first_submitted_at"):
        return 0
    return int(model._base_manager.filter(pk__in=pks, first_submitted_at__isnull=False).count())


def _has(model: Any, field: str) -> bool:
    return any(each.name == field for each in model._meta.concrete_fields)
