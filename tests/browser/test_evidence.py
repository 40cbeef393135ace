"""Evidence of many at once in the browser: a ZIP is sorted by names, and what is unclear is asked."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.services import sweep
from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.browser.way import Office, shot
from tests.documents import PDF
from tests.factories import person_in
from tests.verification.declarations.cases import declaration_of
from verification.declarations.models import LooseFile

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_zip_is_sorted_and_the_rest_is_asked(office: Office, district: Any, tmp_path: Path) -> None:
    cases = [declaration_of(district.unit, person_in(district.unit, name)) for name in ("温知故", "王芳", "王芳")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("温知故/结业证书.pdf", PDF)
        archive.writestr("王芳 证明.pdf", PDF + b"2")
        archive.writestr("说明.txt", "不能接收")
    file = tmp_path / "材料.zip"
    file.write_bytes(out.getvalue())
    page = office.sit(district.owner, reverse("declarations:list"))
    page.get_by_role("link", name="批量上传佐证").click()
    assert_accessible(page)
    page.get_by_label("文件，或一个 ZIP 压缩包").set_input_files(file)
    page.get_by_role("button", name="上传，按人分好").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    sweep()
    page.goto(page.url.partition("/jobs/")[0] + reverse("declarations:evidence"))
    expect(page.get_by_text("可能是：")).to_be_visible()
    assert_accessible(page)
    shot(page, "evidence")
    page.get_by_label("王芳 证明.pdf").fill(f"王芳 {cases[2].number}")
    page.get_by_role("button", name="归入所填的申报").click()
    expect(page.get_by_text("王芳 证明.pdf：已归入")).to_be_visible()
    assert [Attachment.objects.of(case).count() for case in cases] == [1, 0, 1]
    assert not LooseFile.objects.exists()
    phone = office.sit(district.owner, reverse("declarations:evidence"), size=PHONE)
    assert_fits(phone)
