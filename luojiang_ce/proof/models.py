"""Keys that sign; the tree of leaves with its heads; the bodies that countersign them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.workdays.text import full

from . import notes, signing
from .notes import Verifier


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def signing(self, purpose: str) -> SigningKeyQuerySet:
        """Those with which is signed now: one, or none yet."""
        return self.filter(purpose=purpose, ended_at=None, withdrawn_at=None)


class SigningKey(models.Model):
    """A key of the bureau's: what it signs, from when until when, and why not any more.

    The private half is sealed under SIGNING_SECRET, and erased once it signs no more: nobody signs for days gone by. A
    key that was replaced (`ended_at`) stays good for what it signed until then; one that was withdrawn is good for
    nothing.
    """

    class Purpose(models.TextChoices):
        STATEMENTS = "statements", "文书上的签名和撤销清单"
        TREE = "tree", "收录证明的树根"
        RECORDS = "records", "继续教育电子记录"
        ARCHIVE = "archive", "年度归档包的清单"

    class Algorithm(models.TextChoices):
        ES256 = signing.ES256, "ES256"
        ED25519 = signing.ED25519, "Ed25519"

    kid = models.CharField("密钥编号", max_length=100, unique=True)
    purpose = models.CharField("用途", max_length=12, choices=Purpose)
    algorithm = models.CharField("算法", max_length=10, choices=Algorithm)
    public = models.BinaryField("公钥（SPKI）")
    private = models.BinaryField("私钥（加密保存）")
    # The log's name in heads that a key of the tree signs, the district's in records: the address of the site when the
    # key (of records: the first one) was made. It stays, so that nothing is disowned when the site moves.
    origin = models.CharField("署名", max_length=200, blank=True)
    # Before names stayed, a key signed under each address that the site had in its time.
    former_origins = models.JSONField("曾用的树的名称", default=list, blank=True)
    started_at = models.DateTimeField("启用时间", default=clock.now)
    ended_at = models.DateTimeField("停用时间", null=True)
    withdrawn_at = models.DateTimeField("作废时间", null=True)
    withdrawn_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "签名密钥"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(ended_at=None, withdrawn_at=None), name="one_key_signs"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""), name="withdrawn_with_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(purpose__in=["tree", "records"]) | ~Q(origin=""), name="key_has_an_origin"
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def names(self) -> set[str]:
        """All under which it has signed heads; none of a key that is not of the tree."""
        return {self.origin, *self.former_origins} - {""}

    def verify(self, content: bytes, signature: bytes) -> bool:
        """Did this key sign that?"""
        return signing.verify(bytes(self.public), content, signature)


class Leaf(models.Model):
    """A leaf of the tree: what it is of, and its hash. Append-only by trigger; positions begin at 0, without gaps."""

    position = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=20)
    ref = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["source", "ref"], name="leaf_once")]

    def __str__(self) -> str:
        return f"{self.position} {self.source}:{self.ref}"


class Node(models.Model):
    """The hash of a complete subtree, by the number that `merkle.place` gives it. Append-only by trigger."""

    place = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("place",)

    def __str__(self) -> str:
        return str(self.place)


class TreeHead(models.Model):
    """The head of a day as it was published, with the log's own signatures. Append-only by trigger."""

    day = models.DateField("日期", unique=True)
    size = models.BigIntegerField("条数")
    root = models.BinaryField("树根", max_length=32)
    note = models.TextField("公布的内容")
    published_at = models.DateTimeField("公布时间")

    class Meta:
        verbose_name = "树根"
        ordering = ("day",)
        indexes = [models.Index(fields=["size"], name="head_size")]

    def __str__(self) -> str:
        return f"{full(self.day)} {self.size} 条"


class Witness(models.Model):
    """A body that countersigns heads: its name as its key bears it, and the key; until when it is believed."""

    name = models.CharField("名称", max_length=200, unique=True)
    label = models.CharField("单位", max_length=100)
    public = models.BinaryField("公钥（SPKI）")
    registered_at = models.DateTimeField("登记时间", default=clock.now)
    ended_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "会签单位公钥"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.label

    @property
    def verifier(self) -> Verifier:
        """As notes are verified."""
        return Verifier(self.name, signing.ED25519, bytes(self.public))


class Cosignature(models.Model):
    """A body's signature under a head. Append-only by trigger."""

    head = models.ForeignKey(TreeHead, models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    signature = models.BinaryField(max_length=80)
    received_at = models.DateTimeField("收到时间", default=clock.now)

    class Meta:
        verbose_name = "会签"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["head", "witness"], name="cosigned_once")]

    def __str__(self) -> str:
        return f"{self.head} {self.witness}"


def note_of(head: TreeHead) -> notes.Note:
    """A head with all signatures that it has by now, as it is published. A query for those of the witnesses."""
    note = notes.read_note(head.note)
    for each in head.cosignatures.select_related("witness"):
        note = note.with_line((each.witness.name, bytes(each.signature)))
    return note
