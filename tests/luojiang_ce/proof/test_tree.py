"""The tree over papers and ledger: sealed once, proved in a few queries, and whatever was done to it is found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import merkle, notes, tree, tree_check
from luojiang_ce.proof.keyring import verifiers
from luojiang_ce.proof.models import Leaf, Node, TreeHead, note_of
from luojiang_ce.proof.tasks import publish_head, seal_leaves
from luojiang_ce.workflow.models import Event
from luojiang_ce.workflow.triggers import protect, release
from tests.conftest import District, in_parallel
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.papers import Held, publish
from tests.luojiang_ce.workflow.test_chain import Editor
from tests.queries import statements
from tests.verification.ledger.entries import a_source, hours, posted
from verification.ledger.leaves import SOURCE, entry_leaf
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db
MANY = 10_000
TABLES = ("proof_leaf", "proof_node", "proof_treehead", "proof_cosignature", "verification_ledger_ledgerentry")


def tamper(sql: str, *params: object) -> None:
    """What somebody with the database password could do: drop the triggers, change, put them back."""
    release(Editor(), TABLES)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    protect(Editor(), TABLES)


def found() -> str:
    return "\n".join(tree_check.check().problems)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"facts": [["姓名", "温*故"], ["学时", "240"]]}, "页面显示的单位、年度、学时、结论与签名声明不一致"),
        ({"number": "洛人社验〔2026〕00099号"}, "页面显示的编号与签名声明不一致"),
        ({"dated": date(2020, 1, 2)}, "页面显示的日期与签名声明不一致"),
    ],
)
def test_what_a_page_shows_otherwise_than_was_signed_is_found(
    papers: list[Paper], change: dict[str, Any], said: str
) -> None:
    seal_leaves()
    assert found() == ""
    Paper.objects.filter(pk=papers[0].pk).update(**change)
    assert found() == f"第 0 片叶子所指的文书（{papers[0].pk}）{said}：被改动"


@pytest.mark.parametrize("change", ["a fact that no claim says", "the title"])
def test_what_no_statement_says_is_held_against_the_event_of_its_issue(papers: list[Paper], change: str) -> None:
    seal_leaves()
    facts = [*papers[0].facts, ["用途", "晋升"]]
    shown: dict[str, Any] = {"title": "证书"} if change == "the title" else {"facts": facts}
    Paper.objects.filter(pk=papers[0].pk).update(**shown)
    said = "页面显示的标题或公开内容与签发时的指纹不一致：被改动"
    assert found() == f"第 0 片叶子所指的文书（{papers[0].pk}）{said}"


def test_of_papers_from_before_the_fingerprint_nothing_is_asked(papers: list[Paper]) -> None:
    release(Editor(), ("workflow_event",))
    Event.objects.filter(name="issue").update(data={})
    protect(Editor(), ("workflow_event",))
    seal_leaves()
    assert found() == ""


def test_another_reason_than_was_given_for_a_revocation_is_found(papers: list[Paper], district: District) -> None:
    revoke_papers(papers[:1], actor=district.approver, reason="课程表被更正")
    seal_leaves()
    assert found() == ""
    Paper.objects.filter(pk=papers[0].pk).update(revoke_reason="本人申请")
    assert "页面显示的撤销原因与撤销时写的不一致：被改动" in found()


def test_a_stored_file_that_was_changed_or_is_gone_is_found(papers: list[Paper]) -> None:
    seal_leaves()
    changed, gone = (Path(paper.file.path) for paper in papers)
    sealed = changed.read_bytes()
    changed.write_bytes(b"%PDF-1.7 invented")  # plain, as files were stored before they were sealed
    gone.unlink()
    assert [line.partition(".pdf ")[2] for line in found().split("\n")] == [
        "与登记的指纹不符：被改动",
        "不在了，请从备份恢复",
    ]
    changed.write_bytes(sealed[:-1])
    assert "打不开：密文被改动、截断，或换成了别的文件" in found()


def test_a_long_text_that_a_statement_cut_is_no_change(papers: list[Paper], district: District) -> None:
    type(district.unit).objects.filter(pk=district.unit.pk).update(name="泉州市洛江区" + "青麓农业" * 8 + "中心")
    issued_page(district, person_in(district.unit, "王小明"))
    seal_leaves()
    assert found() == ""


@pytest.fixture
def ledger(district: District) -> list[LedgerEntry]:
    person = person_in(district.unit, "温知故")
    return [posted(a_source(), district.handler, hours(person, f"{n}.5", title=f"第{n}期"))[0] for n in range(1, 8)]


def test_papers_revocations_and_entries_are_sealed_once(
    papers: list[Paper], ledger: list[LedgerEntry], district: District
) -> None:
    assert seal_leaves() == 9
    revoke_papers([papers[0]], actor=district.approver, reason="填错")
    assert seal_leaves() == 1
    assert seal_leaves() == 0
    kinds = list(Leaf.objects.values_list("source", flat=True))
    assert sorted(set(kinds)) == [SOURCE, ISSUED, "revocation"]
    assert kinds[-1] == "revocation"
    assert found() == ""


def test_a_limit_leaves_the_rest_for_the_next_run(ledger: list[LedgerEntry]) -> None:
    assert [tree.seal(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert found() == ""


def test_there_is_a_head_a_day_and_each_grows_out_of_the_last(ledger: list[LedgerEntry], district: District) -> None:
    publish()
    assert publish_head() == str(TreeHead.objects.get())  # twice on one day: the same
    posted(a_source(), district.handler, hours(person_in(district.unit, "林䶮")))
    publish()
    first, second = TreeHead.objects.order_by("day")
    assert (first.size, second.size) == (7, 8)
    proof = tree.consistency_between(7, 8)
    assert merkle.is_consistent(7, bytes(first.root), 8, bytes(second.root), proof)
    assert all(note_of(second).is_signed_by(each) for each in verifiers())
    lines = tree.heads_file().read_text().splitlines()
    assert lines == [tree.line_of(first), tree.line_of(second)]
    for old, new in ((7, 9), (3, 8), (8, 7)):
        with pytest.raises(tree.NotOurHead):
            tree.consistency_between(old, new)


def test_an_inclusion_holds_and_leads_to_the_head(papers: list[Paper], mine: Held) -> None:
    proof = notes.read_inclusion(mine.proof)
    assert proof.holds
    assert proof.head.size == 2
    assert not notes.Inclusion(proof.leaf + b"x", proof.index, proof.hashes, proof.note).holds
    assert not notes.Inclusion(proof.leaf, 1, proof.hashes, proof.note).holds


def test_an_empty_tree_has_a_head() -> None:
    publish()
    assert bytes(TreeHead.objects.get().root) == merkle.EMPTY
    assert found() == ""


@pytest.mark.thorough
def test_ten_thousand_are_proved_against_the_head_each_in_a_few_queries(district: District) -> None:
    person, source = person_in(district.unit, "温知故"), a_source()
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                person=person, year=2026, measure="hours", subject="professional", form="class", title="班",
                amount=Decimal(1), source_type="t", source_id=number,
            )
            for number in range(MANY)
        ),
        batch_size=1000,
    )  # fmt: skip
    assert source
    publish()
    head = tree.latest()
    assert head is not None
    assert head.size == MANY
    rows = list(LedgerEntry.objects.order_by("pk"))
    with statements() as few:
        assert tree.inclusion_of(SOURCE, rows[-1])
    assert len(few) <= 6
    known = dict(merkle.appended(0, [], (bytes(leaf.hash) for leaf in Leaf.objects.all())))
    known |= {(0, leaf.position): bytes(leaf.hash) for leaf in Leaf.objects.all()}
    for index, row in enumerate(rows):
        leaf = entry_leaf(row)
        proof = merkle.hashed(merkle.inclusion(index, MANY), known)
        assert merkle.root_by_inclusion(merkle.leaf_hash(leaf), index, MANY, proof) == bytes(head.root)
    for row in rows[:: MANY // 50]:
        stored = tree.inclusion_of(SOURCE, row)
        assert stored is not None
        assert stored.holds


class TestWhatWasDoneToIt:
    @pytest.fixture(autouse=True)
    def _published(self, ledger: list[LedgerEntry]) -> None:
        publish()

    def test_tables_refuse_changes(self) -> None:
        for row in (Leaf.objects.get(position=0), Node.objects.get(place=1), TreeHead.objects.get()):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                row.delete()
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                row.save()

    def test_an_altered_entry(self) -> None:
        tamper("UPDATE verification_ledger_ledgerentry SET amount = 99 WHERE title = %s", "第3期")
        assert "第 2 片叶子与所指的学时记录" in found()

    def test_a_removed_entry(self) -> None:
        tamper("DELETE FROM verification_ledger_ledgerentry WHERE title = %s", "第3期")
        assert "不在了：被删除" in found()

    def test_an_altered_leaf(self) -> None:
        tamper("UPDATE proof_leaf SET hash = %s WHERE position = 2", b"x" * 32)
        told = found()
        assert "第 2 片叶子与所指的学时记录" in told
        assert "与下面的叶子不符" in told

    def test_a_removed_leaf(self) -> None:
        tamper("DELETE FROM proof_leaf WHERE position = 2")
        assert "缺第 2 至 2 片叶子" in found()

    def test_the_last_leaf_removed(self) -> None:
        tamper("DELETE FROM proof_leaf WHERE position = 6")
        assert "与现有的树不一致" in found()

    def test_an_altered_node(self) -> None:
        tamper("UPDATE proof_node SET hash = %s WHERE place = 1", b"x" * 32)
        assert "第 1 层第 0 个节点与下面的叶子不符" in found()

    def test_an_altered_head(self) -> None:
        tamper("UPDATE proof_treehead SET size = 6")
        assert "与当日公布的内容不符" in found()

    def test_a_tree_made_anew_is_a_fork_of_what_was_published(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept.txt"
        kept.write_text(str(note_of(TreeHead.objects.get())))
        assert tree_check.check_against(kept.read_text()) == []
        for table in ("proof_leaf", "proof_node", "proof_treehead"):
            tamper(f"DELETE FROM {table}")
        tamper("UPDATE verification_ledger_ledgerentry SET amount = 99 WHERE title = %s", "第3期")
        publish()
        assert "不在数据库里：树被换过（分叉）" in found()
        assert "分叉" in tree_check.check_against(kept.read_text())[0]
        with pytest.raises(SystemExit):
            call_command("check_tree", against=[kept])

    def test_a_head_of_somebody_else_is_none_of_ours(self) -> None:
        text = str(note_of(TreeHead.objects.get()))
        assert "不是本系统签发的" in tree_check.check_against(text.replace("\n7\n", "\n6\n"))[0]
        assert "读不出来" in tree_check.check_against("温知故")[0]

    def test_the_command_says_that_all_is_well(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("check_tree")
        assert "未发现改动" in capsys.readouterr().out


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_row_once(district: District) -> None:
    person = person_in(district.unit, "温知故")
    for number in range(1, 30):
        posted(a_source(), district.handler, hours(person, title=f"第{number}期"))
    assert sum(in_parallel([tree.seal] * 4)) == 29
    assert list(Leaf.objects.values_list("position", flat=True)) == list(range(29))
    assert tree_check.check().problems == []
