"""What stands at the top and at the end of the paper, from the authority's settings."""

from __future__ import annotations

from units.selectors import Letterhead


def head_of(letterhead: Letterhead) -> dict:
    """Number, date and the year of signing stay empty for the clerk."""
    return {
        "superior": _together(letterhead.superior_name),
        "issuer": letterhead.committee_name,
        "symbol": letterhead.report_symbol,
        "place": letterhead.place_name,
    }


def _together(superior: str) -> str:
    """A long name breaks before the place and not inside it: "Ủy ban nhân dân / tỉnh Hậu Giang"."""
    office = "ủy ban nhân dân "
    if not superior.lower().startswith(office):
        return superior
    return superior[: len(office)] + superior[len(office) :].replace(" ", "\N{NO-BREAK SPACE}")


def signature_of(letterhead: Letterhead) -> dict:
    """The signer's name stays empty for the clerk; an office is never invented."""
    authority = [letterhead.signer_authority or f"TM. {_short(letterhead.committee_name)}"]
    if letterhead.signer_title:
        authority.append(letterhead.signer_title)
    recipients = [line.strip(" -;.") for line in letterhead.recipients.splitlines()]
    return {"authority": authority, "recipients": [line for line in recipients if line] or ["Lưu: VT"]}


def _short(committee: str) -> str:
    """On behalf of "Ban Chỉ đạo", whatever its full name says after that."""
    return "BAN CHỈ ĐẠO" if committee.upper().startswith("BAN CHỈ ĐẠO") else committee.upper()
