"""The page of the rules, and what the approver decides there."""

import pytest

from luojiang_ce.workflow.models import Event
from tests.queries import statements
from verification.requirements.models import RequirementSetting
from verification.requirements.services import load_rulebook

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/requirements/"


@pytest.fixture
def approver(client, district):
    client.force_login(district.approver, backend=BACKEND)
    return client


FIGURE = {"key": "public_minimum", "year": "2025", "amount": "30", "document": "闽人社〔2025〕0号"}


def test_says_what_is_in_force_and_what_is_not_set(client, district):
    client.force_login(district.owner, backend=BACKEND)
    html = client.get(PAGE).content.decode()
    assert html.count("执行中") == 3
    assert html.count("备用，未启用") == 1
    assert "公共科目最低学时、教师周期学时总数" in html
    assert "360" in html  # as a suggestion, in the note
    assert "停用" not in html
    assert "远程（网络）教育最多计 12" in html
    assert html.count("仅一级医疗卫生机构") == 2
    assert html.count("卫生专业技术人员（一级、二级医疗卫生机构）") == 2


def test_few_queries(client, district):
    client.force_login(district.owner, backend=BACKEND)
    with statements() as queries:
        client.get(PAGE)
    assert len(queries) <= 12, queries


class TestFigures:
    def test_entering_replacing_and_taking_back(self, approver):
        page = {**FIGURE, "version": approver.get(f"{PAGE}figure/").context["form"].version_shown}
        assert approver.post(f"{PAGE}figure/", page).status_code == 302
        replacing = {**page, "amount": "36"}
        seen = approver.post(f"{PAGE}figure/", replacing)
        assert seen.status_code == 422, "both are shown before one is replaced"
        replacing["version"] = seen.context["form"].version_shown
        assert approver.post(f"{PAGE}figure/", replacing).status_code == 302
        figure = RequirementSetting.objects.get()
        assert (str(figure.amount), figure.document) == ("36.0", "闽人社〔2025〕0号")
        assert "36.0" in approver.get(PAGE).content.decode()
        assert load_rulebook().figures == {(2025, "public_minimum"): 36}
        approver.post(f"{PAGE}figure/{figure.pk}/unset/")
        assert not RequirementSetting.objects.exists()
        assert [event.name for event in Event.objects.order_by("pk")] == ["figure_set", "figure_set", "figure_unset"]

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"document": ""}, "请填写这一项"),
            ({"amount": "0"}, "应大于 0"),
            ({"amount": "-5"}, "应大于 0"),
            ({"year": "2016"}, "应在 2017 年至"),
            ({"year": "20255"}, "应在 2017 年至"),
            ({"key": "x"}, "key"),
        ],
    )
    def test_bad_input_changes_nothing(self, approver, changes, says):
        answer = approver.post(f"{PAGE}figure/", {**FIGURE, **changes})
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert not RequirementSetting.objects.exists()
