"""Frozen rows, their order in an annex, and the cut into parts by keys that stay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from movement.core.text import sort_key
from movement.documents.rendering import PART_ROWS
from units.enums import Kind

from ..selectors.placing import Place
from ..selectors.results import Result

_KIND_PLACE = {kind.value: place for place, kind in enumerate(
    (Kind.PROVINCE, Kind.DISTRICT, Kind.COMMUNE, Kind.RESIDENTIAL_AREA, Kind.AGENCY, Kind.ENTERPRISE, Kind.SCHOOL)
)}  # fmt: skip
_TARGET = 240  # rows of a part where there are no districts to cut by


def frozen_row(row: Result, places: tuple[Place, Place], **more) -> dict:
    """What the snapshot keeps of one result. Points as text; ``class`` empty for what has none.

    ``decision`` is number and date as printed. No person's name is in it.
    """
    district, commune = places
    decided = f"{row.decided_on:%d/%m/%Y}" if row.decided_on and row.published else ""
    return {
        "id": row.unit_ulid,
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "subkind": row.subkind,
        "level": row.level,
        "district": district.key,
        "district_name": district.name,
        "commune": commune.key,
        "commune_name": commune.name,
        "points": None if row.points is None else str(row.points),
        "class": row.class_code,
        "state": row.state,
        "decision": row.decision_number if row.published else "",
        "decided_on": decided,
        "behalf": row.on_behalf,
        **more,
    }


def in_order(rows: list[dict]) -> list[dict]:
    """By district and commune in the order of their codes, the place itself first, then kinds, then names."""
    return sorted(
        rows,
        key=lambda row: (
            row["district"],
            row["commune"],
            row["commune_name"],
            _KIND_PLACE[row["kind"]],
            row.get("standard", ""),
            _sort_key(row["name"]),
            row["code"],
            row["id"],
        ),
    )


@lru_cache(maxsize=20_000)
def _sort_key(name: str) -> str:
    """The same units stand in up to three listings."""
    return sort_key(name)


def cut(rows: Sequence[dict], finest: str = "kind") -> Iterator[tuple[str, list[dict]]]:
    """``(key, rows)``, at most ``PART_ROWS`` each, from rows in order.

    A key names places, so that a change in one commune leaves the other parts as they were: a district
    each; without districts as many communes as make up to 240 rows. ``finest``: the field that a commune with
    more rows than fit is cut by.
    """
    finer = (_commune, _short(finest))
    if len(rows) <= PART_ROWS:
        if rows:
            yield "all", list(rows)
        return
    if any(row["district"] for row in rows):
        for district, inside in groupby(rows, key=lambda row: row["district"]):
            yield from _fitting(f"d{district}", list(inside), finer)
        return
    communes = [list(inside) for _, inside in groupby(rows, key=_commune)]
    together = _power_of_two(_TARGET * len(communes) // len(rows))
    for at in range(0, len(communes), together):
        inside = [row for commune in communes[at : at + together] for row in commune]
        yield from _fitting(f"c{_commune(inside[0])}", inside, finer)


def cut_list(rows: Sequence[dict], *finer: str) -> Iterator[tuple[str, list[dict]]]:
    """The same for a list that has no places, cut by its fields ``finer``, which its order follows."""
    if rows:
        yield from _fitting("all", list(rows), tuple(_short(name) for name in finer))


def _short(name: str) -> Callable[[dict], str]:
    """A field as a piece of a key: what is long, such as an authority's name, by its hash."""

    def piece(row: dict) -> str:
        value = row[name] or "-"
        return value if len(value) <= 26 else hashlib.sha256(value.encode()).hexdigest()[:12]

    return piece


def _fitting(key: str, rows: list[dict], finer: tuple[Callable, ...]) -> Iterator[tuple[str, list[dict]]]:
    """Pieces that fit, neighbours together as far as they fit; a piece is named after where it begins."""
    if len(rows) <= PART_ROWS:
        yield key, rows
        return
    if not finer:
        for at in range(0, len(rows), PART_ROWS):
            yield f"{key}/{at}", rows[at : at + PART_ROWS]
        return
    held: list[dict] = []
    name = key
    for value, group in groupby(rows, key=finer[0]):
        for inside, piece in _fitting(f"{key}/{value}", list(group), finer[1:]):
            if held and len(held) + len(piece) > PART_ROWS:
                yield name, held
                held = []
            name = name if held else inside
            held = held + piece
    yield name, held


def _commune(row: dict) -> str:
    return row["commune"] or row["commune_name"] or "-"


def _power_of_two(number: int) -> int:
    """The largest power of two up to ``number``, at least 1: it rarely changes when rows are added."""
    return 1 << max(number.bit_length() - 1, 0)
