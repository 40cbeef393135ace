"""The verdict on whatever is shown, by the command as anybody runs it: here, and on another machine with the files."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import base41, keyring, signing
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.proof.revocations import read_list, signed_list
from luojiang_ce.proof.statement import Unreadable, in_text, opened, read
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.papers import Held, held
from units.models import Person

pytestmark = pytest.mark.django_db
Said = pytest.CaptureFixture[str]
CODE, FILE = GOOD = ("二维码是真的", "文件是真的")


@pytest.fixture
def folder(tmp_path: Path, mine: Held) -> Path:
    """What a holder and another machine have: the file, its proof, keys and list as published."""
    (tmp_path / "paper.pdf").write_bytes(mine.file)
    (tmp_path / "proof.txt").write_text(mine.proof)
    (tmp_path / "jwks.json").write_text(json.dumps(keyring.as_jwks()))
    (tmp_path / "list").write_bytes(signed_list())
    return tmp_path


@pytest.fixture
def verify(capsys: Said) -> Any:
    """Run the command: the first word that it says, and all of it."""

    def run(what: Any, **options: Any) -> tuple[str, str]:
        capsys.readouterr()
        try:
            call_command("verify_paper", str(what), **options)
            ended = 0
        except SystemExit as end:
            ended = int(str(end.code))
        said = capsys.readouterr().out
        word = said.partition("：")[0]
        assert (ended == 0) is (word in GOOD)
        return word, said

    return run


def test_a_code_is_genuine(verify: Any, mine: Held) -> None:
    word, said = verify(mine.text)
    assert word == CODE
    assert "温*故" in said
    assert "不在撤销清单上" in said


def test_a_file_with_its_proof_is_genuine(verify: Any, folder: Path) -> None:
    word, said = verify(folder / "paper.pdf", proof=folder / "proof.txt")
    assert word == FILE
    assert "文件没有改过" in said
    assert "收录证明有效" in said


@pytest.mark.parametrize("at", [0, 0.3, 0.999])
def test_a_changed_byte_of_the_file_is_found(verify: Any, folder: Path, mine: Held, at: float) -> None:
    place = int(len(mine.file) * at)
    changed = mine.file[:place] + bytes([mine.file[place] ^ 1]) + mine.file[place + 1 :]
    (folder / "paper.pdf").write_bytes(changed)
    assert verify(folder / "paper.pdf", proof=folder / "proof.txt")[0] == "是假的"


def test_a_file_alone_is_not_compared(verify: Any, folder: Path) -> None:
    word, said = verify(folder / "paper.pdf", keys=folder / "jwks.json", revocations=folder / "list")
    assert word == "不能确定"
    assert "文件没有比对" in said


def test_this_system_has_the_proof_itself(verify: Any, folder: Path) -> None:
    word, said = verify(folder / "paper.pdf")
    assert word == FILE
    assert "签发机关有这份文书，现在有效" in said


def test_a_broken_statement_in_the_file_is_found(verify: Any, folder: Path, mine: Held) -> None:
    told = mine.text.partition("#")[2].encode()
    (folder / "paper.pdf").write_bytes(mine.file.replace(told, told[:50] + b"!" + told[51:]))
    assert "文件里的签名声明残缺" in verify(folder / "paper.pdf")[1]


def test_other_hours_are_found(verify: Any, mine: Held) -> None:
    word, said = verify(base41.encode(in_text(mine.text).replace(b"94.5", b"99.5")))
    assert word == "是假的"
    assert "内容被改过，或是伪造的" in said


def test_a_code_of_another_paper_pasted_on_is_found(verify: Any, mine: Held, papers: list[Paper]) -> None:
    assert verify(mine.text, typed=papers[1].number)[0] == "与纸面对不上"
    assert verify(mine.text, typed=papers[1].code)[0] == "与纸面对不上"
    for typed in (papers[0].number, papers[0].code.lower(), "洛人社验[2026]00001号", " 洛人社验（2026）00001号 "):
        assert verify(mine.text, typed=typed.replace("2026", str(papers[0].year)))[0] == CODE


def test_the_proof_of_another_paper_proves_nothing(verify: Any, folder: Path, papers: list[Paper]) -> None:
    (folder / "proof.txt").write_text(held(papers[1]).proof)
    kept = {"keys": folder / "jwks.json", "revocations": folder / "list"}
    word, said = verify(folder / "paper.pdf", proof=folder / "proof.txt", **kept)
    assert word == "不能确定"
    assert "选的收录证明是另一份文书的" in said
    assert verify(folder / "paper.pdf", proof=folder / "proof.txt")[0] == FILE  # here it has its own


def test_a_proof_with_other_hashes_is_found(verify: Any, folder: Path, mine: Held) -> None:
    lines = mine.proof.split("\n")
    lines[3] = lines[1].removeprefix("extra ")[:43] + "="
    (folder / "proof.txt").write_text("\n".join(lines))
    word, said = verify(mine.text, proof=folder / "proof.txt")
    assert word == "不能确定"
    assert "收录证明不符" in said


def test_a_revoked_paper_is_told_by_the_new_list_and_not_by_the_old(
    verify: Any, folder: Path, mine: Held, papers: list[Paper], district: District
) -> None:
    revoke_papers([papers[0]], actor=district.approver, reason="填错")
    cache.clear()  # ten minutes later
    assert verify(mine.text)[0] == "已撤销，不能使用"
    with clock.at(clock.now() + timedelta(days=3)):
        word, said = verify(mine.text, keys=folder / "jwks.json", revocations=folder / "list")
    assert word == CODE
    assert "3 天前。之后撤销的查不出" in said


def test_a_replaced_paper_names_the_one_in_its_place(
    verify: Any, mine: Held, papers: list[Paper], district: District
) -> None:
    revoke_papers([papers[0]], actor=district.approver, reason="填错")
    cache.clear()  # ten minutes later
    again = issued_page(district, Person.objects.get(pk=papers[0].subject_id))
    assert f"起以 {again.number} 为准" in verify(mine.text)[1]


def test_a_former_key_is_believed_a_withdrawn_one_is_not(verify: Any, mine: Held, district: District) -> None:
    kid = SigningKey.objects.signing(SigningKey.Purpose.STATEMENTS).get().kid
    call_command("signing_keys", rotate="statements")
    word, said = verify(mine.text)
    assert word == CODE
    assert "换用新的，签发时" in said
    call_command("signing_keys", withdraw=kid, reason="所在的机器被盗")
    word, said = verify(mine.text)
    assert word == "不能确定"
    assert "所在的机器被盗" in said
    assert verify(held(issued_page(district, person_in(district.unit, "白谷"))).text)[0] == CODE


def test_a_key_that_is_not_known_yet(verify: Any, folder: Path, district: District) -> None:
    call_command("signing_keys", rotate="statements")
    later = held(issued_page(district, person_in(district.unit, "白谷")))
    word, said = verify(later.text, keys=folder / "jwks.json", revocations=folder / "list")
    assert word == "不能确定"
    assert "不在已存的 2 把公钥之中" in said


def test_a_list_is_not_the_withdrawn_keys_for_ten_minutes(mine: Held) -> None:
    now = SigningKey.objects.signing(SigningKey.Purpose.STATEMENTS)
    assert opened(signed_list()).kid == now.get().kid
    keyring.withdraw(now.get().kid, reason="被盗")
    assert opened(signed_list()).kid == now.get().kid


def test_a_list_is_no_statement_and_a_statement_no_list(mine: Held) -> None:
    with pytest.raises(Unreadable):
        read(signed_list())
    keys = {key.kid: key.verify for key in SigningKey.objects.all()}
    assert read_list(signed_list(), keys.get).entries == {}
    with pytest.raises(Unreadable):
        read_list(in_text(mine.text), keys.get)


def test_without_a_list_nothing_is_sure(verify: Any, folder: Path, mine: Held) -> None:
    word, said = verify(mine.text, keys=folder / "jwks.json")
    assert word == "不能确定"
    assert "撤销清单没查" in said


def test_a_paper_that_is_older_lacks_a_statement(verify: Any, folder: Path, papers: list[Paper], mine: Held) -> None:
    told = mine.text.partition("#")[2].encode()
    (folder / "paper.pdf").write_bytes(mine.file.replace(b"#" + told, b""))
    word, said = verify(folder / "paper.pdf")
    assert word == "不能确定"
    assert "没有签名声明" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"what": "温知故"}, "不是文书二维码里的文字"),
        ({"keys": "paper.pdf"}, "不是公钥文件"),
        ({"revocations": "paper.pdf", "keys": "jwks.json"}, "不是有效的撤销清单"),
        ({"proof": "jwks.json"}, "不是收录证明文件"),
        ({"proof": "nothing"}, "不是收录证明文件"),
    ],
)
def test_files_that_are_not_what_they_should_be(
    options: dict[str, str], said: str, verify: Any, folder: Path, mine: Held
) -> None:
    what = options.pop("what", mine.text)
    with pytest.raises(CommandError, match=said):
        verify(what, **{name: folder / path for name, path in options.items()})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"withdraw": "LJ-1999-01", "reason": "x"}, "没有编号为"),
        ({"withdraw": "LJ-{year}-01"}, "须写明原因"),
    ],
)
def test_a_key_is_withdrawn_with_a_reason(options: dict[str, str], said: str, mine: Held) -> None:
    options = {name: text.format(year=clock.today().year) for name, text in options.items()}
    with pytest.raises(CommandError, match=said):
        call_command("signing_keys", **options)


def test_private_halves_lie_sealed(mine: Held) -> None:
    for key in SigningKey.objects.all():
        private = bytes(key.private)
        assert bytes(key.public) not in private
        with pytest.raises(ValueError, match="deserialize"):
            signing.sign(private[12:], b"x")
