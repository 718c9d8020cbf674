"""Lists that somebody sends to be imported: kept under the rules of every upload."""

from __future__ import annotations

import io
from typing import BinaryIO

from django.conf import settings

from .contents import XLSX
from .files import MARKED, NOT_DECLARED, file_keep, file_store, safe_name
from .models import StoredFile
from .problems import Problem, Refused
from .secrecy import name_is_marked, text_is_marked, twelve_digit_numbers

CSV = "text/csv"


def list_keep(
    stream: BinaryIO,
    *,
    name: str,
    kind: str,
    actor,
    unit_id: int | None,
    declared: bool,
    numbers_confirmed: bool = False,
) -> StoredFile:
    """Keep an XLSX or CSV list.

    Raises:
        Refused: as ``movement.core.files.file_store``.
    """
    if not safe_name(name).lower().endswith((".csv", ".txt")):
        return file_store(
            stream, name=name, actor=actor, unit_id=unit_id, kind=kind, declared=declared,
            numbers_confirmed=numbers_confirmed, allowed=(XLSX,),
        )  # fmt: skip
    # A CSV has no mark of its own in its first bytes, so the store's reading of contents does not know it.
    if not declared:
        raise Refused(Problem("not_declared", NOT_DECLARED))
    name, data = safe_name(name), stream.read(settings.PORTAL_UPLOAD_LIMIT + 1)
    if len(data) > settings.PORTAL_UPLOAD_LIMIT:
        limit = settings.PORTAL_UPLOAD_LIMIT >> 20
        raise Refused(Problem("too_large", f"Tệp lớn hơn {limit} MB nên không được nhận.", value=name))
    if not data:
        raise Refused(Problem("empty", "Tệp rỗng.", value=name))
    text = data.decode("utf-8", errors="replace")
    if name_is_marked(name) or text_is_marked(text.splitlines()):
        raise Refused(Problem("secrecy_mark", MARKED, value=name))
    numbers = twelve_digit_numbers(text)
    if numbers and not numbers_confirmed:
        sentence = f"Trong tệp có {numbers} dãy 12 chữ số; hãy xóa, hoặc xác nhận không phải số định danh cá nhân."
        raise Refused(Problem("twelve_digits", sentence, value=name))
    return file_keep(io.BytesIO(data), name=name, content_type=CSV, actor=actor, unit_id=unit_id, kind=kind)
