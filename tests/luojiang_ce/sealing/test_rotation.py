"""manage.py rotate_keys: everything goes under the key in force, however often it is broken off."""

from __future__ import annotations

import hashlib
import hmac
import os
import random
import shutil
import subprocess
import sys
from base64 import b64decode
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach, sweep_spool
from luojiang_ce.sealing import rotation
from luojiang_ce.sealing.ring import CannotOpen, derived, in_force
from luojiang_ce.second_factor import sealing, services
from luojiang_ce.second_factor.models import Authenticator, RecoveryCode
from luojiang_ce.workflow import audited
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import id_number, person_in
from tests.luojiang_ce.authentication.test_second_factor import set_up
from tests.processes import environment
from tests.training.plans.factories import a_plan, a_scan
from units.identity.id_numbers import SEALED
from units.models import Person

from .test_columns import NEW, changed_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def rotate(*options: str) -> str:
    said = StringIO()
    call_command("rotate_keys", *options, stdout=said)
    return said.getvalue()


def as_before(person: Person, settings: Any) -> None:
    """Its number as it was sealed before there were ids of keys."""
    nonce = os.urandom(12)
    sealed = AESGCM(b64decode(settings.ID_ENCRYPTION_KEY)).encrypt(nonce, person.id_number.encode(), None)
    Person.objects.filter(pk=person.pk).update(id_sealed=nonce + sealed)


def factor_as_before(account: Any, codes: list[str], settings: Any) -> None:
    """Its authenticator, and the digests of the codes, as they were before there were ids of keys."""
    found, nonce = Authenticator.objects.get(account=account), os.urandom(12)
    own = derived(b64decode(settings.ID_ENCRYPTION_KEY), sealing.PURPOSE)
    sealed = nonce + AESGCM(own).encrypt(nonce, sealing.secret_of(found), b"authenticator:%d" % account.pk)
    Authenticator.objects.filter(pk=found.pk).update(sealed=sealed)
    for code, kept in zip(codes, RecoveryCode.objects.order_by("pk"), strict=True):
        digest = hmac.new(own, b"%d:%s" % (account.pk, code.replace("-", "").encode()), hashlib.sha256).hexdigest()
        RecoveryCode.objects.filter(pk=kept.pk).update(digest=digest, key_sealed=b"")


class TestNumbers:
    def test_a_number_opens_in_its_own_row_alone(self, district: District) -> None:
        one, two = person_in(district.unit, number=id_number(1)), person_in(district.unit, number=id_number(2))
        Person.objects.filter(pk=two.pk).update(id_sealed=one.id_sealed)
        two.refresh_from_db()
        assert one.id_number == id_number(1)
        with pytest.raises(CannotOpen, match="移来"):
            _ = two.id_number

    def test_one_from_before_opens_in_its_own_row_alone(self, district: District, settings) -> None:
        one, two = person_in(district.unit, number=id_number(1)), person_in(district.unit, number=id_number(2))
        as_before(one, settings)
        one.refresh_from_db()
        assert one.id_number == id_number(1)
        Person.objects.filter(pk=two.pk).update(id_sealed=one.id_sealed)
        two.refresh_from_db()
        with pytest.raises(CannotOpen):
            _ = two.id_number

    def test_a_secret_of_the_second_factor_is_no_number(self, district: District) -> None:
        set_up(district.owner)
        person = person_in(district.unit)
        Person.objects.filter(pk=person.pk).update(id_sealed=Authenticator.objects.get().sealed)
        person.refresh_from_db()
        with pytest.raises(CannotOpen):
            _ = person.id_number

    def test_who_reveals_a_moved_number_is_told_on_a_page(
        self, district: District, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        one, two = person_in(district.unit, number=id_number(1)), person_in(district.unit, number=id_number(2))
        Person.objects.filter(pk=two.pk).update(id_sealed=one.id_sealed)
        client.force_login(district.owner)
        answer = client.post(reverse("people:reveal", args=[two.pk]), {"why": "核对证件"})
        assert answer.status_code == 503
        page = answer.content.decode()
        assert "打不开，没有交出" in page
        assert answer.headers["X-Request-ID"] in page
        assert not any(told in page for told in ("证件号码打不开", "ID_ENCRYPTION", id_number(1)))
        assert "证件号码打不开" in caplog.text


def test_everything_goes_under_the_key_in_force_and_the_former_one_can_go(district: District, settings) -> None:
    people = [person_in(district.unit, number=id_number(n)) for n in range(3)]
    as_before(people[0], settings)
    codes = set_up(district.owner)
    factor_as_before(district.owner, codes, settings)
    code_digests = set(RecoveryCode.objects.values_list("digest", flat=True))
    plan = a_plan(district.unit)
    file = attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner)
    with file.file.open() as stored:
        content = stored.read()
    old = Path(default_storage.path("attachments/zz/plain.pdf"))
    old.parent.mkdir()
    old.write_bytes(b"%PDF-1.7 as it was stored before")
    former = in_force().id.hex()
    changed_key(settings)

    said = rotate("--check")
    assert f"证件号码：旧密钥 {former} 2 处，旧格式 1 处" in said
    assert "验证器：旧格式 1 处" in said
    assert f"恢复码：旧格式 {len(codes)} 处" in said
    assert f"文件：旧密钥 {former} 1 处，旧格式 1 处" in said
    assert not history(district.bureau).filter(name="keys_rotated").exists()

    assert "全部在现用密钥下" in rotate()
    settings.ID_ENCRYPTION_KEYS_FORMER, settings.OLDER_SEALS = [], False
    assert [Person.objects.get(pk=each.pk).id_number for each in people] == [id_number(n) for n in range(3)]
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == code_digests
    with Attachment.objects.get().file.open() as stored:
        assert stored.read() == content
    with default_storage.open("attachments/zz/plain.pdf") as stored:
        assert stored.read() == b"%PDF-1.7 as it was stored before"
    event = history(district.bureau).get(name="keys_rotated")
    assert event.data == {
        "key": in_force().id.hex(),
        "resealed": {"文件": 2, "恢复码": 10, "验证器": 1, "证件号码": 3},
        "unopened": 0,
    }
    assert len(codes) == 10


def test_codes_from_before_open_after_their_key_has_gone(district: District, settings) -> None:
    """Their digests were made under the former key itself."""
    [first, second, *others] = set_up(district.owner)
    factor_as_before(district.owner, [first, second, *others], settings)
    changed_key(settings)
    assert services.check(district.owner, first)
    rotate()
    settings.ID_ENCRYPTION_KEYS_FORMER = []
    assert services.check(district.owner, second)
    assert not services.check(district.owner, first)
    assert not services.check(district.owner, second)


def test_codes_without_an_authenticator_go_along(district: District, settings) -> None:
    """Whoever has passkeys alone has recovery codes too."""
    [code, *_] = services.first_codes(district.owner)
    changed_key(settings)
    rotate()
    settings.ID_ENCRYPTION_KEYS_FORMER = []
    assert services.check(district.owner, code)


def test_what_does_not_open_is_named_and_the_rest_is_done(district: District, settings) -> None:
    lost, found = person_in(district.unit), person_in(district.unit)
    Person.objects.filter(pk=lost.pk).update(id_sealed=os.urandom(46))
    default_storage.save("attachments/aa/one.pdf", ContentFile(b"one"))
    path = Path(default_storage.path(default_storage.save("attachments/aa/two.pdf", ContentFile(b"two"))))
    path.write_bytes(path.read_bytes()[:30] + os.urandom(60))
    changed_key(settings)
    with pytest.raises(CommandError) as refused:
        rotate()
    assert f"证件号码 {lost.pk}：" in str(refused.value)
    assert "attachments/aa/two.pdf 打不开" in str(refused.value)
    assert SEALED.named(Person.objects.get(pk=found.pk).id_sealed) == in_force().id.hex()
    assert default_storage.key_of("attachments/aa/one.pdf") == in_force().id.hex()
    assert history(district.bureau).get(name="keys_rotated").data["unopened"] == 2


def test_who_was_quicker_is_not_overwritten(district: District, settings) -> None:
    """Another number is registered between reading and writing a row."""
    person = person_in(district.unit, number=id_number(1))
    changed_key(settings)
    kind = next(each for each in rotation._kinds if each.label == "证件号码")
    read_before = Person.objects.get(pk=person.pk)
    person.seal_id(id_number(2))
    person.save()
    report = rotation.Report()
    kind._reseal(read_before, report)
    assert report.done["证件号码"] == 0
    assert Person.objects.get(pk=person.pk).id_number == id_number(2)


def test_a_package_of_the_archive_stays_as_it_is(settings) -> None:
    path = Path(default_storage.path("archive/package.zip"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    rotate()
    assert path.read_bytes() == b"PK"


def test_an_altered_file_is_refused_and_found_by_the_check(district: District, client: Client) -> None:
    file = attach(case=a_plan(district.unit), material="scheme", upload=a_scan(), actor=district.owner)
    path = Path(file.file.path)
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(sealed)
    client.force_login(district.owner)
    answer = client.get(reverse("files:download", args=[file.uid]))
    assert answer.status_code == 503
    assert "打不开，没有交出" in answer.content.decode()
    assert any("的文件打不开" in problem for problem in audited.check().problems)


def test_leftovers_are_swept_and_what_is_being_written_is_not(settings, tmp_path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "spool"
    folders = [settings.FILE_UPLOAD_TEMP_DIR, default_storage.drafts]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "left").write_bytes(b"half of an upload")
        (folder / "now").write_bytes(b"being written")
        old = clock.now().timestamp() - 7 * 3600
        os.utime(folder / "left", (old, old))
    assert sweep_spool() == 2
    assert [path.name for folder in folders for path in folder.iterdir()] == ["now", "now"]


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_and_run_twice_at_once_everything_opens(district: District, settings, tmp_path) -> None:
    """Real processes; every file and number is read all the while, and at the end under the new key alone."""
    numbers = {person_in(district.unit, number=id_number(n)).pk: id_number(n) for n in range(30)}
    for person in Person.objects.all()[:10]:
        as_before(person, settings)
    contents = {f"attachments/{n:02d}/file.pdf": os.urandom(200_000) for n in range(12)}
    for name, content in contents.items():
        default_storage.save(name, ContentFile(content))
        if name < "attachments/06":
            Path(default_storage.path(name)).write_bytes(content)
    former = changed_key(settings)
    env = environment(connection, tmp_path) | {"ID_ENCRYPTION_KEYS_FORMER": former, "ROTATED_TO": NEW}
    program = (
        "import os; from tests import settings; settings.ID_ENCRYPTION_KEY = os.environ['ROTATED_TO'];"
        "import django; django.setup(); from django.core.management import call_command; call_command('rotate_keys')"
    )

    def started() -> subprocess.Popen[bytes]:
        root = settings.BASE_DIR
        return subprocess.Popen([sys.executable, "-c", program], env=env, cwd=root, stdout=subprocess.PIPE)

    def everything_opens() -> None:
        for pk, number in numbers.items():
            assert Person.objects.get(pk=pk).id_number == number
        for name, content in contents.items():
            with default_storage.open(name) as stored:
                assert stored.read() == content

    moments = random.Random(11)
    for _ in range(2):
        with started() as running:
            for _ in range(moments.randrange(1, 3)):
                assert running.stdout.readline()  # it has begun its work
            running.kill()
        everything_opens()
    with started() as one, started() as other:
        said = [each.communicate()[0] for each in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    settings.ID_ENCRYPTION_KEYS_FORMER, settings.OLDER_SEALS = [], False
    everything_opens()
    shutil.rmtree(settings.MEDIA_ROOT)
