"""What a form saves by itself is on record from the day that somebody else has read the case.

Every draft that saves itself (tests/test_conflicts.py), over HTTP, with what the page itself sends.
"""

from __future__ import annotations

from typing import Any

import lxml.html
import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.case_kind import workflow_of
from luojiang_ce.workflow.changes import AUTOSAVED, LONGEST, summed_up
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.test_conflicts import KINDS, Kind, every_draft, opened, value_of
from tests.training.plans.factories import a_plan, an_item
from tests.units.views.helpers import browser
from tests.verification.batches.samples import a_draft
from training.plans.models import PlanItem

pytestmark = pytest.mark.django_db
READS = {"0595-2": "****95-2", "2090-06-01": "2090年6月1日"}  # as words of a change say what was typed last
EDITS = Event.objects.filter(name="edited")


def case_of(made: Any) -> Any:
    return made.plan if isinstance(made, PlanItem) else made


def was_returned(made: Any, district: District) -> Any:
    """The case as it stands after it was filed and sent back."""
    case = case_of(made)
    table = workflow_of(case)
    type(case).objects.filter(pk=case.pk).update(state="returned", first_submitted_at=clock.now())
    case.refresh_from_db()
    record(case, next(each.name for each in table.transitions if each.files), actor=district.owner)
    record(case, next(each.name for each in table.transitions if each.returns), actor=district.handler)
    return case


def type_on(kind: Kind, made: Any, district: District, *values: str, who: str = "owner") -> None:
    client, url = browser(getattr(district, who)), kind.url(made)
    for value in values:
        answer = client.post(f"{url}?autosave=1", opened(client, url, **{kind.field: value}))
        assert answer.status_code == 200, answer.json()


def steps(kind: Kind) -> list[str]:
    """What is typed on the way to the last one."""
    if kind.field in ("amount", "asked_due"):
        return [kind.theirs, kind.mine]
    return [kind.theirs, kind.theirs + "甲", kind.theirs + "甲乙", kind.mine]


def history_of(case: Any, district: District) -> list[str]:
    page = browser(district.owner).get(case.get_absolute_url())
    entries = lxml.html.fromstring(page.content.decode()).xpath("//*[@class='lj-history']/li")
    return [" ".join(entry.text_content().split()) for entry in entries]


@every_draft
def test_before_it_was_ever_filed_a_draft_saves_itself_without_a_word(kind: Kind, district: District) -> None:
    made = kind.make(district)
    before = EDITS.count()
    type_on(kind, made, district, *steps(kind))
    assert value_of(kind, made) == kind.mine
    assert EDITS.count() == before


@every_draft
def test_after_a_return_every_save_is_on_record_and_reads_as_one(
    kind: Kind, district: District, settings: Any, tmp_path: Any
) -> None:
    settings.VAR_DIR = tmp_path
    made = kind.make(district)
    case, before = was_returned(made, district), EDITS.count()
    type_on(kind, made, district, *steps(kind))
    saved = list(EDITS.order_by("pk"))[before:]
    assert len(saved) == len(steps(kind))
    assert all(event.data[AUTOSAVED] and event.actor == district.owner for event in saved)
    chain.seal()
    assert chain.check().problems == []

    told = [entry for entry in history_of(case, district) if "自动保存" in entry]
    assert len(told) == 1
    assert f"修改内容（自动保存 {len(saved)} 次）" in told[0]
    assert kind.stored in told[0] or kind.label in told[0]
    assert READS.get(kind.mine, kind.typed or kind.mine) in told[0]
    assert "甲乙" not in told[0], "what was typed on the way is in the log, not in the way"


@every_draft
def test_what_changes_nothing_is_not_written(kind: Kind, district: District) -> None:
    made = kind.make(district)
    was_returned(made, district)
    type_on(kind, made, district, kind.theirs)
    before = EDITS.count()
    type_on(kind, made, district, kind.theirs, kind.theirs)
    client, url = browser(district.owner), kind.url(made)
    assert client.post(url, opened(client, url, **{kind.field: kind.theirs})).status_code == 302
    assert EDITS.count() == before


def test_a_case_that_was_taken_back_was_read_already(district: District) -> None:
    kind = next(kind for kind in KINDS if kind.name == "plan")
    plan = kind.make(district)
    was_returned(plan, district)
    type(plan).objects.update(state="draft", first_submitted_at=None, submitted_at=None)
    type_on(kind, plan, district, "顾清和")
    assert EDITS.count() == 1


def test_another_account_another_day_or_an_act_between_is_an_entry_of_its_own(district: District) -> None:
    kind = next(kind for kind in KINDS if kind.name == "plan")
    plan = kind.make(district)
    was_returned(plan, district)
    type_on(kind, plan, district, "甲", "甲乙")
    type_on(kind, plan, district, "甲乙丙", "甲乙丙丁", who="colleague")
    record(plan, "file_added", actor=district.colleague)
    type_on(kind, plan, district, "戊", who="colleague")
    told = [entry for entry in history_of(plan, district) if "自动保存" in entry]
    assert [entry.partition("　")[0].partition("修改内容")[2] for entry in told] == [
        "（自动保存）单位负责人：甲乙丙丁 → 戊",
        "（自动保存 2 次）单位负责人：甲乙 → 甲乙丙丁",
        f"（自动保存 2 次）单位负责人：{'空' if not plan.leader else plan.leader} → 甲乙",
    ]


def test_the_auditor_reads_each_of_them(district: District) -> None:
    kind = next(kind for kind in KINDS if kind.name == "row of a batch")
    batch = a_draft(district)
    was_returned(batch, district)
    type_on(kind, batch, district, "出差", "出差在外")
    page = browser(district.audit_admin).get(reverse("audit:events")).content.decode()
    person = batch.records.order_by("person__pinyin", "pk").first().person
    assert f"{person.name} 未达标原因：空 → 出差" in page
    assert f"{person.name} 未达标原因：出差 → 出差在外" in page


def test_rows_of_two_people_of_one_name_are_told_apart(district: District) -> None:
    kind = next(kind for kind in KINDS if kind.name == "row of a batch")
    batch = a_draft(district)
    was_returned(batch, district)
    for record_ in batch.records.select_related("person"):
        record_.person.name = "林同名"
        record_.person.save()
    type_on(kind, batch, district, "出差")
    first = batch.records.order_by("person__pinyin", "pk").first()
    expected = f"林同名（年度记录 {first.pk}） 未达标原因" if batch.records.count() > 1 else "林同名 未达标原因"
    assert expected in EDITS.last().note_row.text


def test_lists_are_added_up_and_what_was_changed_back_is_said() -> None:
    notes = [
        "课程表：增加 土壤\n课程表：去掉 水质",
        "课程表：增加 土壤检测\n课程表：去掉 土壤",
        "地点：甲 → 乙",
        "地点：乙 → 甲",
    ]
    assert summed_up(notes) == "课程表：增加 土壤检测；去掉 水质；改过，前后显示相同：地点"
    assert summed_up(notes[2:]) == "改过，前后显示相同：地点"


def test_long_texts_that_begin_alike_are_told_from_where_they_part(district: District) -> None:
    plan = a_plan(district.unit)
    item = an_item(plan, content="长" * 100)
    case = was_returned(item, district)
    kind = next(kind for kind in KINDS if kind.name == "plan row")
    client, url = browser(district.owner), kind.url(item)
    for end in ("甲 → 乙；丙：丁", "完"):
        typed = opened(client, url, content="长" * 100 + end)
        assert client.post(f"{url}?autosave=1", typed).status_code == 200
    told = next(entry for entry in history_of(case, district) if "自动保存" in entry)
    assert f"→ …{'长' * 10}完" in told
    assert "丙：丁" not in told
    assert "长" * LONGEST not in told.partition(" → ")[2]
