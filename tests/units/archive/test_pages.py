"""The pages of the archive: years, a year, a package, retention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.queries import statements
from tests.units.archive.years import YEAR, Year, file_of, next_year, packed
from tests.units.views.helpers import browser, cost
from tests.verification.batches.samples import quick_batch
from units.archive import outlook
from units.archive.later import forget
from units.archive.models import Item, Package, Retention
from units.archive.year import archived_kinds
from verification.batches.models import Batch

pytestmark = pytest.mark.django_db


def shown(account: Any, url: str) -> str:
    response = browser(account).get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def test_a_year_says_what_is_in_what_is_not_and_what_changed_since(district: District, year: Year) -> None:
    package = packed(district)
    with next_year():
        years = shown(district.handler, reverse("archive:years"))
        assert f"{YEAR} 年度" in years
        assert "合格" in years
        assert "有后续变动" not in years
        fire(year.closed, "revoke", actor=district.approver, note="证明是伪造的")
        page = shown(district.handler, reverse("archive:year", args=[YEAR]))
        assert "有后续变动" in page
        assert "补充封装新增和变动的件" in page
        forget()
        assert "有后续变动" in shown(district.handler, reverse("archive:years"))
        one = shown(district.handler, package.get_absolute_url())
    assert "等区人社局办理" in one
    assert package.signed_sha256 in one
    assert [name for name in ("真实性", "完整性", "可用性", "安全性") if name not in one] == []


def test_a_year_before_the_log_that_has_cases_is_listed(district: District) -> None:
    """What was entered later, of years in which nobody used the system."""
    Batch.objects.filter(pk=quick_batch(district).pk).update(year=YEAR - 1)
    outlook.forget()
    assert f"{YEAR - 1} 年度" in shown(district.handler, reverse("archive:years"))


def test_a_package_is_taken_away_on_record(district: District, year: Year) -> None:
    package = packed(district)
    response = browser(district.handler).get(reverse("archive:download", args=[package.uid]))
    assert b"".join(response.streaming_content) == file_of(package).read_bytes()
    assert "2026-01.zip" in response.headers["Content-Disposition"]
    assert history(package).filter(name="archive_fetched", actor=district.handler).count() == 1


def test_who_lost_the_role_fetches_nothing(district: District, year: Year) -> None:
    package = packed(district)
    district.handler.assignments.update(valid_to=clock.today() - timedelta(days=1))
    assert browser(district.handler).get(reverse("archive:download", args=[package.uid])).status_code == 404


def test_the_report_is_saved_as_text(district: District, year: Year) -> None:
    package = packed(district)
    said = browser(district.audit_admin).get(reverse("archive:report", args=[package.uid]))
    text = said.content.decode("utf-8-sig")
    assert text.startswith(f"四性检测报告　归档包-{YEAR}-01.zip")  # as the file is called that people have
    assert "病毒：未检测。这里不查病毒" in text


def test_what_did_not_come_about_says_why_and_where_to_go(
    district: District, year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("units.archive.packing.free_bytes", lambda folder: 1)
    package = packed(district)
    page = shown(district.handler, package.get_absolute_url())
    assert "磁盘空间不够" in page
    assert reverse("archive:year", args=[YEAR]) in page


def test_packing_is_asked_for_on_the_page(district: District, year: Year) -> None:
    with next_year():
        client, sent = browser(district.handler), {"without_open": "on"}
        response = client.post(reverse("archive:pack", args=[YEAR]), sent, follow=True)
        assert "正在封装" in response.content.decode()
        again = client.post(reverse("archive:pack", args=[YEAR]), sent, follow=True)
    assert "请等它完成后再试" in again.content.decode()
    assert Package.objects.count() == 1


class TestRetention:
    def test_it_is_set_with_its_paper_and_the_old_one_stays(self, district: District) -> None:
        client = browser(district.approver)
        url = reverse("archive:set_retention", args=["units.leave"])
        for period, day in (("30年", "2026-01-01"), ("永久", "2026-06-01")):
            sent = {"period": period, "valid_from": day, "document": "洛人社〔2026〕9号"}
            assert client.post(url, sent).status_code == 302
        assert list(Retention.objects.values_list("period", flat=True)) == ["30年", "永久"]
        page = shown(district.handler, reverse("archive:retention"))
        assert "永久" in page
        assert page.count("未设定</span>") > 10

    @pytest.mark.parametrize("period", ["三十年", "0年", "30", "长期"])
    def test_what_is_no_period_is_refused_with_what_to_write(self, district: District, period: str) -> None:
        sent = {"period": period, "valid_from": "2026-01-01", "document": "洛人社〔2026〕9号"}
        page = browser(district.approver).post(reverse("archive:set_retention", args=["units.leave"]), sent)
        assert "写“永久”，或数字加“年”" in page.content.decode()
        assert not Retention.objects.exists()

    def test_a_day_is_set_once(self, district: District) -> None:
        sent = {"period": "30年", "valid_from": "2026-01-01", "document": "洛人社〔2026〕9号"}
        client = browser(district.approver)
        url = reverse("archive:set_retention", args=["units.leave"])
        client.post(url, sent)
        assert "已经设定" in client.post(url, sent | {"period": "永久"}).content.decode()

    def test_many_kinds_are_set_at_once_and_nothing_is_invented(self, district: District) -> None:
        client, url = browser(district.approver), reverse("archive:set_retention_of_many")
        assert "units.leave" in client.get(url).context["form"].initial["case_types"]
        sent = {"period": "30年", "valid_from": "2026-01-01", "document": "洛人社〔2026〕9号"}
        assert "请至少勾选一种业务" in client.post(url, sent).content.decode()
        chosen, keys = ["units.leave", "verification_declarations.declaration"], [one.key for one in archived_kinds()]
        assert client.post(url, sent | {"case_types": chosen}).status_code == 302
        assert sorted(Retention.objects.values_list("case_type", flat=True)) == chosen
        assert "units.leave" not in client.get(url).context["form"].initial["case_types"]
        again = client.post(url, sent | {"case_types": [*chosen, next(key for key in keys if key not in chosen)]})
        assert "已经设定（长期外出或病假、学时申报）" in again.content.decode()  # all or none
        assert Retention.objects.count() == len(chosen)
        assert shown(district.handler, reverse("archive:retention")).count("未设定</span>") > 10


class TestQueries:
    @pytest.mark.parametrize("name", ["years", "year", "retention"])
    def test_lists_do_not_grow(self, name: str, district: District) -> None:
        url = reverse(f"archive:{name}", args=[YEAR - 1] if name == "year" else [])
        few, many = cost(district.handler, url, lambda: a_package(district))
        assert few == many
        assert many <= 12

    @pytest.mark.parametrize("name", ["years", "year"])
    def test_lists_read_neither_reports_nor_the_cases_of_packages(self, name: str, district: District) -> None:
        """Both grow with everything that was ever packed; of cases only what came later is asked for, once."""
        url = reverse(f"archive:{name}", args=[YEAR - 1] if name == "year" else [])
        a_package(district)
        client = browser(district.handler)
        client.get(url)
        with statements() as made:
            client.get(url)
        assert not any('"report"' in each or '"problems"' in each for each in made)
        of_items = [each for each in made if "units_archive_item" in each]
        assert len(of_items) == (1 if name == "year" else 0)

    def test_a_package_does_not_grow(self, district: District) -> None:
        package = a_package(district)
        few, many = cost(district.handler, package.get_absolute_url(), lambda: an_item(package))
        assert few == many
        assert many <= 20


def a_package(district: District) -> Package:
    number = Package.objects.count() + 1
    package = Package.objects.create(year=YEAR - 1, number=number, state="complete", made_by=district.handler)
    an_item(package)
    return package


def an_item(package: Package) -> Item:
    number = Item.objects.count() + 1
    return Item.objects.create(package=package, case_type="units.leave", case_id=number, title="件", reason="未办结")


def test_statements_are_counted() -> None:
    """The helper sees queries: otherwise the counts above prove nothing."""
    with statements() as made:
        Package.objects.count()
    assert len(made) == 1
