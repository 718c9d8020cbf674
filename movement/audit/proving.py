"""Proving the trail: every seal recomputed from its rows, the seals' chain, what was pruned, the seals' own file.

Many seals are one statement, and no more rows are in memory than one seal has: the trail of years can be proved on a
small machine.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connection

from .models import Entry, Proof, Pruned, Seal
from .selectors import ROW_HASH, seal_digest

SEALS, ROWS = 2_000, 50_000  # most of one statement; a seal with more rows is one of its own
SIGNER = "audit.pruned"
EMPTY = ""

_ROOTS = f"""
SELECT width_bucket(e.tx::text::bigint, %s::bigint[]), count(*), encode(sha256(string_agg(e.h, ''::bytea ORDER BY e.id)), 'hex')
  FROM (SELECT id, tx, {ROW_HASH} AS h FROM audit_entry WHERE epoch = %s AND tx >= %s::text::xid8 AND tx < %s::text::xid8) e
 GROUP BY 1
"""  # noqa: S608 - names of columns
_HASHES = f"""
SELECT id, encode({ROW_HASH}, 'hex') FROM audit_entry WHERE epoch = %s AND tx >= %s::text::xid8 AND tx < %s::text::xid8
"""  # noqa: S608


def seal_problems(after: int = 0) -> Iterator[str]:
    """A Vietnamese sentence for each seal after ``after`` that no longer fits its rows or its predecessor."""
    before = Seal.objects.filter(pk__lte=after).order_by("-id").first() if after else None
    pruned = PrunedRows()
    for some in bundles(Seal.objects.filter(pk__gt=after).order_by("id").iterator(chunk_size=SEALS)):
        for seal in some:
            digest = seal_digest(seal.previous, seal.epoch, (seal.tx_from, seal.tx_to), seal.count, seal.root)
            start = before.tx_to if before and before.epoch == seal.epoch else 0
            fits = seal.previous == (before.digest if before else EMPTY) and seal.tx_from == start
            if not fits or seal.digest != digest:
                yield f"Dấu niêm phong nhật ký số {seal.pk} không khớp với dấu liền trước."
            before = seal
        yield from rows_problems(some, pruned)


def rows_problems(seals: list[Seal], pruned: PrunedRows) -> Iterator[str]:
    """As ``seal_problems``, of a bundle's rows alone."""
    roots = _roots(seals)
    for seal in seals:
        count, root = pruned.completed(seal, *roots.get(seal.pk, (0, EMPTY)))
        if (count, root) != (seal.count, seal.root):
            yield (
                f"Nhật ký đã bị thay đổi trong phạm vi niêm phong số {seal.pk}: "
                f"lúc niêm phong có {seal.count} dòng, nay có {count} dòng hoặc nội dung khác."
            )


def trail_problems() -> Iterator[str]:
    """For ``check_integrity``: everything from the first row on."""
    yield from seal_problems()
    yield from pruning_problems()
    yield from seal_file_problems()


def trail_prove() -> tuple[int, list[str]]:
    """Prove what was sealed since the last proof and note how far it goes: ``(seals, problems)``.

    A seal that does not fit is found again each time; nothing is noted then.
    """
    last = Proof.objects.order_by("-id").first()
    after = last.seal_id if last else 0
    if last and not Seal.objects.filter(pk=last.seal_id, digest=last.digest).exists():
        after = 0  # restored from a backup, or tampered with: from the beginning
    newest = Seal.objects.order_by("-id").first()
    if newest is None or newest.pk == after:
        return 0, []
    problems = list(seal_problems(after))
    count = Seal.objects.filter(pk__gt=after, pk__lte=newest.pk).count()
    if not problems:
        Proof.objects.create(seal_id=newest.pk, digest=newest.digest)
    return count, problems


def bundles(seals: Iterable[Seal]) -> Iterator[list[Seal]]:
    """Seals that follow each other without a gap, as many as one statement may look at."""
    some: list[Seal] = []
    rows = 0
    for seal in seals:
        follows = some and (seal.epoch, seal.tx_from) == (some[-1].epoch, some[-1].tx_to)
        if some and (not follows or rows + seal.count > ROWS or len(some) == SEALS):
            yield some
            some, rows = [], 0
        some.append(seal)
        rows += seal.count
    if some:
        yield some


def _roots(seals: list[Seal]) -> dict[int, tuple[int, str]]:
    """``{seal: (count, root)}`` of the rows that are there now; one statement."""
    with connection.cursor() as cursor:
        starts = [seal.tx_from for seal in seals]
        cursor.execute(_ROOTS, [starts, seals[0].epoch, str(starts[0]), str(seals[-1].tx_to)])
        return {seals[place - 1].pk: (count, root) for place, count, root in cursor.fetchall()}


class PrunedRows:
    """What statements say of seals whose rows went with a month."""

    def __init__(self):
        self._edges: dict[int, list[list]] = {}
        runs: list[list[int]] = []
        for seals, edges in Pruned.objects.values_list("seals", "edges"):
            runs += seals
            for seal, rows in edges.items():
                self._edges.setdefault(int(seal), []).extend(rows)
        self._runs = sorted(runs)
        self._starts = [first for first, _last in self._runs]

    def completed(self, seal: Seal, count: int, root: str) -> tuple[int, str]:
        """``(count, root)`` with the rows that were taken away, as far as statements tell."""
        place = bisect_right(self._starts, seal.pk) - 1
        if count == 0 and place >= 0 and seal.pk <= self._runs[place][1]:
            return seal.count, seal.root
        gone = self._edges.get(seal.pk)
        if not gone:
            return count, root
        with connection.cursor() as cursor:
            cursor.execute(_HASHES, [seal.epoch, str(seal.tx_from), str(seal.tx_to)])
            rows = sorted([*cursor.fetchall(), *map(tuple, gone)])
        return len(rows), hashlib.sha256(b"".join(bytes.fromhex(digest) for _id, digest in rows)).hexdigest()


def pruned_digest(statement: Pruned) -> str:
    """SHA-256 over all that the statement says, the statement before it included."""
    told = [
        statement.previous, f"{statement.month:%Y-%m}", statement.actor_name, statement.first_id, statement.last_id,
        statement.count, statement.seals, statement.edges, statement.file_name, statement.sha256,
    ]  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def pruned_signature(digest: str) -> str:
    return Signer(salt=SIGNER).signature(digest)


def pruning_problems() -> Iterator[str]:
    """A sentence for each statement that was altered, taken away or that no entry of the trail vouches for."""
    previous, months = EMPTY, []
    statements = list(Pruned.objects.order_by("id"))
    for statement in statements:
        months.append(statement.month)
        if statement.previous != previous or pruned_digest(statement) != statement.digest:
            yield f"Biên bản cắt nhật ký tháng {statement.month:%m/%Y} đã bị thay đổi."
        try:
            Signer(salt=SIGNER).unsign(f"{statement.digest}:{statement.signature}")
        except BadSignature:
            yield f"Chữ ký của biên bản cắt nhật ký tháng {statement.month:%m/%Y} không đúng hoặc khóa ký đã đổi."
        previous = statement.digest
    told = Entry.objects.filter(action="audit.prune").values_list("object_id", "after")
    vouched = {int(pk): (after or {}).get("digest") for pk, after in told}
    by_pk = {statement.pk: statement for statement in statements}
    for pk, digest in vouched.items():
        if pk not in by_pk or by_pk[pk].digest != digest:
            yield f"Biên bản cắt nhật ký số {pk} không khớp với dòng nhật ký ghi việc cắt."
    for statement in statements:
        if statement.pk not in vouched and not any((m.year, m.month) == _month(statement.at) for m in months):
            yield f"Không có dòng nhật ký nào ghi việc cắt tháng {statement.month:%m/%Y}."


def _month(moment) -> tuple[int, int]:
    from django.utils import timezone

    local = timezone.localtime(moment)
    return local.year, local.month


def seal_line(seal: Seal) -> str:
    """A seal as it leaves the database."""
    told = {
        "database": connection.settings_dict["NAME"], "epoch": seal.epoch, "seal": seal.pk, "at": seal.at.isoformat(),
        "count": seal.count, "previous": seal.previous, "digest": seal.digest,
    }  # fmt: skip
    return json.dumps(told)


def seal_file_problems() -> Iterator[str]:
    """What the seals' file remembers and the database no longer says.

    After a restore an earlier epoch may end before the file does (seals made after the backup), and what was not sealed
    yet is sealed anew under numbers that the file holds already: there one of its lines must fit.
    """
    path = Path(settings.AUDIT_SEAL_FILE) if settings.AUDIT_SEAL_FILE else None
    if path is None or not path.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(epoch), 0) FROM audit_entry")
        newest = cursor.fetchone()[0]
    sentence = "Dấu niêm phong số {} khác với dấu đã ghi ra tệp ngoài cơ sở dữ liệu."
    fits: set[tuple[int, int]] = set()
    differ: set[tuple[int, int]] = set()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for some in _lines(lines):
            kept = {(s.epoch, s.pk): s.digest for s in Seal.objects.filter(pk__in=[told["seal"] for told in some])}
            for told in some:
                key = told["epoch"], told["seal"]
                if told["epoch"] >= newest:
                    if kept.get(key) != told["digest"]:
                        yield sentence.format(told["seal"])
                elif key in kept:
                    (fits if kept[key] == told["digest"] else differ).add(key)
    yield from (sentence.format(seal) for _epoch, seal in sorted(differ - fits))


def _lines(lines: Iterable[str]) -> Iterator[list[dict]]:
    some = []
    for line in lines:
        try:
            told = json.loads(line)
            fits = {"database", "epoch", "seal", "digest"} <= told.keys()
        except (ValueError, AttributeError):
            continue  # a line that a power cut left half
        if fits and told["database"] == connection.settings_dict["NAME"]:
            some.append(told)
        if len(some) == SEALS:
            yield some
            some = []
    if some:
        yield some
