"""What returns asked for is held by a digest in their events. For those that are older, one event holds it."""

import uuid

from django.db import migrations

from luojiang_ce import clock
from luojiang_ce.workflow.chain import RETURNS_SEALED
from luojiang_ce.workflow.events import canonical, digest, items_sha256, sha256


def seal_older_returns(apps, schema_editor):
    event, item = (apps.get_model("workflow", name) for name in ("Event", "ReturnItem"))
    asked = {}
    for each in item.objects.select_related("event").order_by("pk"):
        if "items_sha256" not in each.event.data:
            asked.setdefault(each.event.uid, []).append(each)
    if not asked:
        return
    data = {
        "returns": {
            str(uid): items_sha256([{"where": i.where, "wrong": i.wrong, "mend": i.mend} for i in items])
            for uid, items in asked.items()
        },
        "answers_sha256": {str(i.pk): sha256(i.answer) for items in asked.values() for i in items if i.answer},
    }
    sealed = event(
        uid=uuid.uuid4(), case_type="workflow.returnitem", case_id=0, name=RETURNS_SEALED, at=clock.now(), data=data
    )
    sealed.hmac = digest(canonical(sealed))
    sealed.save()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0002_append_only")]
    operations = [migrations.RunPython(seal_older_returns, migrations.RunPython.noop, elidable=True)]
