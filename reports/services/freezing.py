"""Freezing a summary: everything it says, read in one moment and kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from movement.classification.enums import Purpose
from movement.classification.selectors import canonical
from movement.core.dates import today
from movement.core.installation import is_demonstration
from movement.core.problems import Problem, Refused
from movement.exemplars.selectors import classes_considered, exemplar_candidates
from units.selectors import authority_settings, version_on

from ..enums import Listing
from ..models import Report, Snapshot, SnapshotRows
from ..selectors.placing import NOWHERE, AsNow, AsThen
from ..selectors.results import class_order, classifications, recognitions, sources
from ..selectors.tallies import Cube
from . import proof
from .annexes import STANDARD_NAMES, annexes, communes_table, places_total
from .composing import Facts, compose
from .cutting import cut, frozen_row, in_order
from .heads import head_of, signature_of
from .wording import committee_words

EDITION = 1  # of the content's shape


@dataclass(slots=True)
class Frozen:
    """Rows of one listing on their way into the snapshot, in parts."""

    listing: Listing
    parts: list[tuple[str, list[dict]]]


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
        content, frozen, facts = gather(report)
        digests = [[one.listing, key, canonical({"rows": rows})] for one in frozen for key, rows in one.parts]
        snapshot = Snapshot.objects.create(
            report=report,
            content=content,
            digest=canonical({"content": content, "rows": digests}),
            draft=facts.draft,
            illustrative=content["marks"]["illustrative"],
            demonstration=content["marks"]["demonstration"],
            warnings=proof.warnings(content, facts, ((one.listing, rows) for one in frozen for _, rows in one.parts)),
        )
        SnapshotRows.objects.bulk_create(
            (
                SnapshotRows(snapshot=snapshot, listing=listing, key=key, position=position, rows=rows, digest=digest)
                for position, ((listing, key, digest), rows) in enumerate(
                    zip(digests, (rows for one in frozen for _, rows in one.parts), strict=True)
                )
            ),
            batch_size=20,
        )
        return snapshot


def gather(report: Report) -> tuple[dict, list[Frozen], Facts]:
    """``(content of the snapshot, its rows by listing, what the text was made of)``; nothing is written."""
    year, province = report.year, report.province
    on = date(year, 12, 31)
    cut_off = today()
    version = version_on(province, on)
    used = sources(year, province)
    if version is None or not used:
        raise Refused(Problem("no_results", f"Năm {year} tỉnh chưa mở kỳ đánh giá nào.", value=year))
    earlier = sources(year - 1, province)
    letterhead = authority_settings(province, on)
    eligible = {one.unit_id for one in exemplar_candidates(year + 1, province) if one.eligible}
    names: dict = {}
    notes: list[str] = []

    results, several = classifications(year, province)
    placed = _placer(report, results, cut_off)
    notes += placed.notes
    classes, demonstration = _frozen(results, placed, names, eligible=eligible)
    districts = any(row.district_id for row in results)
    del results, eligible
    by_campaign = {one.campaign_id: one for one in used}
    recognised = list(recognitions(year, province))
    districts = districts or any(row.district_id for row in recognised)
    placed = _placer(report, recognised, cut_off)
    standards, made_up = _frozen(recognised, placed, names, by_campaign=by_campaign)
    del recognised
    past, _ = classifications(year - 1, province)
    before, made_up_before = _frozen(
        [row for row in past if row.published], AsThen(province, date(year - 1, 12, 31)), {}
    )
    before_unpublished = sum(not row.published for row in past)
    del past
    gc.collect()

    if not classes and not standards:
        raise Refused(Problem("no_results", f"Năm {year} chưa có đơn vị nào trong kỳ đánh giá.", value=year))
    facts = Facts(
        year=year,
        province=version.name,
        committee=committee_words(letterhead.committee_name),
        cut_off=cut_off,
        as_now=report.as_now,
        districts=districts and not report.as_now,
        had_districts=districts,
        sources=used,
        classes=class_order(one for one in (*used, *earlier) if one.purpose == Purpose.CLASSIFICATION),
        cube=_cube(classes),
        standards=_cube(standards),
        before=_cube(before),
        names=names,
        notes=sorted(set(notes)),
        considered=classes_considered(year + 1, province),
        several=several,
        before_unpublished=before_unpublished,
        demonstration=demonstration or made_up or made_up_before or is_demonstration(),
    )
    frozen = [
        Frozen(Listing.CLASSES, list(cut(classes))),
        Frozen(Listing.STANDARDS, list(cut(standards))),
        Frozen(Listing.BEFORE, list(cut(before))),
    ]
    facts.annexes = annexes(facts)
    blocks = compose(facts)
    content = {
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
            "illustrative": any(one.illustrative for one in facts.sources),
            "demonstration": facts.demonstration,
        },
        "had_districts": facts.had_districts,
        "annexes": [list(one) for one in facts.annexes.items()],  # jsonb keeps no order of keys
        "blocks": blocks,
        "figures": facts.figures.found,
        "places": communes_table(facts),
        "places_total": places_total(facts),
        "totals": {
            "classes": _total(facts.cube, facts.classes),
            "standards": _total(facts.standards, STANDARD_NAMES),
        },
    }
    return content, frozen, facts


def _placer(report: Report, results: list, cut_off: date) -> AsThen | AsNow:
    return AsNow(results, cut_off) if report.as_now else AsThen(report.province, date(report.year, 12, 31))


def _frozen(results, placed, names: dict, *, eligible: set[int] | None = None, by_campaign=None):
    """``(rows in order, whether one is made up)``; notes the places in ``names``."""
    rows, made_up = [], False
    for row in results:
        places = placed.of(row)
        for place in places:
            if place is not NOWHERE:
                names[place.key] = place
        more = {}
        if isinstance(placed, AsNow) and row.commune_name not in ("", row.name, places[1].name):
            more["then"] = row.commune_name
        if eligible is not None:
            more["eligible"] = row.unit_id in eligible
        if by_campaign is not None:
            more["standard"] = by_campaign[row.campaign_id].standard
        rows.append(frozen_row(row, places, **more))
        made_up = made_up or row.demonstration
    return in_order(rows), made_up


def _cube(rows: list[dict]) -> Cube:
    cube = Cube()
    for row in rows:
        cube.add(row)
    return cube


def _total(cube: Cube, classes: dict[str, str]) -> dict:
    tally = cube.tally()
    return {
        "total": tally.total,
        "classes": {code: tally.classes[code] for code in classes},
        "unclassified": tally.unclassified,
        "unpublished": tally.unpublished,
    }
