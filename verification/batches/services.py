"""Writing batches and their rows; changes of state go through the workflow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import IN_THE_WAY, NotPossible
from luojiang_ce.words import first_of, squeezed
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workflow.changes import Change, changes_of, record_edit, values_of
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE
from units.models import Account, Person, Unit
from units.notify import clerks_of
from units.services.certificates import keep
from verification.batches.candidates import in_drafts_of_others, people_of
from verification.batches.certificates import booklet_for, is_to_exchange
from verification.batches.coming_back import bring_back
from verification.batches.facts import PREFETCHED, Year, freeze_records, new_records, years_of
from verification.batches.in_time import still_closed
from verification.batches.models import AnnualRecord, Batch, Material, Path
from verification.batches.routing import WORDS
from verification.batches.seasons import gone, last_day_of, told_until
from verification.batches.who import REVIEWER

HEAD_FIELDS = ("filler", "phone", "note")
ROW_FIELDS = (
    "issues", "renews", "verifies", "makes_up", "certificate_number", "unmet_reason", "evidence", "note",
)  # fmt: skip
BACK_YEARS = 3  # 补验 reaches back at most two years (notice 二(三)2)


def years_to_verify(today: date) -> list[int]:
    """The years that a batch may be for: the present one and the last, and for 补验 two before."""
    return [today.year - back for back in range(BACK_YEARS + 1)]


@transaction.atomic
def open_batch(*, unit: Unit, year: int, path: str, actor: Account) -> Batch:
    """The unit's draft of that year and path, made if there is none.

    No individual files (notice 二(三)1): raises PermissionDenied unless the actor is the unit's clerk.
    """
    must_file_for(unit.pk, actor)
    Unit.objects.select_for_update().get(pk=unit.pk)  # two clerks, or a double click: one draft
    batches = Batch.objects.filter(unit=unit, year=year)
    draft = batches.filter(path=path, state=Batch.State.DRAFT).order_by("pk").first()
    if draft:
        return draft
    last = batches.aggregate(last=Max("sequence"))["last"] or 0
    facts = {"filler": actor.name, "phone": actor.phone or unit.phone, "created_by": actor}
    batch = Batch.objects.create(unit=unit, year=year, path=Path(path), sequence=last + 1, **facts)
    record(batch, "created", actor=actor)
    return batch


@transaction.atomic
def save_head(*, batch: Batch, version: int, values: Mapping[str, str], actor: Account, quiet: bool = False) -> Batch:
    """Save 填报人, 电话 and 说明 of a draft; raises Conflict when somebody saved since `version`. `quiet`: autosave."""
    fresh = _editable(batch, version)
    before = values_of(fresh)
    for name in HEAD_FIELDS:
        setattr(fresh, name, values[name])
    _count(fresh, actor)
    record_edit(fresh, (fresh, before), actor=actor, quiet=quiet)
    return fresh


@transaction.atomic
def add_people(*, batch: Batch, people: Sequence[int], actor: Account) -> int:
    """List these of the people for whom the unit files; returns how many were new. Who is in a batch of that year is
    left alone, and so is whose year goes another way (`why_left_out` says why).

    Adding them again changes nothing; the database allows one record per person and year. Each record is of the unit
    that employs the person, whoever files it. A draft of another unit keeps nobody from being filed by the own one.
    """
    _lock_with_holders(batch, people)
    fresh = _editable(batch)
    own = people_of(fresh.unit, fresh.year, clock.today()).filter(pk__in=people)
    _claim(fresh, own.filter(employer=fresh.unit_id), actor)
    listed = AnnualRecord.objects.filter(year=fresh.year, person__in=people).exclude(batch=None)
    chosen = list(own.exclude(pk__in=listed.values("person")).prefetch_related(*PREFETCHED))
    years = years_of(chosen, fresh.year)
    fitting = [person for person in chosen if years[person.pk].path == fresh.path]
    added = [*_list_again(fresh, fitting, actor), *_list_new(fresh, fitting, years, actor)]
    if added:
        _count(fresh, actor)
        record(fresh, "edited", actor=actor, data={"added": sorted(added)})
    return len(added)


def _lock_with_holders(batch: Batch, people: Sequence[int]) -> None:
    """The people, then the batch and the drafts of others in which some of them stand, in one order: two clerks who
    list the same people come one after the other, and the second finds what the first has done."""
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk").values_list("pk"))
    holders = in_drafts_of_others(batch.unit_id, batch.year).filter(person__in=people).values_list("batch", flat=True)
    list(Batch.objects.select_for_update().filter(pk__in={batch.pk, *holders}).order_by("pk"))


def _claim(batch: Batch, own: Any, actor: Account) -> None:
    """The unit's own people (persons) who stand in drafts of others are taken out of them; who drafted is told."""
    held = in_drafts_of_others(batch.unit_id, batch.year).filter(person__in=own.order_by().values("pk"))
    rows = list(held.select_related("person", "batch__unit").order_by("batch", "person__pinyin", "pk"))
    for draft, group in groupby(rows, key=lambda row: row.batch):
        gone = list(group)
        assert draft is not None  # they stand in one
        remove_people(batch=draft, records=[row.pk for row in gone], actor=actor)
        title = f"{draft}：{len(gone)} 人已由本人所在单位列入，从草稿移出"
        key = f"claimed-{draft.pk}-{clock.now().isoformat()}"
        notify(clerks_of(draft.unit_id), title, key=key, text=first_of([row.person.name for row in gone]), case=draft)


def why_left_out(batch: Batch, people: Sequence[int], actor: Account) -> list[str]:
    """In words who of these is not in the batch and why, by name whom the actor may know: numbers can be guessed.
    The number of queries does not grow with them."""
    out = Person.objects.filter(pk__in=people).exclude(records__batch=batch).prefetch_related(*PREFETCHED)
    left = list(out.order_by("pinyin", "pk"))
    ours = set(people_of(batch.unit, batch.year, clock.today()).filter(pk__in=people).values_list("pk", flat=True))
    listed = dict(
        AnnualRecord.objects.filter(year=batch.year, person__in=left)
        .exclude(batch=None)
        .values_list("person_id", "batch__unit")
    )
    years, found = years_of(left, batch.year), defaultdict(list)
    named = ours | set(Person.objects.visible_to(actor).filter(pk__in=people).values_list("pk", flat=True))
    for person in left:
        name = person.name if person.pk in named else ""
        found[_why(batch, person.pk in ours, listed.get(person.pk), years[person.pk].path)].append(name)
    return [f"{first_of(names) if all(names) else f'{len(names)} 人'}{why}" for why, names in found.items()]


def _why(batch: Batch, is_ours: bool, lister: int | None, path: Path) -> str:
    if not is_ours:
        return "不在本单位应验证的人员里（已离开，或在别的单位），没有列入"
    if lister is not None:
        where = "本单位另一批" if lister == batch.unit_id else "其他单位报送的批次"
        return f"已列入{where}，每人每年只验证一次，没有列入"
    return f"应走“{path.label}”（{WORDS[path]}，通知 二(一)），不同类别不能混在一批，请在该类批次中列入"


@transaction.atomic
def remove_people(*, batch: Batch, records: Sequence[int], actor: Account) -> int:
    """Take rows out of a draft; returns how many. What was filed once stays on record, in no batch. Raises NotPossible
    where that would take somebody's year.

    It is no edit of the rows that stay: a page of them that is open elsewhere goes on being saved."""
    fresh = _editable(batch)
    rows = fresh.records.filter(pk__in=records, state__in=AnnualRecord.UNFILED)
    people = list(rows.values_list("person_id", flat=True))
    is_new = Q(first_submitted_at=None, restored_at=None)
    _say_by_when(fresh, rows.filter(first_submitted_at__isnull=False, mend_by=None))
    rows.filter(~is_new).update(batch=None)
    rows.filter(is_new).delete()
    if people:
        record(fresh, "edited", actor=actor, data={"removed": people})
    return len(people)


def _say_by_when(batch: Batch, filed: Any) -> None:
    """Whoever is taken out of what was sent back has a day to be filed by. Where the season is over only those who have
    given up have had one: not who was on leave on its last day, or had come."""
    told = told_until(batch, current_terms())
    if told is None or not filed.exists():
        return
    if is_in_time(told, clock.now()):
        filed.update(mend_by=told.due)
    elif last_day_of(batch):
        filed.filter(pk__in=gone(batch)).update(mend_by=told.due)
    else:
        raise NotPossible(f"{told.explanation}已过补正期限，移出的人不能再报送；请先申请延期")


def typed_in(batch: Batch, records: Sequence[int]) -> list[dict[str, Any]]:
    """What the unit has filled in of these rows, by person, as plain values: what `list_again` takes."""
    return list(batch.records.filter(pk__in=records).values("person_id", *ROW_FIELDS))


@dataclass(frozen=True)
class ListedAgain:
    """What came of putting people back: the batch, how many are in it again, in words what was left as it stands."""

    batch: Batch
    back: int
    left: Sequence[str]

    def __str__(self) -> str:
        return "。".join([str(self.batch), *self.left])

    def get_absolute_url(self) -> str:
        """The batch's page."""
        return self.batch.get_absolute_url()


@transaction.atomic
def list_again(*, batch_id: int, typed: Sequence[Mapping[str, Any]], actor: Account) -> ListedAgain:
    """List people again who were taken out of a draft, with what was filled in; who was listed again meanwhile keeps
    what has been filled in since. Raises NotPossible, also where nobody comes back.

    Raises PermissionDenied unless the actor files for the unit.
    """
    batch = Batch.objects.get(pk=batch_id)
    must_file_for(batch.unit_id, actor)
    again = put_back(batch, typed, actor=actor)
    if not again.back:
        raise NotPossible(f"不能恢复：{'。'.join(again.left)}")
    return again


@transaction.atomic
def take_everybody_out(batch: Batch, *, actor: Account) -> list[dict[str, Any]]:
    """Empty a draft that is to be deleted; what `put_back` takes. Who was filed once stays on record, in no batch.

    Raises NotPossible where somebody's year is decided.
    """
    records = list(batch.records.values_list("pk", flat=True))
    typed = typed_in(batch, records)
    remove_people(batch=batch, records=records, actor=actor)
    if batch.records.exists():
        raise NotPossible("花名册里有已经办理的人，不能删除这份草稿")
    return typed


@transaction.atomic
def put_back(batch: Batch, typed: Sequence[Mapping[str, Any]], *, actor: Account) -> ListedAgain:
    """List people again with what was filled in, as `list_again`, whether or not any come back. Raises NotPossible."""
    words = {row["person_id"]: row for row in typed}
    _lock_with_holders(batch, [*words])
    batch = _editable(batch)
    changed = _filled_since(batch, words)
    add_people(batch=batch, people=[*words], actor=actor)
    rows = list(batch.records.filter(person__in=words.keys() - changed, state__in=AnnualRecord.UNFILED))
    left = _left_out(changed, words.keys() - changed - {row.person_id for row in rows})
    stored = [copy(row) for row in rows]
    for row in rows:
        for name in ROW_FIELDS:
            setattr(row, name, words[row.person_id][name])
    AnnualRecord.objects.bulk_update(rows, ROW_FIELDS, batch_size=200)
    batch.refresh_from_db()
    _count(batch, actor)
    more = _changes_of_rows(batch, zip(rows, stored, strict=True))
    record_edit(batch, actor=actor, more=more, data={"records": [row.pk for row in rows]})
    return ListedAgain(batch, len(rows), left)


def _filled_since(batch: Batch, words: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Who of these is in the batch again and says neither what was taken out nor what a new row says."""
    there = {row.person_id: row for row in batch.records.filter(person__in=words)}
    people = list(Person.objects.filter(pk__in=there).prefetch_related(*PREFETCHED))
    new = {row.person_id: row for row in new_records(people, years_of(people, batch.year), year=batch.year)}

    def said(row: AnnualRecord) -> list[Any]:
        return [getattr(row, name) for name in ROW_FIELDS]

    return {
        key
        for key, row in there.items()
        if said(row) != said(new[key]) and said(row) != [words[key][name] for name in ROW_FIELDS]
    }


def _left_out(changed: Iterable[int], missing: Iterable[int]) -> list[str]:
    said = {
        "已重新列入并另有填写，保留现在填写的": changed,
        "没有恢复：已列入别的批次，或现在不属于本批次，请在“选入人员”中核对": missing,
    }
    rows = {what: list(Person.objects.filter(pk__in=keys)) for what, keys in said.items()}
    return [f"{first_of([each.name for each in people])}{what}" for what, people in rows.items() if people]


@transaction.atomic
def save_rows(
    *, batch: Batch, version: int, rows: Iterable[AnnualRecord], actor: Account, quiet: bool = False
) -> Batch:
    """Save changed rows of a draft; raises Conflict when somebody saved since `version`, NotPossible when one of them
    is in it no more. `quiet`: an autosave."""
    fresh = _editable(batch, version)
    changed = {row.pk: row for row in rows}
    stored = {row.pk: row for row in fresh.records.filter(pk__in=changed)}
    if changed.keys() - stored.keys():  # at this very moment: the page finds who it was when it is sent again
        raise NotPossible(IN_THE_WAY)
    AnnualRecord.objects.bulk_update([changed[pk] for pk in stored], ROW_FIELDS, batch_size=200)
    _count(fresh, actor)
    more = _changes_of_rows(fresh, [(changed[pk], row) for pk, row in stored.items()])
    record_edit(fresh, actor=actor, more=more, data={"records": [*stored]}, quiet=quiet)
    return fresh


def _changes_of_rows(batch: Batch, rows: Iterable[tuple[AnnualRecord, AnnualRecord]]) -> Iterator[Change]:
    """What the unit changed of these rows (as they are now, as they were), each under the person's name."""
    names = dict(batch.records.values_list("pk", "person__name"))
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    for row, stored in rows:
        called = names[row.pk] + (f"（年度记录 {row.pk}）" if names[row.pk] in shared else "")
        before = {**values_of(row), **{name: getattr(stored, name) for name in ROW_FIELDS}}
        for label, former, present in changes_of(row, before):
            yield f"{called} {label}", former, present


@transaction.atomic
def same_reason(*, batch: Batch, version: int, rows: Iterable[AnnualRecord], reason: str, actor: Account) -> int:
    """Save changed rows, and give this reason to whoever of the draft needs one and has none; returns to how many.

    Raises Conflict when somebody saved since `version`.
    """
    fresh = save_rows(batch=batch, version=version, rows=rows, actor=actor)
    without = fresh.records.filter(verdict__outcome__in=AnnualRecord.NEEDS_REASON, unmet_reason="")
    given = list(without.values_list("pk", flat=True))
    without.update(unmet_reason=reason)
    if given:
        note = f"{len(given)} 人的未达标原因：空 → {reason}"
        record(fresh, "edited", actor=actor, note=note, data={"records": given})
    return len(given)


@transaction.atomic
def refreeze(*, batch: Batch, actor: Account, records: Sequence[int] | None = None) -> int:
    """Look at the ledger again for rows that are not decided (all, or these); returns how many.

    A verdict that was relied on is withdrawn first, so nobody's result changes behind the officer's back; what the
    approver was asked of figures that are others now is asked no more. Raises NotPossible where it is not this
    account's turn.
    """
    fresh = Batch.objects.select_for_update().get(pk=batch.pk)
    if why_not := why_not_refreeze(fresh, actor):
        raise NotPossible(why_not)
    rows = fresh.records.filter(state__in=AnnualRecord.UNDECIDED)
    chosen = list(rows if records is None else rows.filter(pk__in=records))
    changed = freeze_records(chosen)
    if chosen:
        data = {"records": [row.pk for row in chosen], "renewed": [row.pk for row in changed]}
        record(fresh, "refrozen", actor=actor, data=data)
    asked = [row for row in changed if row.state == AnnualRecord.State.ASKED]
    for row in asked:
        fire(row, "unask", actor=SYSTEM, note="学时有变动，已重新核算，请看过新的结果再办理")
    return len(chosen)


def why_not_refreeze(batch: Batch, actor: Account) -> str:
    """Why not, or nothing: the unit before it files, then the authority that reviews, at the counter the bureau."""
    if batch.state in EDITABLE:
        return "" if batch.unit_id in actor.unit_ids(Role.UNIT_CLERK) else "草稿由申报单位重新核算"
    if batch.state == Batch.State.IN_REVIEW:
        return "" if REVIEWER.test(actor, batch) else "初审中由主管部门重新核算"
    if batch.state != Batch.State.SUBMITTED:
        return f"批次的状态是“{batch.get_state_display()}”，不能重新核算"
    return "" if actor.holds(*DO_BUREAU_WORK.roles) else "报送后由区人社局重新核算"


@transaction.atomic
def check_materials(*, batch: Batch, seen: Sequence[str], actor: Account, version: int | None = None) -> Batch:
    """Note which of the notice's seven the counter has looked at (notice 二(一)1–7). Raises NotPossible, Conflict."""
    fresh = Batch.objects.select_for_update().get(pk=batch.pk)
    if fresh.state != Batch.State.SUBMITTED:
        raise NotPossible(f"批次的状态是“{fresh.get_state_display()}”，不能登记查验资料")
    fresh.must_be(version)
    fresh.materials_seen = [code for code in Material.values if code in seen]
    fresh.count_edit(actor)
    fresh.save(update_fields=["materials_seen", *Batch.COUNTED])
    note = "、".join(Material(code).label for code in fresh.materials_seen)
    record(fresh, "materials", actor=actor, note=note, data={"seen": fresh.materials_seen})
    return fresh


def why_not_typed(row: AnnualRecord, actor: Account) -> str:
    """Why this account may not type the number of this row, or nothing: whose turn the batch is, not yet stamped."""
    if row.batch is None or row.state not in (*AnnualRecord.OPEN, AnnualRecord.State.VERIFIED):
        return f"这一年的状态是“{row.get_state_display()}”，不能填写证书编号"
    if row.batch.state not in (Batch.State.SUBMITTED, Batch.State.IN_REVIEW):
        return f"批次的状态是“{row.batch.get_state_display()}”，不能填写证书编号"
    return why_not_refreeze(row.batch, actor) and "证书编号由正在办理这一批次的单位填写"


@transaction.atomic
def type_number(*, row: AnnualRecord, number: str, actor: Account) -> AnnualRecord:
    """Write the number of the booklet that is issued, or correct one, and keep it with the person.

    Raises NotPossible: not this account's turn, no number, or somebody else's.
    """
    locked = AnnualRecord.objects.select_for_update().get(pk=row.pk)
    if why_not := why_not_typed(locked, actor):
        raise NotPossible(why_not)
    typed_before = locked.certificate_number if locked.issues or locked.former_number else ""
    if is_to_exchange(locked):
        locked.former_number = locked.certificate_number
    _must_be_another(locked, squeezed(number))
    booklet = booklet_for(locked, squeezed(number))
    keep(booklet=booklet, instead_of=typed_before, actor=actor)
    locked.certificate_number = booklet.number
    locked.first_seal = locked.first_keeper = None  # it was put to a page with another number
    locked.save(update_fields=["certificate_number", "former_number", "first_seal", "first_keeper"])
    record(locked, "certificate_typed", actor=actor)
    return locked


def _must_be_another(row: AnnualRecord, number: str) -> None:
    """换证: the new booklet has a number of its own."""
    if row.former_number and number.upper() == squeezed(row.former_number).upper():
        raise NotPossible(number=f"这是原证书的编号（{row.former_number}），换证请填写新证书的编号")


def _list_again(batch: Batch, people: Sequence[Any], actor: Account) -> list[int]:
    """Records of these people that are in no batch: taken out of one, or given up and open again. Their person ids.

    Raises NotPossible for who has given the year up.
    """
    loose = AnnualRecord.objects.filter(year=batch.year, person__in=people, batch=None).select_related("person")
    rows = list(loose)
    given_up = [row for row in rows if row.state == AnnualRecord.State.GIVEN_UP]
    units = Unit.objects.in_bulk({person.employer for person in people})
    employers = {person.pk: units[person.employer] for person in people}
    for row in rows:
        row.unit = employers[row.person_id]
    if closed := still_closed(given_up, batch):
        raise NotPossible(_given_up(closed))
    for unit in {row.unit for row in rows}:
        own = [row.pk for row in rows if row.unit == unit]
        AnnualRecord.objects.filter(pk__in=own).update(batch=batch, unit=unit, path=batch.path)
    bring_back(given_up, "list_again", actor=actor)
    freeze_records(list(AnnualRecord.objects.filter(pk__in=[row.pk for row in rows])))
    return [row.person_id for row in rows]


def _given_up(rows: Sequence[AnnualRecord]) -> str:
    names = first_of([row.person.name for row in rows])
    return (
        f"{names}：{rows[0].year} 年度未在期限内申报，已登记视同放弃（通知 二(三)2）。有正当理由的，请申请延期，"
        "或请区人社局审批人在个人页恢复"
    )


def _list_new(batch: Batch, people: Sequence[Any], years: Mapping[int, Year], actor: Account) -> list[int]:
    """Rows for those who have no record of the year, each of the unit that employs them; the ids of the people that
    this very call listed."""
    known = set(AnnualRecord.objects.filter(year=batch.year, person__in=people).values_list("person_id", flat=True))
    new = [person for person in people if person.pk not in known]
    rows = new_records(new, years, year=batch.year, batch=batch, created_by=actor)
    for row, person in zip(rows, new, strict=True):
        row.unit_id = person.employer
    # Another unit may list a person at this very moment: the database lets one of the two in.
    AnnualRecord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    wanted = [row.person_id for row in rows]
    return list(batch.records.filter(person__in=wanted).values_list("person_id", flat=True))


def _editable(batch: Batch, version: int | None = None) -> Batch:
    fresh = Batch.objects.select_for_update(of=("self",)).select_related("unit").get(pk=batch.pk)
    if fresh.state not in EDITABLE:
        raise NotPossible(f"批次的状态是“{fresh.get_state_display()}”，不能修改；需要修改的，请先撤回或由经办退回")
    fresh.must_be(version)
    return fresh


def _count(batch: Batch, actor: Account) -> None:
    batch.count_edit(actor)
    batch.save(update_fields=[*HEAD_FIELDS, *Batch.COUNTED])
