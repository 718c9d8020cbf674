"""What is outside one's ground changes nothing on any page: not a name, not a total, not a badge.

Every page that the roles of a neighbouring commune and of another province may open is read twice, before and after a
commune with one of everything comes to be beside them. Both readings are the same, letter by letter.
"""

import io
import re
import zipfile
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import override_settings

from movement.accounts.enums import Role

from .asking import table
from .seats import ALSO_OF_COMMUNES, ROLES, at_place, signed_in
from .sites import address
from .world import WORDS, Place, Province, person_of, summed_up

pytestmark = pytest.mark.django_db
# What is new each time a page is made: tokens, numbers of forms, the moment.
CHANGING = re.compile(
    rb'nonce="[^"]*"|csrf[^>]*value="[^"]*"|"X-CSRFToken": *"[^"]*"|name="once" value="[^"]*"|/tep/(?:xem/)?[^"\s]+|'
    rb"\d\d:\d\d(?::\d\d)? \d\d/\d\d/\d{4}"
)
# One's own signing in, and what is one's own account's; here a page is read by many.
LEFT_OUT = ("account_", "mfa_", "usersessions_", "set_language", "file_download", "file_view", "accounts:invited")
READERS = (Role.LEADER, Role.AUDITOR, Role.ADMIN)  # the others that stand at a commune read as these do
PAGES = [name for name, method in table() if method == "GET" and not name.startswith(LEFT_OUT)]


def _read(client, url: str) -> bytes:
    client.cookies = SimpleCookie(client.signed)
    with transaction.atomic():
        response = client.get(url)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    if content[:2] == b"PK":  # a workbook: its sheets, without the moment it was made
        content = _sheets(content)
    return b"%d " % response.status_code + CHANGING.sub(b"", content)


def _sheets(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in sorted(book.namelist()) if not name.startswith("docProps"))


def _pages(name: str, place) -> list[str]:
    found = [address(name, place)]
    if name in ("units:suggest", "awards:unit_choices", "exemplars:unit_choices"):
        field = "unit_q" if name == "awards:unit_choices" else "q"
        found.append(f"{found[0]}?{field}={WORDS['A']}")
    return found


@pytest.fixture(scope="module")
def readings(django_db_setup, django_db_blocker, tmp_path_factory):
    """``[(seat, address, before, after)]``."""
    with (
        django_db_blocker.unblock(),
        override_settings(FILES_ROOT=tmp_path_factory.mktemp("files")),
        transaction.atomic(),
    ):
        mine, other = Province("Trung Tâm", "92"), Province("Xa Lạ", "01")
        neighbour, far = Place(mine, "B"), Place(other, "C")
        summed_up(mine)
        summed_up(other)
        seats = _seats(neighbour, far)
        asked = [(seat, client, url) for seat, (client, urls) in seats.items() for url in urls]
        before = [_read(client, url) for _seat, client, url in asked]
        read = [(*one, told) for one, told in zip(asked, before, strict=True) if told.startswith(b"200")]
        Place(mine, "A")
        after = [_read(client, url) for _seat, client, url, _told in read]
        yield [(seat, url, first, then) for (seat, _client, url, first), then in zip(read, after, strict=True)]
        transaction.set_rollback(True)


def _seats(neighbour, far) -> dict:
    """``{who: (client, the addresses they are asked to open)}``: of the commune beside, and of another province."""
    usual, at_commune = at_place(neighbour, "canh")[: len(ROLES)], at_place(neighbour, "xa")[len(ROLES) :]
    beside = dict(zip(ROLES, usual, strict=True))
    own = [beside[role] for role in (Role.COMMUNE_OFFICER, Role.COMMUNE_LEAD, Role.AREA_OFFICER, Role.UNIT_REP)]
    own += [client for client, role in zip(at_commune, ALSO_OF_COMMUNES, strict=True) if role in READERS]
    own.append(signed_in(person_of(None, name="ai-do")))
    away = dict(zip(ROLES, at_place(far, "tinh"), strict=False))
    seats = {}
    for place, clients in ((neighbour, own), (far, [away[role] for role in (Role.STAFF, *READERS)])):
        urls = [url for name in PAGES for url in _pages(name, place)]
        seats |= {client.user.username: (client, urls) for client in clients}
    return seats


def test_what_comes_to_be_elsewhere_changes_no_page(readings):
    changed = [f"{seat}: {url}\n{_first_difference(one, two)}" for seat, url, one, two in readings if one != two]

    assert len(readings) > 700
    assert not changed, "\n".join(changed[:40])


def test_no_page_names_what_lies_elsewhere(readings):
    word = WORDS["A"].encode()

    assert [f"{seat}: {url}" for seat, url, _before, after in readings if word in after] == []


def _first_difference(one: bytes, two: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    return f"    {one[max(at - 80, 0) : at + 60]!r}\n    {two[max(at - 80, 0) : at + 60]!r}"
