"""What anybody verifies with is public; countersignatures too: the signature says whose they are."""

from typing import Any

from luojiang_ce.proof import tree
from tests.conftest import District
from tests.luojiang_ce.access.matrix import EVERYONE, Row


def a_head(district: District) -> dict[str, Any]:
    tree.publish_head()
    return {}


def its_size(district: District) -> dict[str, Any]:
    return {"size": tree.publish_head().size}


def two_sizes(district: District) -> dict[str, Any]:
    size = tree.publish_head().size
    return {"old": size, "new": size}


ROWS = [
    Row("proof:page", EVERYONE, public=True),
    Row("proof:worker", EVERYONE, public=True),
    Row("proof:manifest", EVERYONE, public=True),
    Row("proof:keys", EVERYONE, public=True),
    Row("proof:revocations", EVERYONE, public=True),
    Row("proof:head", EVERYONE, a_head, public=True),
    Row("proof:heads", EVERYONE, public=True),
    Row("proof:head_of_size", EVERYONE, its_size, public=True),
    Row("proof:consistency", EVERYONE, two_sizes, public=True),
    Row("proof:cosignatures", EVERYONE, method="post", public=True, status=422),
]
