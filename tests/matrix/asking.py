"""What comes back when a seat opens an address, as one letter; and the table that says what should."""

from __future__ import annotations

from http.cookies import SimpleCookie
from itertools import groupby
from pathlib import Path

from django.db import connection, transaction
from django.urls import get_resolver, reverse

from .seats import HEAD, SIDES
from .sites import SITES, address, body

TABLE = Path(__file__).parent / "expected.txt"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Rows of these say that somebody was there, not that something was done.
SESSIONS = ["django_session", "usersessions_usersession"]
# Pages about one's own signing in, which a library answers; it has its own tests of methods that it does not know.
LIBRARY = ("account_", "mfa_", "usersessions_", "set_language")
REFUSED = "-xs"


def names_of_addresses(resolver=None, prefix="") -> set[str]:
    """All that the URL configuration names."""
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            found |= names_of_addresses(pattern, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""))
        else:
            found.add(prefix + pattern.name)
    return found


def table() -> dict[tuple[str, str], str]:
    """``{(name, method): cells}`` as written down."""
    rows = {}
    for text in TABLE.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            name, method, cells = text.split(maxsplit=2)
            assert (name, method) not in rows, f"twice in the table: {text}"
            rows[name, method] = cells
    return rows


def parts(most: int = 14) -> list[list[str]]:
    """The table's names, app by app, cut into tests of some hundred requests."""
    found = []
    for _space, of_space in groupby(sorted(SITES, key=_space_of), key=_space_of):
        names = list(of_space)
        found += [names[at : at + most] for at in range(0, len(names), most)]
    return found


def _space_of(name: str) -> str:
    return name.rpartition(":")[0]


def answer(client, method: str, url: str, data: dict) -> tuple[str, int]:
    """``(letter, rows written)`` of one request; all it did is taken back.

    Letters: ``+`` let in (also: what was sent is not right), ``-`` 403, ``x`` 404, ``m`` 405, ``s`` sign in first, ``!``
    it broke.
    """
    before = _writes() if method == "POST" else 0
    client.cookies = SimpleCookie(client.signed)  # signing out is a page too
    with transaction.atomic():
        send = getattr(client, method.lower())
        response = send(url, data) if method == "POST" else send(url)
        if response.streaming:
            b"".join(response.streaming_content)
        written = _writes() - before if method == "POST" else 0
        transaction.set_rollback(True)
    login = reverse("account_login")
    if response.status_code == 302 and response.url.startswith(login) and not url.startswith(login):
        return "s", written
    status = response.status_code
    return {403: "-", 404: "x", 405: "m"}.get(status, "+" if status < 500 else "!"), written


def _writes() -> int:
    """How many rows this transaction has written so far, also in savepoints that were taken back; sessions apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname <> ALL(%s)",
            [SESSIONS],
        )
        return cursor.fetchone()[0]


def row_of(name: str, method: str, place, sides: dict) -> tuple[str, list[str], int]:
    """``(cells, who was refused and wrote all the same, requests)`` of one line of the table."""
    url, data, cells, wrote, asked = address(name, place), body(name, place), [], [], 0
    for side in SIDES:
        answers = [answer(client, method, url, data) for client in sides[side]]
        asked += len(answers)
        wrote += [f"{side} {at}" for at, (letter, written) in enumerate(answers) if letter in REFUSED and written]
        letters = "".join(letter for letter, _written in answers)
        cells.append(f"{letters[:12]}·{letters[12:]}" if side in ("inside", "outside") else letters)
    return " ".join(cells), wrote, asked


def compared(names: list[str], method: str, place, sides: dict) -> tuple[list[str], int]:
    """``(what is not as the table says, requests)`` of the table's lines of ``names`` for ``method``."""
    rows, wrong, asked = table(), [], 0
    for name in names:
        if (name, method) not in rows:
            continue
        got, wrote, requests = row_of(name, method, place, sides)
        asked += requests
        if got != rows[name, method]:
            wrong.append(f"{name:36} {method:4} {got}\n{'':27}expected  {rows[name, method]}")
        if wrote:
            wrong.append(f"{name:36} {method:4} refused, and wrote all the same: {', '.join(wrote)}")
    return wrong, asked


def told(wrong: list[str]) -> str:
    return "\n" + "\n".join([f"{'':43}{HEAD}", *wrong])
