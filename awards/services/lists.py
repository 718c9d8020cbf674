"""Files of decisions to import, kept while somebody looks at what they would do."""

from __future__ import annotations

import io
from typing import BinaryIO

from django.conf import settings

from movement.core.contents import XLSX
from movement.core.files import MARKED, NOT_DECLARED, file_keep, file_store, safe_name
from movement.core.models import StoredFile
from movement.core.problems import Problem, Refused
from movement.core.secrecy import name_is_marked, text_is_marked, twelve_digit_numbers

from ..enums import LISTS


def list_keep(stream: BinaryIO, *, name: str, actor, unit_id: int | None, declared: bool) -> StoredFile:
    """Keep an XLSX or CSV under the rules of every upload; numbers of identity cards are never confirmed here.

    Raises:
        Refused: as ``movement.core.files.file_store``.
    """
    if not safe_name(name).lower().endswith((".csv", ".txt")):
        return file_store(
            stream, name=name, actor=actor, unit_id=unit_id, kind=LISTS, declared=declared, allowed=(XLSX,)
        )
    # A CSV has no mark of its own in its first bytes, so the store's reading of contents does not know it.
    if not declared:
        raise Refused(Problem("not_declared", NOT_DECLARED))
    name, data = safe_name(name), stream.read(settings.PORTAL_UPLOAD_LIMIT + 1)
    if len(data) > settings.PORTAL_UPLOAD_LIMIT:
        limit = settings.PORTAL_UPLOAD_LIMIT >> 20
        raise Refused(Problem("too_large", f"Tệp lớn hơn {limit} MB nên không được nhận.", value=name))
    text = data.decode("utf-8", errors="replace")
    if name_is_marked(name) or text_is_marked(text.splitlines()):
        raise Refused(Problem("secrecy_mark", MARKED, value=name))
    if numbers := twelve_digit_numbers(text):
        sentence = (
            f"Trong tệp có {numbers} dãy 12 chữ số, có thể là số định danh cá nhân; hãy xóa các số đó rồi gửi lại."
        )
        raise Refused(Problem("twelve_digits", sentence, value=name))
    return file_keep(io.BytesIO(data), name=name, content_type="text/csv", actor=actor, unit_id=unit_id, kind=LISTS)
