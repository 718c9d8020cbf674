"""Parts of a long annex: at most 300 rows, cut where a change elsewhere does not move them."""

import pytest

from movement.classification.selectors import canonical
from reports.services.cutting import cut, in_order


def row(district, commune, number, kind="residential_area", **more):
    return {
        "id": f"{district}{commune}{kind}{number}", "code": "", "name": f"Ấp {number}", "kind": kind,
        "district": district, "commune": commune, "commune_name": f"Xã {commune}", "points": "80", **more,
    }  # fmt: skip


def province(districts=3, communes=8, units=20, *, kinds=("residential_area", "agency")):
    return in_order(
        [
            row(f"9{d}" if districts > 1 else "", f"{d}{c:02}", n, kind)
            for d in range(districts)
            for c in range(communes)
            for kind in kinds
            for n in range(units // len(kinds))
        ]
    )


def digests(rows):
    return {key: canonical({"rows": part}) for key, part in cut(rows)}


@pytest.mark.parametrize(
    "rows",
    [province(), province(1, 90, 6), province(1, 2, 1400), province(2, 1, 700, kinds=("agency",)), province(1, 3, 2)],
    ids=["districts", "many small communes", "huge communes", "one kind alone", "few"],
)
def test_every_row_is_in_one_part_of_at_most_300_in_the_same_order(rows):
    parts = list(cut(rows))

    assert [one["id"] for _, part in parts for one in part] == [one["id"] for one in rows]
    assert max(len(part) for _, part in parts) <= 300
    assert len({key for key, _ in parts}) == len(parts)


@pytest.mark.parametrize("rows", [province(), province(1, 90, 6), province(1, 2, 1400)])
def test_one_corrected_score_changes_one_part(rows):
    before = digests(rows)
    rows[len(rows) // 2]["points"] = "81.25"
    after = digests(rows)

    assert before.keys() == after.keys()
    assert len([key for key in before if before[key] != after[key]]) == 1


@pytest.mark.parametrize("rows", [province(), province(1, 90, 6)])
def test_a_unit_that_is_added_changes_the_part_of_its_place_alone(rows):
    before = digests(rows)
    middle = rows[len(rows) // 2]
    added = row(middle["district"], middle["commune"], 999)
    after = digests(in_order([*rows, added]))

    assert before.keys() == after.keys()
    assert len([key for key in before if before[key] != after[key]]) == 1


def test_no_rows_no_parts():
    assert list(cut([])) == []
