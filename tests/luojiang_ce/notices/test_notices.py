"""The inbox: told once, read by whom it was sent to, nobody else."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.models import Notice
from luojiang_ce.notices.services import mark_read, notify
from tests.factories import assignment
from tests.training.plans.factories import a_plan


def test_a_repeated_task_tells_a_thing_once(district):
    for _ in range(3):
        notify([district.owner, district.colleague], "计划已退回", key="returned-1")
    assert Notice.objects.count() == 2


def test_a_rolled_back_change_tells_nobody(district):
    with transaction.atomic():
        notify([district.owner], "计划已退回", key="returned-1")
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_following_a_notice_leads_to_its_case_and_marks_it_read(client, district):
    plan = a_plan(district.unit)
    notify([district.owner], "计划已退回", key="k", case=plan)
    client.force_login(district.owner)
    answer = client.get(reverse("notices:open", args=[Notice.objects.get().pk]))
    assert answer["Location"] == plan.get_absolute_url()
    assert Notice.objects.get().read_at


def test_a_notice_without_a_case_leads_to_its_page_or_back_to_the_inbox(client, district):
    client.force_login(district.owner)
    for key, url, leads_to in (("a", reverse("deadlines:board"), reverse("deadlines:board")), ("b", "", "/notices/")):
        notify([district.owner], "2 件事快到期", key=key, url=url)
        assert client.get(reverse("notices:open", args=[Notice.objects.latest("pk").pk]))["Location"] == leads_to


def test_the_inbox_shows_all_or_only_what_is_unread(client, district):
    client.force_login(district.owner)
    notify([district.owner], "第一条", key="a", text="两行\n文字")
    mark_read(district.owner)
    notify([district.owner], "第二条", key="b")
    for query, shown in (("", [True, True]), ("?unread", [False, True])):
        page = client.get(reverse("notices:inbox") + query).content.decode()
        assert [title in page for title in ("第一条", "第二条")] == shown
    assert "两行<br>文字" in client.get(reverse("notices:inbox")).content.decode()
    mark_read(district.owner)
    assert "没有未读消息" in client.get(reverse("notices:inbox") + "?unread").content.decode()


def test_one_marks_only_ones_own(district):
    notify([district.owner, district.colleague], "a", key="a")
    assert mark_read(district.owner) == 1
    assert Notice.objects.filter(read_at=None).get().recipient == district.colleague


def test_anothers_notice_does_not_exist(client, district):
    notify([district.owner], "a", key="a")
    for account in (district.colleague, district.neighbour):
        client.force_login(account)
        assert client.get(reverse("notices:open", args=[Notice.objects.get().pk])).status_code == 404


def test_who_holds_no_role_any_more_reads_nothing_of_the_former_one(client, district):
    """Neither inbox nor jobs: others are named in them. With a role left they stay one's own."""
    for account in (district.owner, district.colleague):
        notify([account], "3 人学时不足：沈知微", key="short")
        Job.objects.create(kind="sample", title="导入人员名册", owner=account)
        yesterday = clock.today() - timedelta(days=1)
        account.assignments.update(valid_from=yesterday, valid_to=yesterday)
    assignment(district.colleague, "unit_clerk", district.neighbour_unit).save()
    for account, is_there in ((district.owner, False), (district.colleague, True)):
        client.force_login(account)
        inbox, jobs = client.get(reverse("notices:inbox")), client.get(reverse("jobs:list"))
        assert ("沈知微" in inbox.content.decode()) is is_there
        assert ("导入人员名册" in jobs.content.decode()) is is_there
        notice, job = Notice.objects.get(recipient=account), Job.objects.get(owner=account)
        opened = 302 if is_there else 404
        assert client.get(reverse("notices:open", args=[notice.pk])).status_code == opened
        assert client.get(reverse("jobs:progress", args=[job.uid])).status_code == (200 if is_there else 404)
