"""What is still missing in a batch before it can be filed: everything at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.once import once_per_row
from luojiang_ce.workdays.text import full
from units.models import Employment
from units.services.certificates import Holder, Key

from .candidates import files_for
from .certificates import expired_on, is_own, is_somebody_elses, owners
from .models import AnnualRecord, Batch, Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is missing: where, what, and the record it is about (None: the head of the form)."""

    where: str
    text: str
    record: AnnualRecord | None = None


def missing_of(batch: Batch) -> list[Problem]:
    """Everything that is missing in a batch; two queries, and one where people of other units are in it."""
    head = ((batch.filler, "填报人"), (batch.phone, "电话"))
    rows = batch.records.select_related("person", "unit").order_by("person__pinyin", "pk")
    found = [Problem("表头", f"没有填{label}") for value, label in head if not value]
    listed = list(rows)
    known = owners(listed)
    foreign = {row: Problem(f"第 {number} 行", NOT_OURS, row) for number, row in _not_ours(batch, listed)}
    own = [problem for row in listed if row not in foreign for problem in of_record(row, known)]
    return [*found, *foreign.values(), *own]


def place_of_problem(batch: Batch, problem: Problem) -> str:
    """Where the unit mends it: its row of 附件4, or the head."""
    if problem.record is None:
        return reverse("batches:head", args=[batch.pk])
    return f"{reverse('batches:rows', args=[batch.pk])}?row={problem.record.pk}#row-{problem.record.pk}"


known_problems = once_per_row(missing_of)  # the page lists them and the button says why


def of_record(record: AnnualRecord, known: dict[Key, Holder]) -> Iterator[Problem]:
    """What a row of 附件4 lacks, or why it is in the wrong envelope; `known`: who has which certificate."""
    yield from _misplaced(record)
    if said := _wrong_number(record, known):
        yield Problem(record.person.name, said, record)
    if record.needs_reason and not record.unmet_reason:
        yield Problem(record.person.name, f"{record.verdict['label']}，没有写未达标原因", record)


NOT_OURS = "本单位已不代其所在单位报送，请移出花名册，由其所在单位申报"


def _not_ours(batch: Batch, listed: Sequence[AnnualRecord]) -> Iterator[tuple[int, AnnualRecord]]:
    """Whom the unit listed while it filed for theirs, and does so no more (it is supervised by another, or has a clerk
    again), each with the place in the roster, by which it is told: they are none of its business now. Who was filed
    stays with it."""
    of_others = [row.person_id for row in listed if row.unit_id != batch.unit_id and row.first_submitted_at is None]
    if not of_others:
        return
    jobs = Employment.objects.on(clock.today()).filter(person__in=of_others).exclude(files_for(batch.unit))
    foreign = set(jobs.values_list("person_id", "unit_id"))
    for number, record in enumerate(listed, start=1):
        if (record.person_id, record.unit_id) in foreign and record.first_submitted_at is None:
            yield number, record


def _wrong_number(record: AnnualRecord, known: dict[Key, Holder]) -> str:
    if record.issues and record.renews:
        return "“发证”“换证”只能勾选一项：没有证书的发证，证书到期或写满的换证"
    if not record.certificate_number:
        return "" if record.issues else "没有证书编号；还没有证书的，请勾选“发证”"
    if is_somebody_elses(record, known):
        return "证书编号已登记给另一人，请对照证书核对"
    if record.issues and not is_own(record, known):
        return "勾选“发证”的，编号由区人社局给出，请清空证书编号；已有证书的请改选“验证”"
    if last := expired_on(record, known):
        # An expired booklet is not verified as it is (附件4: 换证、验证).
        return f"继续教育证书已于 {full(last)} 到期，请勾选“换证”，与验证一并办理"
    return ""


def _misplaced(record: AnnualRecord) -> Iterator[Problem]:
    """A person may have moved, or got another title, since they were listed. Who was filed stays with that unit."""
    name, facts = record.person.name, record.facts
    if record.first_submitted_at is None and facts.get("unit_id", record.unit_id) != record.unit_id:
        where = facts.get("unit")
        own = "本单位" if record.filing_unit_id == record.unit_id else record.unit.name
        said = f"已不在{own}（{where}），请移出花名册，由现单位申报" if where else f"已离开{own}，请移出花名册"
        yield Problem(name, said, record)
    path = Path(facts.get("path", record.path))
    if path != record.path:
        yield Problem(name, f"现应走“{path.label}”，请移出后列入该类批次", record)
