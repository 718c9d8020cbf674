"""The register as a file, under the filters of its pages: collectives, and persons for who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from types import SimpleNamespace

from django.core.exceptions import PermissionDenied

from movement.accounts.access import assignments_now
from movement.core.exports import Cell
from movement.core.listings import Listing, register_listing
from units.trees import place_words

from .enums import PERSONS
from .models import Award
from .selectors import names_today, sees_persons
from .selectors.register import period_words
from .services.viewing import persons_viewed
from .views.register import COLLECTIVES, ORDER, Book, register_asked

COLLECTIVE_LIST, PERSON_LIST = "awards", "awards.persons"
_GIVEN = [("Hình thức", 40), ("Số quyết định", 20), ("Ngày quyết định", 14), ("Cấp quyết định", 34),
          ("Thời gian lập thành tích", 26), ("Ghi chú", 20)]  # fmt: skip
_BATCH = 1000


def collectives_listing(user, address) -> Listing:
    book = register_asked(SimpleNamespace(GET=address, user=user), COLLECTIVES)
    place = "Địa bàn nay" if book.now else "Địa bàn"
    return _listing(user, book, "Khen thưởng tập thể", [("Tập thể", 44), ("Nay là", 36), (place, 34), *_GIVEN])


def persons_listing(user, address) -> Listing:
    """Names of people: only for who sees the page, and each taking is written down."""
    if not sees_persons(user):
        raise PermissionDenied
    book = register_asked(SimpleNamespace(GET=address, user=user), PERSONS)
    columns = [("Họ và tên, tên hộ", 32), ("Chức vụ", 26), ("Đơn vị", 44), ("Nay là", 36)]
    if book.now:
        columns.append(("Địa bàn nay", 34))
    return _listing(user, book, "Khen thưởng cá nhân, hộ gia đình", [*columns, *_GIVEN], taken=_persons_taken)


def _persons_taken(actor, count: int) -> None:
    if count:
        persons_viewed(actor=actor, where="sổ khen thưởng, ra tệp", count=count, action="award.persons_export")


def _listing(user, book: Book, title: str, columns: list[tuple[str, int]], taken=None) -> Listing:
    held = [a.unit_id for a in assignments_now(user) if a.unit_id]
    return Listing(
        title=title,
        what=f"sổ khen thưởng ({title[0].lower()}{title[1:]})",
        columns=columns,
        rows=lambda: _rows(book, [heading for heading, _ in columns]),
        count=book.rows.count(),
        unit_id=held[0] if held else None,
        taken=taken,
    )


def _rows(book: Book, headings: list[str]) -> Iterator[list[Cell]]:
    rows = book.rows.select_related("decision", "revocation").order_by(*ORDER).iterator(chunk_size=_BATCH)
    while some := list(islice(rows, _BATCH)):
        today = names_today(some)
        for award in some:
            told = _told(award, today.get(award.pk, ""))
            if book.now:
                name, sure = place_words(book.now, award.unit_id, award.commune_id)
                told["Địa bàn nay"] = name if sure else f"{name} (chưa tách được)"
            yield [told[heading] for heading in headings]


def _told(award: Award, today_name: str) -> dict[str, Cell]:
    return {
        "Tập thể": award.unit_name,
        "Họ và tên, tên hộ": award.person_name,
        "Chức vụ": award.position,
        "Đơn vị": award.unit_name,
        "Nay là": today_name,
        "Địa bàn": award.place_name or award.province_name,
        "Hình thức": award.form_name,
        "Số quyết định": award.decision.number,
        "Ngày quyết định": award.decided_on,
        "Cấp quyết định": award.decision.authority_name,
        "Thời gian lập thành tích": period_words(award),
        "Ghi chú": "Đã hủy bỏ" if award.revoked else "",
    }


register_listing(COLLECTIVE_LIST, collectives_listing)
register_listing(PERSON_LIST, persons_listing)
