"""A package against its own lists, signature and proofs, without the database: whoever has the file can do it. Pure.

Everything that is wrong is told at once, each with the file that it is about. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import cbor2
from lxml import etree

from luojiang_ce import clock
from luojiang_ce.proof.keyring import ARCHIVE_KEYS
from luojiang_ce.proof.notes import BadNote, read_inclusion, read_note
from luojiang_ce.proof.statement import Unreadable, opened
from luojiang_ce.proof.verdict import Key, Trust, read_keys
from luojiang_ce.sheets.characters import NEW_HAN
from luojiang_ce.zips import BROKEN, TooManyEntries
from luojiang_ce.zips import opened as opened_zip

from .bag import DECLARATION, MANIFEST, PAYLOAD, SIGNATURE, TAG_MANIFEST, parts_of, payload_of
from .report import Property, Report

INCOMPLETE = "Package-Complete"  # what bag-info.txt says of a package that lacks something: no
PROOF_ENDING, PAPER_ENDING = ".收录证明.txt", ".pdf"
HEAD, KEYS = f"{PAYLOAD}/其他/树根.txt", f"{PAYLOAD}/其他/公钥.json"
HEADS = (HEAD, f"{PAYLOAD}/其他/树根-最新.txt")  # the second for papers that are younger than the first
METADATA, CATALOGUE, README = "元数据.xml", f"{PAYLOAD}/文件目录.XML", f"{PAYLOAD}/说明文件.TXT"
RECORDS = f"{PAYLOAD}/电子档案/"
MATERIAL, PAPER = "材料-", "文书-"  # so begin the names of files that were uploaded, and of papers
OPENS = "归档包可以打开"
_DIRECTORY_BYTES = 100_000_000  # of the ZIP: some 600,000 files
_MOST_UNPACKED = 1000  # times its size in the ZIP: a file that grows more was made to fill disks
_MODEST = 100_000_000  # bytes, which are read in any case
# The same of what is held in memory to be understood: sums hardly shrink in a ZIP, XML to a thirtieth.
_MOST_HELD, _LITTLE = 50, 2_000_000
_TAGS = ("bagit.txt", "bag-info.txt", MANIFEST, TAG_MANIFEST, SIGNATURE)
_LINE = re.compile(r"([0-9a-fA-F]{64})\s+\*?(.+)")
_PROGRAMS = {".exe", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jar", ".msi", ".scr", ".dll", ".lnk"}
_TEXTS = {".xml", ".XML"}

UNPROVEN = "原因写在包内的“说明文件.TXT”里；真伪请按文书上的核验码向本局核对"
Progress = Callable[[int, int], None]


def nobody_watches(done: int, total: int) -> None:
    """Where no progress is shown."""


@dataclass(frozen=True)
class _Proof:
    """What a proof of inclusion shows: what is wrong with itself, of which file it is, the sum of its head."""

    wrong: tuple[str, ...]
    of_file: str = ""
    head: str = ""


@dataclass
class _Read:
    """What reading found, by the path below the root: sums, files that cannot be read, and what is looked into."""

    sums: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    documents: dict[str, list[list[str]]] = field(default_factory=dict)
    proofs: dict[str, _Proof] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def check(path: Path, keys: Mapping[str, Any] | None = None, progress: Progress = nobody_watches) -> Report:
    """Look at everything. `keys`: the published file of keys (jwks.json), kept apart from the package; without it the
    keys in the package are taken, which shows no forger who made both."""
    report = Report(path.name, clock.local(clock.now()))
    with path.open("rb") as stream:
        try:
            archive = opened_zip(stream, _DIRECTORY_BYTES)
        except TooManyEntries:
            report.add(Property.SAFE, "目录长度", "", ["目录过长，不是本系统的归档包"])
            return report
        except BROKEN as wrong:
            told = "打不开：不是 ZIP 文件，或没有复制、下载完整（结尾的目录读不出来）；请重新取得一份"
            report.add(Property.WHOLE, OPENS, "", [f"{path.name}：{told}（{type(wrong).__name__}）"])
            return report
        with archive:
            _check_open(report, archive, keys, progress)
    return report


def _check_open(report: Report, archive: zipfile.ZipFile, keys: Mapping[str, Any] | None, progress: Progress) -> None:
    entries = [each for each in archive.infolist() if not each.is_dir()]
    root = _root_of(entries)
    if not root:  # of half a package a reader may take the workbook in it for the whole
        report.add(Property.WHOLE, OPENS, "", [f"{report.of}：没有 bagit.txt，不是归档包，或没有复制、下载完整"])
        return
    tricks = [*_hidden(archive.infolist()), *_tricks(entries, root)]
    names = Counter(each.filename for each in entries)
    twice = [f"{name}：出现 {n} 次" for name, n in names.items() if n > 1]
    report.add(Property.SAFE, "文件路径", "没有指向包外的路径、链接和加密的文件", tricks)
    report.add(Property.WHOLE, "文件名唯一", "没有同名文件", twice)
    found = _read_all(archive, entries, root, progress)
    listed = _check_lists(report, found)
    _check_signature(report, found, keys)
    _check_proofs(report, found, _trust(found, keys))
    _check_usable(report, found, listed)
    programs = [each for each in found.sums if PurePosixPath(each).suffix.lower() in _PROGRAMS]
    report.add(Property.SAFE, "可执行文件", "没有程序和脚本文件", programs)
    report.leave_open(Property.SAFE, "病毒", "这里不查病毒；移交或导入前请用杀毒软件检查整个文件")


# --- reading ----------------------------------------------------------------------------------------------------------


def _root_of(entries: list[zipfile.ZipInfo]) -> str:
    """The folder in which the bag lies: that of its declaration."""
    return next((e.filename.removesuffix("bagit.txt") for e in entries if e.filename.count("/") == 1
                 and e.filename.endswith("/bagit.txt")), "")  # fmt: skip


def _hidden(entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    """What no unpacker shows: something in front of the ZIP (a program, say), something inside a folder's entry."""
    if entries and all(each.header_offset for each in entries):
        yield "文件开头：ZIP 前面接了别的内容"
    yield from (f"{each.filename}：是文件夹，却带有内容" for each in entries if each.is_dir() and each.file_size)


def _tricks(entries: list[zipfile.ZipInfo], root: str) -> Iterator[str]:
    for entry in entries:
        name, parts = entry.orig_filename, entry.orig_filename.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not _is_shown(name):
            yield f"{name!r}：路径指向包外，或含有不能用的字符"
        elif not name.startswith(root):
            yield f"{name}：不在归档包的文件夹“{root.rstrip('/')}”里"
        elif stat.S_ISLNK(entry.external_attr >> 16):
            yield f"{name}：是链接，不是文件"
        elif entry.flag_bits & 1:
            yield f"{name}：已加密，读不出来"


def _is_shown(name: str) -> bool:
    """Does no character of it move a cursor, hide or turn the others? Names of persons may have the newest ones."""
    return all(each.isprintable() or ord(each) in NEW_HAN for each in name)


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], root: str, progress: Progress) -> _Read:
    found = _Read()
    for done, entry in enumerate(entries):
        if done % 500 == 0:
            progress(done, len(entries))
        name = entry.filename.removeprefix(root)
        if entry.file_size > _most_of(entry, name):
            found.unreadable[name] = "展开后大得不合理，没有读"
            continue
        try:
            _read_one(archive, entry, name, found)
        except BROKEN as wrong:
            found.unreadable[name] = f"读不出来，内容已损坏（{type(wrong).__name__}）"
    return found


def _most_of(entry: zipfile.ZipInfo, name: str) -> int:
    """How many bytes of an entry are read at most."""
    if _is_kept(name) or _is_parsed(name):
        return max(_LITTLE, entry.compress_size * _MOST_HELD)
    return max(_MODEST, entry.compress_size * _MOST_UNPACKED)


def _is_kept(name: str) -> bool:
    return name in (*_TAGS, *HEADS, KEYS, CATALOGUE)


def _is_parsed(name: str) -> bool:
    return PurePosixPath(name).suffix in _TEXTS or name.endswith(PROOF_ENDING)


def _read_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, found: _Read) -> None:
    digest, kept, ending = hashlib.sha256(), bytearray(), PurePosixPath(name).suffix
    is_held = _is_kept(name) or _is_parsed(name)
    first = last = b""
    with archive.open(entry) as stream:
        for part in parts_of(stream):
            digest.update(part)
            first, last = first or part[:8], (last + part)[-2048:]
            if is_held:
                kept += part
    found.sums[name] = digest.hexdigest()
    if _is_kept(name):
        found.kept[name] = bytes(kept)
    if ending in _TEXTS and (wrong := _xml_problem(bytes(kept))):
        found.broken[name] = wrong
    elif name.endswith(METADATA):
        found.documents[name] = _documents_of(bytes(kept))
    if name.endswith(PROOF_ENDING):
        found.proofs[name] = _proof_of(bytes(kept))
    if ending == PAPER_ENDING and not (first.startswith(b"%PDF-") and b"%%EOF" in last):
        found.broken[name] = "不是完整的 PDF"


def _parsed(content: bytes) -> Any:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _xml_problem(content: bytes) -> str:
    try:
        _parsed(content)
    except (etree.XMLSyntaxError, ValueError):
        return "XML 读不出来"
    return ""


def _documents_of(content: bytes) -> list[list[str]]:
    """Of the metadata of a case what is held against the files: their names and sums."""
    return [[each.findtext("计算机文件名", ""), each.get("sha256", "")] for each in _parsed(content).iter("电子属性")]


def _proof_of(content: bytes) -> _Proof:
    try:
        proof = read_inclusion(content.decode("utf-8", "replace"))
        kind, _, _, of_file = cbor2.loads(proof.leaf)
        wrong = () if proof.holds else ("推不出树根，是伪造的或被改动",)
        head = hashlib.sha256(str(proof.note).encode()).hexdigest()
        return _Proof(wrong, of_file.hex() if kind == "paper" else "", head)
    except (BadNote, ValueError, TypeError, AttributeError, RecursionError, cbor2.CBORError):
        return _Proof(("读不出来",))


# --- judging ----------------------------------------------------------------------------------------------------------


def _lines_of(content: bytes) -> tuple[dict[str, str], list[str]]:
    """A list of sums by path, and the lines of it that cannot be read."""
    listed, wrong = {}, []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in listed:
            wrong.append(f"第 {number} 行读不出来，或与前面的重复")
        else:
            listed[found[2]] = found[1].lower()
    return listed, wrong


def _check_lists(report: Report, found: _Read) -> dict[str, str]:
    """The files against the lists of sums; returns what is listed below data/."""
    listed, wrong = _lines_of(found.kept.get(MANIFEST, b""))
    tags, wrong_tags = _lines_of(found.kept.get(TAG_MANIFEST, b""))
    needed = [name for name in _TAGS[:-1] if name not in found.sums]
    declared = found.kept.get("bagit.txt", b"").decode("utf-8", "replace").replace("\r\n", "\n") == DECLARATION
    faults = [f"缺少 {name}" for name in needed] + [f"{MANIFEST} {each}" for each in wrong]
    faults += [f"{TAG_MANIFEST} {each}" for each in wrong_tags] + ([] if declared else ["bagit.txt 不是本系统所写的"])
    report.add(Property.WHOLE, "清单文件", "清单、说明齐全，都读得出来", faults)
    # Beside the payload lies what makes it a bag and nothing else: no list would say that something was put in.
    there, known = {*found.sums, *found.unreadable}, {*listed, *tags, TAG_MANIFEST, SIGNATURE}
    missing, added = {*listed, *(set(tags) - set(_TAGS))} - there, there - known
    renamed = _renamed(missing & set(listed), added, listed, found.sums)
    report.add(
        Property.WHOLE, "与清单相符", f"清单所列 {len(listed)} 个文件都在，没有多出的文件",
        [*(f"{old}：被改名为 {new}" for old, new in renamed.items()),
         *(f"{name}：缺少" for name in sorted(missing - set(renamed))),
         *(f"{name}：清单里没有，是后加的" for name in sorted(added - set(renamed.values())))],
    )  # fmt: skip
    altered = [name for name, told in {**listed, **tags}.items() if found.sums.get(name, told) != told]
    report.add(
        Property.AUTHENTIC, "内容未改动", f"{len(listed)} 个文件的 SHA-256 与清单一致",
        [*(f"{name}：内容被改动，与清单的 SHA-256 不符" for name in altered),
         *(f"{name}：{told}" for name, told in found.unreadable.items())],
    )  # fmt: skip
    _check_counts(report, found, listed)
    return listed


def _renamed(missing: set[str], added: set[str], listed: Mapping[str, str], sums: Mapping[str, str]) -> dict[str, str]:
    """Files that are there under another name, by what they were called; contents that several share say nothing."""
    by_sum: dict[str, list[str]] = defaultdict(list)
    for name in added:
        by_sum[sums.get(name, "")].append(name)
    gone = Counter(listed[name] for name in missing)
    return {n: by_sum[listed[n]][0] for n in sorted(missing) if gone[listed[n]] == len(by_sum[listed[n]]) == 1}


def _check_counts(report: Report, found: _Read, listed: Mapping[str, str]) -> None:
    info = dict(
        line.split(": ", 1) for line in found.kept.get("bag-info.txt", b"").decode("utf-8", "replace").splitlines()
        if ": " in line
    )  # fmt: skip
    said = info.get("Payload-Oxum", "").partition(".")[2]
    wrong = (
        []
        if said == str(len(listed))
        else [f"bag-info.txt 写明 {said or '（未写）'} 个文件，清单列了 {len(listed)} 个"]
    )
    if info.get(INCOMPLETE) == "no":
        wrong.append("封装时已有材料缺失或与登记不符，包内“说明文件.TXT”逐件列出；补齐后请重新生成")
    report.add(Property.WHOLE, "件数相符", f"清单与封装时登记的文件数一致（{len(listed)} 个）", wrong)


def _check_signature(report: Report, found: _Read, keys: Mapping[str, Any] | None) -> None:
    name, content = "封装签名", found.kept.get(SIGNATURE)
    if content is None:
        report.add(Property.AUTHENTIC, name, "", [f"{SIGNATURE}：缺少，无法证明清单没有被重写"])
        return
    try:
        message = opened(content)
        signed = cbor2.loads(message.payload) == cbor2.loads(payload_of(found.sums.get(TAG_MANIFEST, "")))
        told = keys if keys is not None else _own_keys(found)
        known = read_keys({"keys": told.get(ARCHIVE_KEYS, [])})
    except (Unreadable, *_BAD_KEYS):
        report.add(Property.AUTHENTIC, name, "", [f"{SIGNATURE} 或公钥文件读不出来"])
        return
    report.add(
        Property.AUTHENTIC, name, _signed_by(message.kid, keys is not None),
        _signature_problems(known.get(message.kid), message, signed),
    )  # fmt: skip


_BAD_KEYS = (ValueError, KeyError, TypeError, AttributeError, RecursionError, cbor2.CBORError)


def _signature_problems(key: Key | None, message: Any, signed: bool) -> list[str]:
    if key is None:
        return [f"签名所用的密钥 {message.kid} 不在公钥文件里：不是本局封装的，或公钥文件是旧的"]
    if key.withdrawn:
        return [f"密钥 {key.kid} 已于 {key.withdrawn} 作废：{key.reason}"]
    if key.algorithm != message.algorithm or not message.is_by(key.verify):
        return [f"{SIGNATURE}：签名不对，是伪造的或被改动"]
    return [] if signed else [f"{TAG_MANIFEST}：与签名所签的不是同一份，清单被重写"]


def _signed_by(kid: str, apart: bool) -> str:
    if apart:
        return f"清单由密钥 {kid} 签名，与另行保存的公钥相符"
    alone = "公钥取自包内，只能说明封装后没有改动；要证明是本局封装的，请用 --keys 指定另行保存的公钥文件"
    return f"清单由密钥 {kid} 签名。{alone}"


def _own_keys(found: _Read) -> Any:
    return json.loads(found.kept.get(KEYS, b"{}"))


def _trust(found: _Read, keys: Mapping[str, Any] | None) -> Trust | None:
    try:
        return Trust(read_keys(keys if keys is not None else _own_keys(found)), None, clock.today())
    except _BAD_KEYS:
        return None


def _check_proofs(report: Report, found: _Read, trust: Trust | None) -> None:
    """Every proof leads to a head of the package, signed by the log, and is of the paper beside it. Papers without one
    are told: of them the package alone does not show that they are in the tree."""
    report.tell(Property.AUTHENTIC, "没有收录证明的文书", UNPROVEN, _without_proof(found))
    if not found.proofs:
        report.leave_open(Property.AUTHENTIC, "收录证明", "包内没有带收录证明的文书")
        return
    heads = [name for name in HEADS if name == HEAD or name in found.kept]
    wrong = [told for name in heads for told in _head_problems(name, found, trust)]
    sums = {found.sums.get(name) for name in heads}
    for name, proof in sorted(found.proofs.items()):
        wrong += [f"{name}：{told}" for told in _proof_problems(name, proof, found.sums, sums)]
    good = f"{len(found.proofs)} 份文书都收录在包内的树根里，树根的签名有效"
    report.add(Property.AUTHENTIC, "收录证明", good, wrong)


def _without_proof(found: _Read) -> list[str]:
    papers = (each for each in found.sums if each.startswith(RECORDS) and each.endswith(PAPER_ENDING))
    issued = (each for each in papers if PurePosixPath(each).name.startswith(PAPER))
    return sorted(each for each in issued if each.removesuffix(PAPER_ENDING) + PROOF_ENDING not in found.proofs)


def _head_problems(name: str, found: _Read, trust: Trust | None) -> Iterator[str]:
    try:
        note = read_note(found.kept.get(name, b"").decode("utf-8", "replace"))
    except BadNote:
        yield f"{name}：树根读不出来"
        return
    if trust is None or not any(note.is_signed_by(each) for each in trust.verifiers()):
        yield f"{name}：树根的签名不是公钥文件里的密钥所签"


def _proof_problems(name: str, proof: _Proof, sums: Mapping[str, str], heads: Set[str | None]) -> Iterator[str]:
    yield from proof.wrong
    if not proof.wrong and proof.head not in heads:
        yield "所对的树根不是包内的树根"
    if not proof.wrong and proof.of_file != sums.get(name.removesuffix(PROOF_ENDING) + PAPER_ENDING):
        yield "证明的不是旁边的文书"


def _check_usable(report: Report, found: _Read, listed: Mapping[str, str]) -> None:
    report.add(
        Property.USABLE, "文件可以打开", "XML 和 PDF 都可以打开",
        [f"{name}：{told}" for name, told in sorted(found.broken.items()) if not _is_material(name)],
    )  # fmt: skip
    report.tell(
        Property.USABLE, "材料可以打开", "申报时上传的就是这样，内容没有改动",
        [f"{name}：{told}" for name, told in sorted(found.broken.items()) if _is_material(name)],
    )  # fmt: skip
    needed = [f"{name.removeprefix(PAYLOAD + '/')}：缺少" for name in (README, CATALOGUE) if name not in found.sums]
    report.add(Property.USABLE, "说明和目录", "有说明文件和文件目录，离开本系统也能查阅", needed)
    folders = {_folder(name) for name in listed if name.startswith(RECORDS)}
    bare = [f"{folder}：没有{METADATA}" for folder in sorted(folders) if f"{folder}/{METADATA}" not in listed]
    catalogued = _catalogued(found.kept.get(CATALOGUE, b""))
    bare += [f"{name}：文件目录里有，包里没有" for name in sorted(catalogued - folders)]
    bare += [f"{name}：包里有，文件目录里没有" for name in sorted(folders - catalogued)]
    report.add(Property.WHOLE, "每件有元数据和目录条目", f"{len(folders)} 件都有", bare)
    wrong = [told for folder in sorted(folders) for told in _metadata_problems(folder, found, listed)]
    report.add(Property.AUTHENTIC, "元数据与文件一致", "元数据所记的文件都在，名称和 SHA-256 一致", wrong)


def _is_material(name: str) -> bool:
    """Was it uploaded by somebody? What was wrong with it then is so still."""
    return PurePosixPath(name).name.startswith(MATERIAL)


def _folder(name: str) -> str:
    return str(PurePosixPath(name).parent)


def _catalogued(content: bytes) -> set[str]:
    try:
        return {f"{PAYLOAD}/{each.findtext('电子档案名称')}" for each in _parsed(content).iter("文件")}
    except (etree.XMLSyntaxError, ValueError):
        return set()


def _metadata_problems(folder: str, found: _Read, listed: Mapping[str, str]) -> Iterator[str]:
    for name, sha256 in found.documents.get(f"{folder}/{METADATA}", ()):
        path = f"{folder}/{name}"
        if path not in listed:
            yield f"{path}：元数据里有，包里没有"
        elif listed[path] != sha256:
            yield f"{path}：与元数据所记的 SHA-256 不符"
