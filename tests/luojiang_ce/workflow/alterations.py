"""Everything that the owner of the machine could do: what is done, and what the check must say of it, with the place.

What is done with the keys (events signed anew, the chain made anew) is found by heads that left the house, and by
nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.papers.models import SealUse
from luojiang_ce.workflow import heads
from luojiang_ce.workflow.models import ChainLink, Event, EventNote, ReturnItem
from tests.luojiang_ce.workflow.altering import (
    World,
    begin_anew,
    change,
    copy_of,
    count_anew,
    cut_tail,
    delete,
    forge_published_head,
    insert,
    make_chain_anew,
    put_in_place,
    run,
    sign,
    spoil,
    spoil_with_row,
    swap_ids,
    swap_links,
    wipe,
    with_clock_back,
)
from units.models import Account, Assignment

Do = Callable[[World], Any]
Says = Callable[[World], str]


@dataclass(frozen=True)
class Alteration:
    """`says`: what the check names; `outside`: found by a head from outside alone; `clock`: named among the times that
    ran backwards, for a clock that was wrong does the same."""

    name: str
    do: Do
    says: Says
    outside: bool = False
    clock: bool = False


def _uid(at: int) -> Says:
    return lambda w: str(w.sealed[at].uid)


def _text(said: str) -> Says:
    return lambda w: said


def _row(table: str, pk: Callable[[World], int], **facts: Any) -> Do:
    names = ", ".join(f"{name} = %s" for name in facts)
    return lambda w: run(f"UPDATE {table} SET {names} WHERE id = %s", *facts.values(), pk(w))


def _leave(w: World) -> int:
    return int(w.leave.pk)


def _sealed(w: World) -> str:
    return f"units.leave:{w.leave.pk}"


DAY = timedelta(days=1)
ALTERATIONS: tuple[Alteration, ...] = (
    # an event's own words
    Alteration("who did it", lambda w: change(w.sealed[0], actor_id=w.district.neighbour.pk), _uid(0)),
    Alteration("that the system did it", lambda w: change(w.sealed[0], actor_id=None), _uid(0)),
    Alteration("what was done", lambda w: change(w.sealed[1], name="approve"), _uid(1)),
    Alteration("when", lambda w: change(w.sealed[1], at=w.sealed[1].at - DAY), _uid(1)),
    Alteration("from which state", lambda w: change(w.sealed[2], source="approved"), _uid(2)),
    Alteration("to which state", lambda w: change(w.sealed[2], target="approved"), _uid(2)),
    Alteration("of which case", lambda w: change(w.sealed[1], case_id=w.leave.pk + 1), _uid(1)),
    Alteration("of which kind", lambda w: change(w.sealed[1], case_type="units.unit"), _uid(1)),
    Alteration("what it holds", lambda w: change(w.sealed[1], data='{"due": "2030-01-01"}'), _uid(1)),
    Alteration(
        "what it holds, so that nobody can read it", lambda w: change(w.sealed[1], data="[1]"), _text("有内容读不出来")
    ),
    Alteration("its number", lambda w: change(w.sealed[1], number=9_999), _uid(1)),
    Alteration(
        "the time of the machine", lambda w: change(w.sealed[1], written_at=w.sealed[1].written_at - DAY), _uid(1)
    ),
    Alteration("its signature", lambda w: change(w.sealed[1], hmac="0" * 64), _uid(1)),
    Alteration("its id in the chain", lambda w: change(w.sealed[1], uid=uuid.uuid4()), _uid(1)),
    Alteration("the order of two", lambda w: swap_ids(w.sealed[1], w.sealed[3]), _uid(1)),
    Alteration(
        "one that waits to be sealed", lambda w: change(w.loose[0], name="approve"), lambda w: str(w.loose[0].uid)
    ),
    # events and links that go and come
    Alteration("an event deleted", lambda w: delete(w.sealed[0]), _uid(0)),
    Alteration(
        "an event deleted with its link",
        lambda w: delete(w.sealed[0], linked=True),
        lambda w: f"第 {w.sealed[0].number} 条记录不见了",
    ),
    Alteration("an event inserted", lambda w: insert(w.sealed[0], number=9_999), _text("被改动或伪造")),
    Alteration(
        "an old event twice",
        lambda w: insert(w.sealed[0], writer=None, number=None, written_at=None),
        _text("没有编号的记录有 1 条"),
    ),
    Alteration(
        "deleted before sealing", lambda w: delete(w.loose[0]), lambda w: f"第 {w.loose[0].number} 条记录不见了"
    ),
    Alteration(
        "the last deleted before sealing",
        lambda w: delete(w.loose[-1]),
        lambda w: f"第 {w.loose[-1].number} 条记录不见了",
    ),
    Alteration(
        "and its writer's count put down",
        lambda w: (delete(w.loose[-1]), run("UPDATE workflow_logwriter SET last = last - 1")),
        _text("号写入者的计数被改动"),
    ),
    Alteration(
        "and its writer's count deleted",
        lambda w: (delete(w.loose[-1]), run("DELETE FROM workflow_logwriter")),
        _text("号写入者的计数被删除"),
    ),
    Alteration(
        "a link's hash",
        lambda w: run("UPDATE workflow_chainlink SET hash = %s WHERE position = 2", "0" * 64),
        _text("第 2 环与前后不符"),
    ),
    Alteration("two links swapped", lambda w: swap_links(2, 3), _text("第 2 环与前后不符")),
    Alteration(
        "a link deleted", lambda w: run("DELETE FROM workflow_chainlink WHERE position = 2"), _text("链在第 2 环断开")
    ),
    Alteration(
        "a link to nothing",
        lambda w: ChainLink.objects.create(
            position=99_999, event_uid=uuid.uuid4(), hash="0" * 64, sealed_at=clock.now()
        ),
        _text("第 99999 环的记录"),
    ),
    Alteration("the tail cut with its head", cut_tail, lambda w: f"第 {w.sealed[-1].number} 条记录不见了"),
    Alteration("everything wiped with its heads", lambda w: wipe(), _text("操作记录的起点不见了")),
    Alteration("the clock set back", with_clock_back, _text("时间倒退"), clock=True),
    # what lies beside the log
    Alteration(
        "a note reworded",
        lambda w: EventNote.objects.filter(event=w.sealed[1]).update(text="另一个理由"),
        lambda w: f"{w.sealed[1].uid} 的说明文字被改动",
    ),
    Alteration(
        "a note deleted",
        lambda w: EventNote.objects.filter(event=w.sealed[1]).delete(),
        lambda w: f"{w.sealed[1].uid} 的说明文字被删除",
    ),
    Alteration(
        "a note made up",
        lambda w: EventNote.objects.create(
            event=Event.objects.filter(note_row=None, name="signed_in").get(), text="从未写过"
        ),
        _text("的说明文字被改动"),
    ),
    Alteration(
        "what a return asked for", lambda w: ReturnItem.objects.update(wrong="另一处"), _text("的退回内容被改动")
    ),
    Alteration("a return's item deleted", lambda w: ReturnItem.objects.all().delete(), _text("的退回内容被改动")),
    Alteration(
        "a return's item made up",
        lambda w: ReturnItem.objects.create(event=w.sealed[1], wrong="从未要求"),
        lambda w: f"{w.sealed[1].uid} 的退回内容",
    ),
    Alteration(
        "an answer reworded", lambda w: ReturnItem.objects.update(answer="没有补"), _text("项退回内容的补正说明被改动")
    ),
    # heads
    Alteration("the file of heads deleted", lambda w: heads.heads_file().unlink(), _text("链头公布文件")),
    Alteration("a published head", lambda w: forge_published_head(), _text("对外公布的第")),
    Alteration(
        "the day's head",
        lambda w: run("UPDATE workflow_loghead SET hash = %s WHERE position > 0", "0" * 64),
        _text("环链头被改动"),
    ),
    Alteration(
        "the day's head deleted",
        lambda w: run("DELETE FROM workflow_loghead WHERE position > 0"),
        _text("操作记录的链头"),
    ),
    Alteration(
        "the beginning deleted",
        lambda w: run("DELETE FROM workflow_loghead WHERE position = 0"),
        _text("第 1 环与前后不符"),
    ),
    # rows, and the log left alone
    Alteration("a state", _row("units_leave", _leave, state="approved"), lambda w: f"{_sealed(w)} 现在是"),
    Alteration(
        "a case deleted",
        lambda w: run("DELETE FROM units_leave WHERE id = %s", w.leave.pk),
        lambda w: f"{_sealed(w)} 不在了",
    ),
    Alteration(
        "a case in a state that nobody brought it to",
        lambda w: copy_of(w.leave, state="approved"),
        _text("按记录应是“草稿”"),
    ),
    Alteration(
        "the hours of an entry",
        _row("verification_ledger_ledgerentry", lambda w: w.entry.pk, amount="99.00"),
        lambda w: f"学时记录（{w.entry.pk}）不符",
    ),
    Alteration(
        "an entry deleted",
        lambda w: run("DELETE FROM verification_ledger_ledgerentry WHERE id = %s", w.entry.pk),
        lambda w: f"学时记录（{w.entry.pk}）不在了",
    ),
    Alteration(
        "hours that nobody recognised",
        lambda w: copy_of(w.entry, subject="public", created_at=w.entry.created_at - DAY),
        _text("入账时没有办理的记录"),
    ),
    Alteration(
        "a paper's hash",
        _row("papers_paper", lambda w: w.paper.pk, sha256="0" * 64),
        lambda w: f"文书（{w.paper.pk}）不符",
    ),
    Alteration(
        "a paper's number",
        _row("papers_paper", lambda w: w.paper.pk, number="洛人社培〔2026〕999号"),
        lambda w: f"文书（{w.paper.pk}）页面显示的编号",
    ),
    Alteration(
        "a paper's state",
        _row("papers_paper", lambda w: w.paper.pk, state="revoked"),
        lambda w: f"papers.paper:{w.paper.pk} 现在是",
    ),
    Alteration("a paper's file", lambda w: spoil(w.paper.file.path), lambda w: f"文书（{w.paper.pk}）"),
    Alteration(
        "a line of the seal register",
        lambda w: run("UPDATE papers_sealuse SET document = '别的文件'"),
        _text("的文件与文书不符"),
    ),
    Alteration(
        "the copies in a line", lambda w: run("UPDATE papers_sealuse SET copies = 9"), _text("的份数与文书不符")
    ),
    Alteration(
        "a line of the register deleted",
        lambda w: run("DELETE FROM papers_sealuse WHERE id = %s", SealUse.objects.order_by("-pk")[0].pk),
        _text("个登记编号，登记到第"),
    ),
    Alteration(
        "an attachment's bytes",
        lambda w: spoil(w.file.file.path),
        lambda w: f"{w.file.pk}（{_sealed(w)}）的文件打不开",
    ),
    Alteration(
        "a plain file in place of an attachment's",
        lambda w: put_in_place(w.file),
        lambda w: f"{w.file.pk}（{_sealed(w)}）的文件与登记的指纹不符",
    ),
    Alteration(
        "bytes and the digest in the row",
        lambda w: spoil_with_row(w.file),
        lambda w: f"{w.file.pk}（{_sealed(w)}）登记的指纹与添加时的不符",
    ),
    Alteration(
        "an attachment deleted",
        lambda w: run("DELETE FROM files_attachment WHERE id = %s", w.file.pk),
        lambda w: f"{w.file.pk}（{_sealed(w)}）不在了",
    ),
    Alteration("an attachment made up", lambda w: copy_of(w.file, uid=uuid.uuid4()), _text("没有添加的记录")),
    Alteration(
        "an attachment under another material",
        _row("files_attachment", lambda w: w.file.pk, material="other"),
        _text("现在归在“other”"),
    ),
    Alteration(
        "a role made up",
        lambda w: Assignment.objects.create(
            account=w.clerk, role="bureau_approver", unit=w.district.bureau, valid_from=clock.today()
        ),
        lambda w: f"（{w.clerk.username}，区人社局 审批）没有任命的记录",
    ),
    Alteration(
        "another role",
        _row("units_assignment", lambda w: w.role.pk, role="bureau_handler"),
        lambda w: f"{w.role.pk}（{w.clerk.username}，",
    ),
    Alteration(
        "a role without an end",
        _row("units_assignment", lambda w: w.role.pk, valid_to=None),
        _text("的终止日期与记录不符"),
    ),
    Alteration(
        "a role for another account",
        lambda w: run("UPDATE units_assignment SET account_id = %s WHERE id = %s", w.district.owner.pk, w.role.pk),
        lambda w: f"{w.role.pk}（{w.district.owner.username}，",
    ),
    Alteration(
        "a password",
        _row("units_account", lambda w: w.clerk.pk, password="md5$x$y"),
        lambda w: f"账号 {w.clerk.username}（{w.clerk.pk}）的密码",
    ),
    Alteration(
        "an account let in again",
        _row("units_account", lambda w: w.clerk.pk, is_active=False),
        lambda w: f"账号 {w.clerk.username}（{w.clerk.pk}）是否启用",
    ),
    Alteration("an account made up", lambda w: Account.objects.create_account("ghost", "无此人"), _text("账号 ghost")),
    # with the keys
    Alteration(
        "an event signed anew",
        lambda w: (sign(w.sealed[1], actor_id=w.district.neighbour.pk), make_chain_anew()),
        _text("与外面保存的链头不符"),
        outside=True,
    ),
    Alteration(
        "an event left out, the rest numbered anew",
        lambda w: (delete(w.sealed[0], linked=True), count_anew(w.sealed[0].writer), make_chain_anew()),
        _text("与外面保存的链头不符"),
        outside=True,
    ),
    Alteration("everything begun anew", lambda w: begin_anew(), _text("现有的链只到第 0 环"), outside=True),
)
