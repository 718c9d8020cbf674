"""Paging by the row one came from."""

import pytest

from movement.core.keyset import Keyset
from tests.factories.ground import version
from units.models import UnitVersion

pytestmark = pytest.mark.django_db
NAMES = ["Bình", "An", "Đông", "Dũng", "An", "Âu", "Ánh"]


@pytest.fixture
def units():
    """Seven units, two of one name; in Vietnamese order."""
    for name in NAMES:
        version("agency", name=name)
    return list(UnitVersion.objects.order_by("name_sort", "pk"))


def page(order=("name_sort", "pk"), size=3, **params):
    rows = UnitVersion.objects.select_related("unit")
    keyset = Keyset(params, rows, order=order, key="unit__ulid", key_of=lambda v: v.unit.ulid, size=size)
    return keyset.page(rows, total=rows.count(), skipped=rows.filter(keyset.skipped).count())


def walk(order, size, *, back=False):
    """The pages from the first to the last, or from the last to the first."""
    pages = [page(order, size)]
    while pages[-1].next:
        pages.append(page(order, size, after=pages[-1].next))
    if back:
        pages = [pages[-1]]
        while pages[-1].previous:
            pages.append(page(order, size, before=pages[-1].previous))
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("order", [("name_sort", "pk"), ("-name_sort", "pk"), ("kind", "-name_sort", "-pk")])
def test_going_on_shows_every_row_once_and_says_where_it_stands(units, order, size):
    pages = walk(order, size)

    rows = [row.pk for one in pages for row in one.rows]
    assert rows == list(UnitVersion.objects.order_by(*order).values_list("pk", flat=True))
    assert [(one.first, one.last, one.total) for one in pages] == [
        (at + 1, min(at + size, 7), 7) for at in range(0, 7, size)
    ]


def test_going_back_leads_over_the_same_rows_to_the_first_page(units):
    there, back = walk(("name_sort", "pk"), 3), walk(("name_sort", "pk"), 3, back=True)

    assert [row.pk for one in back[1:] for row in one.rows] == [
        row.pk for one in (there[1], there[0]) for row in one.rows
    ]
    assert back[-1].previous is None and back[-1].first == 1


def test_a_first_page_that_would_be_short_is_filled(units):
    second = page(size=3, before=units[2].unit.ulid)

    assert [row.pk for row in second.rows] == [row.pk for row in units[:3]]
    assert (second.first, second.previous, second.next) == (1, None, units[2].unit.ulid)


def test_a_row_added_before_shifts_nothing(units):
    first = page(size=3)
    version("agency", name="Ai")

    second = page(size=3, after=first.next)

    assert [row.pk for row in second.rows] == [row.pk for row in units[3:6]]
    assert (second.first, second.total) == (5, 8)


@pytest.mark.parametrize("key", ["after", "before"])
def test_a_row_that_is_gone_leads_to_the_first_page(units, key):
    found = page(size=3, **{key: "01ARZ3NDEKTSV4RRFFQ69G5FAV"})

    assert [row.pk for row in found.rows] == [row.pk for row in units[:3]]


def test_an_empty_list_has_no_place_to_go():
    found = page()

    assert (found.rows, found.total, found.first, found.last, found.previous, found.next) == ([], 0, 0, 0, None, None)
