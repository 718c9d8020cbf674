"""Freezing a summary: everything it says, read in one moment and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from movement.classification.enums import Purpose
from movement.classification.selectors import canonical
from movement.core.dates import today
from movement.core.installation import is_demonstration
from movement.core.problems import Problem, Refused
from movement.exemplars.selectors import candidates_among, classes_considered
from units.selectors import authority_settings, version_on

from ..enums import Listing
from ..models import Report, Snapshot, SnapshotRows
from ..selectors.placing import NOWHERE, AsNow, AsThen, Place
from ..selectors.results import Result, class_order, classifications, recognitions, sources
from ..selectors.tallies import Cube
from . import proof
from .annexes import STANDARD_NAMES, annexes, communes_table, persons_annex, persons_words, places_total
from .composing import Facts, compose
from .cutting import cut, cut_list, frozen_row, in_order
from .heads import head_of, signature_of
from .lists import Commended, Practice, award_rows, exemplar_rows, practice_rows
from .wording import committee_words

EDITION = 2  # of the content's shape
_CANDIDATES = 5000  # looked at together


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see the same moment. Inside another transaction that one's view holds."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def snapshot_freeze(report: Report) -> Snapshot:
    """The snapshot of ``report``: made now, or the one that was made before.

    Raises:
        Refused: ``no_results``, when the year has nothing to sum up.
    """
    with one_moment():
        made = Snapshot.objects.filter(report=report).first()
        if made:
            return made
        kept = _Rows(_next_id())
        content = _content(report, kept)
        digest = canonical({"content": content, "rows": kept.digests})
        Snapshot.objects.bulk_create(
            [
                Snapshot(
                    pk=kept.snapshot_id,
                    report=report,
                    content=content,
                    digest=digest,
                    warnings=proof.warnings(content, kept.read()),
                    **content["marks"],
                )
            ]
        )
        return Snapshot.objects.get(report=report)


def _next_id() -> int:
    """The snapshot's id before its row: the rows are written first, so that they need not all be held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Snapshot._meta.db_table])
        return cursor.fetchone()[0]


class _Rows:
    """The rows of a snapshot on their way into the database, a listing at a time.

    ``digests`` holds ``[listing, key, digest]`` of each part in their order.
    """

    def __init__(self, snapshot_id: int):
        self.snapshot_id = snapshot_id
        self.digests: list[list[str]] = []

    def keep(self, listing: Listing, rows: list[dict]) -> Cube:
        """Write ``rows`` (in order) in parts; the counts of what was written."""
        cube = Cube()
        for part in self._write(listing, cut(rows)):
            for row in part:
                cube.add(row)
        return cube

    def keep_list(self, listing: Listing, parts: Iterable[tuple[str, list[dict]]]) -> None:
        """The same for a list that nothing is counted by afterwards, in parts as ``cutting`` made them."""
        for _ in self._write(listing, parts):
            pass

    def _write(self, listing: Listing, parts: Iterable[tuple[str, list[dict]]]) -> Iterator[list[dict]]:
        made = []
        for key, part in parts:
            digest = canonical({"rows": part})
            made.append(
                SnapshotRows(
                    snapshot_id=self.snapshot_id,
                    listing=listing,
                    key=key,
                    position=len(self.digests),
                    rows=part,
                    digest=digest,
                )
            )
            self.digests.append([listing.value, key, digest])
            yield part
        SnapshotRows.objects.bulk_create(made, batch_size=5)

    def read(self) -> Iterator[tuple[str, list[dict]]]:
        parts = SnapshotRows.objects.filter(snapshot=self.snapshot_id).values_list("listing", "rows")
        return parts.iterator(chunk_size=5)


def _content(report: Report, kept: _Rows) -> dict:
    year, province = report.year, report.province
    on = date(year, 12, 31)
    cut_off = today()
    version = version_on(province, on)
    used = sources(year, province)
    if version is None or not used:
        raise Refused(Problem("no_results", f"Năm {year} tỉnh chưa mở kỳ đánh giá nào.", value=year))
    earlier = sources(year - 1, province)
    letterhead = authority_settings(province, on)
    read = _Reader(report, kept, cut_off)
    cube, several = read.classes()
    standards = read.standards({one.campaign_id: one.standard for one in used})
    before, before_unpublished = read.before()
    practice, chosen, commended = read.practice(), read.chosen(), read.awards()
    if not cube.cells and not standards.cells:
        raise Refused(Problem("no_results", f"Năm {year} chưa có đơn vị nào trong kỳ đánh giá.", value=year))
    facts = Facts(
        year=year,
        province=version.name,
        committee=committee_words(letterhead.committee_name),
        cut_off=cut_off,
        as_now=report.as_now,
        districts=read.districts and not report.as_now,
        had_districts=read.districts,
        sources=used,
        classes=class_order(one for one in (*used, *earlier) if one.purpose == Purpose.CLASSIFICATION),
        cube=cube,
        standards=standards,
        before=before,
        names=read.names,
        notes=sorted(read.notes),
        considered=classes_considered(year + 1, province),
        before_unpublished=before_unpublished,
        practice=practice,
        chosen=chosen,
        awards=commended,
    )
    facts.annexes = annexes(facts)
    facts.persons_annex = persons_annex(facts)
    blocks = compose(facts)
    return {
        "edition": EDITION,
        "year": year,
        "as_now": report.as_now,
        "province": {"id": province.ulid, "code": version.code, "name": version.name},
        "cut_off": cut_off.isoformat(),
        "head": head_of(letterhead),
        "signature": signature_of(letterhead),
        "committee": facts.committee,
        "classes": [list(one) for one in facts.classes.items()],
        "marks": {
            "draft": facts.draft,
            "illustrative": any(one.illustrative for one in used),
            "demonstration": read.demonstration or is_demonstration(),
        },
        "had_districts": facts.had_districts,
        "annexes": [list(one) for one in facts.annexes.items()],  # jsonb keeps no order of keys
        "persons_annex": facts.persons_annex,
        "blocks": blocks,
        "figures": facts.figures.found,
        "places": communes_table(facts),
        "places_total": places_total(facts),
        "totals": {"classes": _total(cube, facts.classes), "standards": _total(standards, STANDARD_NAMES)},
        "lists": _list_totals(facts),
        "unsure": {
            "several": several,
            "before_unpublished": before_unpublished,
            "unpublished": facts.unpublished,
            "undated_awards": commended.undated,
        },
    }


class _Reader:
    """Reads one listing after the other and lets go of each; notes what all of them tell."""

    def __init__(self, report: Report, kept: _Rows, cut_off: date):
        self.report, self.kept, self.cut_off = report, kept, cut_off
        self.names: dict[str, Place] = {}
        self.notes: set[str] = set()
        self.districts = self.demonstration = False

    def classes(self) -> tuple[Cube, int]:
        """``(counts, units that stood in several campaigns)``."""
        results, several = classifications(self.report.year, self.report.province)
        eligible = _eligible(results, self.report)
        return self._keep(Listing.CLASSES, results, lambda row: {"eligible": row.unit_id in eligible}), several

    def standards(self, names: dict[int, str]) -> Cube:
        """``names``: ``{campaign: what it recognises}``."""
        results = list(recognitions(self.report.year, self.report.province))
        return self._keep(Listing.STANDARDS, results, lambda row: {"standard": names[row.campaign_id]})

    def before(self) -> tuple[Cube, int]:
        """The published classes of the year before, in its own tree, and how many were not published."""
        results, _ = classifications(self.report.year - 1, self.report.province)
        published = [row for row in results if row.published]
        rest = len(results) - len(published)
        del results
        then = AsThen(self.report.province, date(self.report.year - 1, 12, 31))
        rows = in_order([frozen_row(row, then.of(row)) for row in _emptying(published)])
        return self.kept.keep(Listing.BEFORE, rows), rest

    def practice(self) -> Practice:
        """Models and points on 31/12; what is returned holds no points."""
        on = date(self.report.year, 12, 31)
        practice, points = practice_rows(self.report.province, on, as_now=self.report.as_now)
        self.kept.keep_list(Listing.MODELS, cut_list(practice.models, "field"))
        self.kept.keep_list(Listing.POINTS, cut(points, "model"))
        return practice

    def chosen(self) -> list[dict]:
        """The exemplars of the next year."""
        rows = exemplar_rows(self.report.year + 1, self.report.province)
        self.kept.keep_list(Listing.EXEMPLARS, cut_list(rows))
        return rows

    def awards(self) -> Commended:
        found = award_rows(self.report.year, self.report.province)
        self.kept.keep_list(Listing.AWARDS, cut_list(found.collectives, "form", "authority"))
        self.kept.keep_list(Listing.PERSONS, cut_list(found.persons, "form", "authority"))
        return found

    def _keep(self, listing: Listing, results: list[Result], more: Callable[[Result], dict]) -> Cube:
        placed = self._placer(results)
        self.notes.update(placed.notes)
        rows = []
        for row in _emptying(results):
            places = placed.of(row)
            self.names.update({place.key: place for place in places if place is not NOWHERE})
            self.districts = self.districts or row.district_id is not None
            self.demonstration = self.demonstration or row.demonstration
            own = more(row)
            if self.report.as_now and row.commune_name not in ("", row.name, places[1].name):
                own["then"] = row.commune_name
            rows.append(frozen_row(row, places, **own))
        return self.kept.keep(listing, in_order(rows))

    def _placer(self, results: list[Result]) -> AsThen | AsNow:
        if self.report.as_now:
            return AsNow(results, self.cut_off)
        return AsThen(self.report.province, date(self.report.year, 12, 31))


def _emptying(results: list[Result]) -> Iterator[Result]:
    """Each once, from the end, without keeping it: the rows that are made of them take their place."""
    while results:
        yield results.pop()


def _eligible(results: list[Result], report: Report) -> set[int]:
    """The units that may be chosen as exemplars of the next year."""
    found: set[int] = set()
    for at in range(0, len(results), _CANDIDATES):
        rows = [
            {
                "unit_id": row.unit_id, "unit_code": row.code, "unit_name": row.name, "unit_kind": row.kind,
                "state": row.state, "class_code": row.class_code, "decision__number": row.decision_number,
                "decision__decided_on": row.decided_on,
            }
            for row in results[at : at + _CANDIDATES]
        ]  # fmt: skip
        candidates = candidates_among(rows, report.year + 1, report.province)
        found.update(one.unit_id for one in candidates if one.eligible)
    return found


def _list_totals(facts: Facts) -> dict:
    """What the last line of each other annex says: ``{listing: {"rows", …}}``."""
    total = facts.practice.total
    sizes = {"teams": total.teams, "members": total.members}
    return {
        Listing.MODELS.value: {"rows": len(total.models), "points": total.points, **sizes},
        Listing.POINTS.value: {"rows": sum(sums.points for sums in facts.practice.areas.values()), **sizes},
        Listing.EXEMPLARS.value: {"rows": len(facts.chosen)},
        Listing.AWARDS.value: {"rows": len(facts.awards.collectives)},
        Listing.PERSONS.value: {"rows": len(facts.awards.persons), "words": persons_words(facts)},
    }


def _total(cube: Cube, classes: dict[str, str]) -> dict:
    tally = cube.tally()
    return {
        "total": tally.total,
        "classes": {code: tally.classes[code] for code in classes},
        "unclassified": tally.unclassified,
        "unpublished": tally.unpublished,
    }
