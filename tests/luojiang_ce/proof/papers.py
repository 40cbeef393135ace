"""Papers as a holder has them: issued, in the tree, with everything that is published; and ways to spoil them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from luojiang_ce.papers.content import check_on
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring, tree
from luojiang_ce.proof.revocations import read_list, signed_list
from luojiang_ce.proof.verdict import Trust, read_keys


@dataclass(frozen=True)
class Held:
    """The text in its QR code, the file, the proof of inclusion."""

    text: str
    file: bytes
    proof: str


def held(paper: Paper) -> Held:
    """A paper that was issued, once a head with it is published."""
    publish()
    paper.refresh_from_db()
    inclusion = tree.inclusion_of(ISSUED, paper)
    return Held(check_on(paper).address, paper.file.read(), str(inclusion))


def publish() -> None:
    """What the worker does every night; another time on one day, too."""
    while tree.seal():
        pass
    tree.publish_head()


def trust_now(**changes: Any) -> Trust:
    """What is believed by whoever has just fetched everything."""
    from luojiang_ce import clock

    keys = read_keys(json.loads(json.dumps(keyring.as_jwks())))
    known = {"keys": keys, "revocations": read_list(signed_list(), lambda kid: keys[kid].verify), "today": clock.today()}
    return Trust(**(known | changes))
