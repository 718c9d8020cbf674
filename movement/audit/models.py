"""The append-only trail: who did what, when, with the values before and after."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One act. Written in the transaction of the change itself, in words a clerk understands.

    The table is partitioned by month on ``at`` and made by migration 0001; its columns ``tx``
    (the transaction that wrote the row) and ``epoch`` (grows by one with each restore) have
    defaults and are read by the sealer only. Names stand here as text and ids without foreign
    keys: the trail outlives what it tells of. The role *app* may insert and read, nothing else.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("thời điểm"))
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("người thực hiện"), max_length=200)
    action = models.CharField(max_length=60)
    sentence = models.TextField(_("nội dung"))
    object_kind = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    unit_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    source = models.CharField(_("từ đâu"), max_length=100, blank=True)

    class Meta:
        managed = False
        db_table = "audit_entry"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.sentence


class Seal(models.Model):
    """Fixes the rows of a range of transactions, ``[tx_from, tx_to)``, and the seal before it.

    ``root`` is the SHA-256 over the rows' raw columns in the order of their ids; ``digest`` is the
    SHA-256 over ``previous``, the range, the count and the root.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    epoch = models.IntegerField()
    tx_from = models.BigIntegerField()
    tx_to = models.BigIntegerField()
    count = models.IntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="audit_seal_range", condition=models.Q(tx_to__gt=models.F("tx_from"))),
            models.UniqueConstraint(name="audit_seal_chain", fields=["previous"]),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M:%S} · {self.count}"


class Proof(models.Model):
    """All seals up to ``seal_id`` were recomputed from their rows at ``at`` and fitted; only ever added to.

    Proving goes on from the last one. ``check_integrity`` proves everything from the beginning all the same.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    seal_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M:%S} · {self.seal_id}"


class Pruned(models.Model):
    """The signed statement that a month of the trail was exported and taken away; written by the owner, never changed.

    ``seals`` are the runs ``[first, last]`` of seals whose rows are all gone with it. ``edges`` holds, for each seal
    that has rows on both sides of the month's end, ``[[id, SHA-256 of the row]]`` of those taken away: the root of
    such a seal can still be computed. ``digest`` covers all of it and the statement before; the entry that tells of
    the pruning carries it, and so the next seal does.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    actor_name = models.CharField(max_length=200)
    month = models.DateField(_("tháng"))
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.BigIntegerField()
    seals = models.JSONField(default=list)
    edges = models.JSONField(default=dict)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=100)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="audit_pruned_month_once", fields=["month"]),
            models.UniqueConstraint(name="audit_pruned_chain", fields=["previous"]),
            models.CheckConstraint(
                name="audit_pruned_whole_month",
                condition=models.Q(month__day=1, count__gt=0, sha256__regex="^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y} · {self.count}"
