"""Whatever is done to a package afterwards is found, and told by the file to which it was done."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from luojiang_ce import clock
from luojiang_ce.proof import keyring, signing, statement
from tests.conftest import District
from tests.units.archive.years import Year, file_of, packed
from units.archive.bag import MANIFEST, SIGNATURE, TAG_MANIFEST, payload_of
from units.archive.checking import check
from units.archive.report import Outcome, Property, Report

pytestmark = pytest.mark.django_db
Entries = list[tuple[str, bytes]]
Change = Callable[[Entries], None]


@pytest.fixture
def made(district: District, year: Year) -> Path:
    return file_of(packed(district, checked=False))


def changed(path: Path, change: Change) -> Path:
    """The package unpacked, changed and packed again."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    change(entries)
    again = path.with_name("again.zip")
    with warnings.catch_warnings(), zipfile.ZipFile(again, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # of two files of one name
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return again


def wrong(path: Path) -> dict[str, str]:
    """What a check finds wrong, item by item."""
    report = check(path, keyring.as_jwks())
    assert report.passed is all(item.outcome != Outcome.BAD for item in report.items)
    return {item.name: "\n".join(item.where) for item in report.items if item.outcome == Outcome.BAD}


def at(entries: Entries, ending: str) -> int:
    return next(n for n, (name, _) in enumerate(entries) if fnmatch(name, f"*{ending}"))


def of(path: Path, ending: str) -> str:
    """The file to which something is done, by its path below the root."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, b"") for name in archive.namelist()]
    return entries[at(entries, ending)][0].partition("/")[2]


def flip(ending: str) -> Change:
    def change(entries: Entries) -> None:
        n = at(entries, ending)
        name, content = entries[n]
        entries[n] = name, content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]

    return change


def drop(ending: str) -> Change:
    return lambda entries: entries.__delitem__(at(entries, ending))


def add(name: str, content: bytes = b"x") -> Change:
    return lambda entries: entries.append((name, content))


def rename(ending: str, to: str) -> Change:
    def change(entries: Entries) -> None:
        n = at(entries, ending)
        name, content = entries[n]
        entries[n] = name.removesuffix(ending) + to, content

    return change


def swap(first: str, second: str) -> Change:
    """Two files in each other's place."""

    def change(entries: Entries) -> None:
        a, b = at(entries, first), at(entries, second)
        entries[a], entries[b] = (entries[a][0], entries[b][1]), (entries[b][0], entries[a][1])

    return change


ROOT = "归档包-2026-01"
A_PAPER = "/文书-*.pdf"
DONE_TO_IT: list[tuple[str, Change, str, str]] = [
    ("one byte of a paper", flip(A_PAPER), "内容未改动", f"{A_PAPER}：内容被改动"),
    ("one byte of the form", flip("表单.xml"), "内容未改动", "表单.xml：内容被改动"),
    ("one byte of the head", flip("其他/树根.txt"), "收录证明", "树根"),
    ("a line of the list", flip(f"/{MANIFEST}"), "内容未改动", f"{MANIFEST}：内容被改动"),
    ("a byte of the facts", flip("bag-info.txt"), "内容未改动", "bag-info.txt：内容被改动"),
    ("the list of lists", flip(f"/{TAG_MANIFEST}"), "封装签名", "清单被重写"),
    ("the signature", flip(f"/{SIGNATURE}"), "封装签名", "签名不对，是伪造的或被改动"),
    ("no signature", drop(f"/{SIGNATURE}"), "封装签名", "缺少，无法证明"),
    ("a file gone", drop("材料-001.pdf"), "与清单相符", "材料-001.pdf：缺少"),
    ("a file added", add(f"{ROOT}/data/电子档案/多的.pdf"), "与清单相符", "多的.pdf：清单里没有，是后加的"),
    ("a file renamed", rename("材料-001.pdf", "病历.pdf"), "与清单相符", "被改名为 data/"),
    ("a name twice", add(f"{ROOT}/data/说明文件.TXT"), "文件名唯一", "说明文件.TXT：出现 2 次"),
    ("a path that climbs", add(f"{ROOT}/data/../../etc/x"), "文件路径", "路径指向包外"),
    ("an absolute path", add("/etc/x"), "文件路径", "路径指向包外"),
    ("a path of Windows", add("C:\\x.txt"), "文件路径", "路径指向包外"),
    ("beside the package", add("别的/x.txt"), "文件路径", "不在归档包的文件夹"),
    ("a program", add(f"{ROOT}/data/看我.exe"), "可执行文件", "看我.exe"),
    ("papers in each other's place", swap("/文书-*1号-*.pdf", "/文书-*2号-*.pdf"), "收录证明", "证明的不是旁边的文书"),
    ("no metadata", drop("/元数据.xml"), "与清单相符", "元数据.xml：缺少"),
    ("no readme", drop("说明文件.TXT"), "说明和目录", "说明文件.TXT：缺少"),
]  # fmt: skip


def test_a_package_is_found_to_be_as_it_was_made(made: Path) -> None:
    assert wrong(made) == {}
    assert wrong(changed(made, lambda entries: None)) == {}  # packed by another tool it is the same


def test_whatever_is_done_to_it_is_found(made: Path) -> None:
    """One package, spoilt in every way: to make it is what takes the time."""
    paper = of(made, A_PAPER)
    for what, change, item, said in DONE_TO_IT:
        found = wrong(changed(made, change))
        assert said.replace(A_PAPER, paper) in found.get(item, ""), (what, found)


def test_a_byte_changed_in_the_file_itself_is_found(made: Path) -> None:
    content, paper = bytearray(made.read_bytes()), of(made, A_PAPER)
    place = content.index(b"%PDF-", content.index(paper.encode())) + 20
    content[place] ^= 1
    made.write_bytes(content)
    assert f"{paper}：读不出来，内容已损坏" in wrong(made)["内容未改动"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_half_a_file_is_told_as_such(made: Path, share: float) -> None:
    made.write_bytes(made.read_bytes()[: int(made.stat().st_size * share)])
    assert "没有复制、下载完整" in wrong(made)["归档包可以打开"]


def test_whoever_rewrites_list_and_signature_has_no_key_of_ours(made: Path) -> None:
    """A forger who makes all lists anew and signs them with a key of his own, which he puts into the package."""
    private, public = signing.new_key(signing.ES256)
    kid = "LJ-A-2027-01"

    def forge(entries: Entries) -> None:
        n, tags = at(entries, f"/{SIGNATURE}"), at(entries, f"/{TAG_MANIFEST}")
        payload = payload_of(hashlib.sha256(entries[tags][1]).hexdigest())
        signed = statement.sealed(payload, kid=kid, algorithm="ES256", sign=lambda part: signing.sign(private, part))
        entries[n] = entries[n][0], signed

    forged = changed(made, forge)
    assert "签名不对，是伪造的或被改动" in wrong(forged)["封装签名"]
    told = keyring.as_jwks() | {"archive_keys": [{"kid": kid, **signing.as_jwk(public)}]}
    assert check(forged, told).passed  # by his key it is right: so the keys are kept apart from the package
    assert "不在公钥文件里" in {i.name: "".join(i.where) for i in check(made, {"keys": []}).items}["封装签名"]


def test_a_key_that_was_withdrawn_is_believed_no_more(made: Path) -> None:
    keyring.withdraw("LJ-A-2027-01", reason="服务器失窃")
    assert "作废：服务器失窃" in wrong(made)["封装签名"]


def test_a_key_of_papers_signs_no_archive_and_the_other_way(made: Path) -> None:
    told = keyring.as_jwks()
    exchanged = {"keys": told["archive_keys"], "archive_keys": told["keys"]}
    assert not check(made, exchanged).passed
    assert {key["kid"] for key in told["keys"]}.isdisjoint(key["kid"] for key in told["archive_keys"])


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b'{"archive_keys": [1], "keys": 2}', b"\xff\xfe"])
def test_keys_that_are_none_are_told_as_such(made: Path, content: bytes) -> None:
    def put(entries: Entries) -> None:
        n = at(entries, "其他/公钥.json")
        entries[n] = entries[n][0], content

    report = check(changed(made, put))
    assert "封装签名" in [item.name for item in report.items if item.outcome == Outcome.BAD]


def test_what_would_fill_a_disk_is_not_unpacked(made: Path) -> None:
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(f"{ROOT}/data/大.txt", "w") as out:
        for _ in range(120):
            out.write(bytes(1_000_000))
    assert "展开后大得不合理" in wrong(made)["内容未改动"]


def test_the_report_is_laid_out_in_four_properties(made: Path) -> None:
    report = check(made)
    assert [name for name, _ in report.by_property] == ["真实性", "完整性", "可用性", "安全性"]
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report
    assert "公钥取自包内" in "\n".join(report.lines())  # whoever made both is not found by it
    assert [item.outcome for item in report.items if item.name == "病毒"] == [Outcome.OPEN]


def test_a_report_that_is_kept_is_bounded_and_says_how_many_there_are() -> None:
    report = Report("归档包.zip", clock.now())
    report.add(Property.WHOLE, "与清单相符", "", [f"{n}：缺少" for n in range(7)])
    [kept] = Report.from_json(report.as_json(3)).items
    assert kept.where == ("0：缺少", "1：缺少", "2：缺少", "其余 4 处请用 manage.py check_archive 查看")
    assert "7 处" in kept.said
    assert Report.from_json(report.as_json()) == report


class TestCommand:
    def test_it_needs_no_database(self, made: Path, tmp_path: Path) -> None:
        keys = tmp_path / "jwks.json"
        keys.write_text(json.dumps(keyring.as_jwks()))
        env = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "VAR_DIR": str(tmp_path / "var")}
        command = [sys.executable, "manage.py", "check_archive", str(made), "--keys", str(keys)]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "检测合格" in done.stdout

    def test_its_exit_code_says_what_was_found(self, made: Path, tmp_path: Path) -> None:
        said = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("check_archive", str(changed(made, flip(A_PAPER))), stdout=said)
        assert ended.value.code == 1
        assert f"{of(made, A_PAPER)}：内容被改动" in said.getvalue()
        paper = tmp_path / "文书.pdf"
        paper.write_bytes(b"%PDF-1.7\n%%EOF")
        for wrong_call in ([str(tmp_path / "none.zip")], [str(made), "--keys", str(made)], [str(paper)]):
            with pytest.raises(CommandError) as refused:
                call_command("check_archive", *wrong_call)
            assert refused.value.returncode == 2
        half = tmp_path / "half.zip"
        half.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
        said = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("check_archive", str(half), stdout=said)
        assert ended.value.code == 1
        assert re.findall("【(.+)】", said.getvalue()) == ["完整性"]


class TestBesideTheBag:
    """What lies in the file and in no list, and what would fill the memory of whoever checks."""

    def test_a_file_beside_the_payload(self, made):
        def beside(entries: Entries) -> None:
            root = entries[0][0].partition("/")[0]
            entries.append((f"{root}/更正通知.pdf", b"%PDF-1.4 forged %%EOF"))

        assert wrong(changed(made, beside)) == {"与清单相符": "更正通知.pdf：清单里没有，是后加的"}

    def test_a_folder_with_something_inside_its_entry(self, made):
        def hidden(entries: Entries) -> None:
            root = entries[0][0].partition("/")[0]
            entries.append((f"{root}/data/folder/", b"hidden"))

        assert "是文件夹，却带有内容" in wrong(changed(made, hidden))["文件路径"]

    def test_a_program_in_front_of_the_zip(self, made):
        program = made.with_name("program.zip")
        program.write_bytes(b"MZ" + bytes(4096) + made.read_bytes())
        assert wrong(program) == {"文件路径": "文件开头：ZIP 前面接了别的内容"}

    @pytest.mark.parametrize("name", ["bag-info.txt", "manifest-sha256.txt", "data/电子档案/x/元数据.xml"])
    def test_what_is_held_in_memory_may_not_grow_a_hundredfold(self, made, name):
        with zipfile.ZipFile(made) as archive:
            root = archive.namelist()[0].partition("/")[0]
        bomb = made.with_name("bomb.zip")
        bomb.write_bytes(made.read_bytes())
        with warnings.catch_warnings(), zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore", UserWarning)
            archive.writestr(f"{root}/{name}", bytes(20_000_000))
        tracemalloc.start()
        found = wrong(bomb)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "展开后大得不合理，没有读" in found["内容未改动"]
        assert held < 10_000_000

    def test_the_newest_characters_of_names_are_no_tricks(self, made):
        """Python's tables are older than these."""
        for name in ("王\U00031350", "李\U0002ebf0"):
            found = wrong(changed(made, add(f"{ROOT}/data/{name}.TXT")))
            assert found == {"与清单相符": f"data/{name}.TXT：清单里没有，是后加的"}
        assert "不能用的字符" in wrong(changed(made, add(f"{ROOT}/data/a\u202e.TXT")))["文件路径"]

    def test_names_move_no_cursor(self, made):
        def named(entries: Entries) -> None:
            root = entries[0][0].partition("/")[0]
            entries.append((f"{root}/data/\x1b[2J检测合格\u202etxt.TXT", b"a"))

        report = check(changed(made, named), keyring.as_jwks())
        assert not {"\x1b", "\u202e"} & set("\n".join(report.lines()))
        assert "data/\\u001b[2J检测合格\\u202etxt.TXT：清单里没有" in "\n".join(report.lines())
