"""Workbooks as others make them."""

import io
import zipfile

import openpyxl


def xlsx(*rows, cells=None, change=None) -> bytes:
    """The first sheet with ``rows``, then single ``cells`` {"B2": value}; ``change(workbook)`` at last."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, value in (cells or {}).items():
        book.active[place] = value
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def archive(members: dict[str, bytes], base: bytes | None = None) -> bytes:
    """A ZIP of ``members``, over those of ``base``."""
    kept = {}
    if base:
        with zipfile.ZipFile(io.BytesIO(base)) as old:
            kept = {name: old.read(name) for name in old.namelist()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in (kept | members).items():
            new.writestr(name, content)
    return buffer.getvalue()
