"""Files that people send and that the portal makes: checked, kept under their hash, removed when they must."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from movement.audit.services import Act, record

from . import store
from .contents import SUFFIXES, content_type_of, text_of
from .models import StoredFile
from .problems import Problem, Refused
from .secrecy import name_is_marked, text_is_marked, text_mentions_mark, twelve_digit_numbers
from .text import nfc

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
_NAME_LENGTH = 200

NOT_DECLARED = "Phải cam kết tệp không chứa bí mật nhà nước thì mới tải lên được."
MARKED = (
    "Tệp mang dấu độ mật nên không được nhận và không được lưu. Tài liệu mật không được đưa lên cổng này; "
    "nếu là nhầm lẫn, hãy sửa tệp rồi tải lại."
)
MENTIONED = "Trong tệp có chữ chỉ độ mật; hãy kiểm tra lại tệp không chứa bí mật nhà nước."
NO_TEXT = "Không đọc được chữ trong tệp (bản quét hoặc ảnh), nên chỉ có cam kết của người tải lên làm căn cứ."


def safe_name(name: str) -> str:
    """The last part of ``name``, without what a path or a screen could misread."""
    last = PurePosixPath(nfc(name).replace("\\", "/")).name
    clean = " ".join(_UNSAFE.sub(" ", last).split()).lstrip(". ")
    if len(clean) > _NAME_LENGTH:
        stem, dot, suffix = clean.rpartition(".")
        clean = f"{stem[: _NAME_LENGTH - len(suffix) - 1]}.{suffix}" if dot and len(suffix) < 10 else clean
    return clean[:_NAME_LENGTH] or "tep"


@transaction.atomic
def file_store(
    stream: BinaryIO,
    *,
    name: str,
    actor,
    unit_id: int | None,
    kind: str,
    declared: bool,
    numbers_confirmed: bool = False,
    allowed: Collection[str] = tuple(SUFFIXES),
) -> StoredFile:
    """Keep what somebody uploads; ``warnings`` of the row holds ``{code, message}`` to show beside it.

    ``declared``: who uploads declares it free of state secrets. ``numbers_confirmed``: was asked about
    twelve-digit numbers and sends it all the same. ``allowed``: content types.

    Raises:
        Refused: ``not_declared``, ``too_large``, ``empty``, ``file_kind``, ``secrecy_mark``, ``twelve_digits`` (ask,
            then send again confirmed), ``zip_bomb``, ``macros``, ``damaged``. Nothing is kept then.
    """
    if not declared:
        raise Refused(Problem("not_declared", NOT_DECLARED))
    name = safe_name(name)
    data = stream.read(settings.PORTAL_UPLOAD_LIMIT + 1)
    if len(data) > settings.PORTAL_UPLOAD_LIMIT:
        limit = settings.PORTAL_UPLOAD_LIMIT >> 20
        raise Refused(Problem("too_large", f"Tệp lớn hơn {limit} MB nên không được nhận.", value=name))
    if not data:
        raise Refused(Problem("empty", "Tệp rỗng.", value=name))
    if name_is_marked(name):
        raise Refused(Problem("secrecy_mark", MARKED, value=name))
    content_type = content_type_of(data)
    if content_type not in allowed:
        shown = ", ".join(SUFFIXES[kind][0][1:].upper() for kind in SUFFIXES if kind in allowed)
        raise Refused(Problem("file_kind", f"Loại tệp này không được nhận; chỉ nhận {shown}.", value=name))
    warnings = _look_inside(data, content_type, name, numbers_confirmed)
    if not name.lower().endswith(SUFFIXES[content_type]):
        name = f"{name[: _NAME_LENGTH - 6]}{SUFFIXES[content_type][0]}"
    return file_keep(
        io.BytesIO(data),
        name=name,
        content_type=content_type,
        actor=actor,
        unit_id=unit_id,
        kind=kind,
        declared=True,
        warnings=warnings,
    )


def _look_inside(data: bytes, content_type: str, name: str, numbers_confirmed: bool) -> list[dict]:
    text = text_of(data, content_type)
    if text_is_marked(text.splitlines()):
        raise Refused(Problem("secrecy_mark", MARKED, value=name))
    numbers = twelve_digit_numbers(text)
    if numbers and not numbers_confirmed:
        sentence = (
            f"Trong tệp có {numbers} dãy 12 chữ số, có thể là số định danh cá nhân. Cổng này không lưu hồ sơ công dân; "
            "hãy xóa các số đó, hoặc xác nhận đó không phải là số định danh rồi tải lại."
        )
        raise Refused(Problem("twelve_digits", sentence, value=name))
    found = []
    if numbers:
        found.append(("twelve_digits", f"Người tải lên đã xác nhận {numbers} dãy 12 chữ số trong tệp."))
    if text_mentions_mark(text):
        found.append(("secrecy_word", MENTIONED))
    if not text.strip():
        found.append(("no_text", NO_TEXT))
    return [{"code": code, "message": message} for code, message in found]


@transaction.atomic
def file_keep(
    stream: BinaryIO,
    *,
    name: str,
    content_type: str,
    actor,
    unit_id: int | None,
    kind: str,
    declared: bool = True,
    warnings: list[dict] | None = None,
) -> StoredFile:
    """Keep a file as it is: one the portal made, or one that ``file_store`` has looked into."""
    sha256, size = store.files.write(stream)
    file = StoredFile.objects.create(
        sha256=sha256,
        size=size,
        content_type=content_type,
        original_name=name,
        kind=kind,
        unit_id=unit_id,
        uploaded_by_id=getattr(actor, "pk", None),
        uploaded_by_name=str(getattr(actor, "name", "") or actor)[:200],
        declared_free_of_secrets=declared,
        warnings=warnings or [],
    )
    act = Act("file.store", f"Lưu tệp “{name}”.", "core.file", file.ulid, unit_id, after={"sha256": sha256})
    record(actor, act)
    return file


def file_open(file: StoredFile) -> BinaryIO:
    """The content, checked against its hash.

    Raises:
        Refused: ``removed`` or ``damaged``.
    """
    if file.removed_at:
        raise Refused(Problem("removed", "Nội dung tệp này đã bị hủy.", value=file.original_name))
    try:
        return store.files.open(file.sha256)
    except store.Damaged as error:
        sentence = "Tệp lưu trên máy chủ bị mất hoặc hỏng; hãy báo quản trị hệ thống."
        raise Refused(Problem("damaged", sentence, value=file.original_name)) from error


@transaction.atomic
def file_remove(*, file: StoredFile, actor, reason: str) -> int:
    """Destroy the content at once, for every row that names it; how many rows. Hash, who and why stay."""
    if not reason.strip():
        raise Refused(Problem("reason_missing", "Phải ghi lý do hủy nội dung tệp."))
    rows = list(StoredFile.objects.select_for_update().filter(sha256=file.sha256, removed_at__isnull=True))
    for row in rows:
        row.removed_at = timezone.now()
        row.removed_by_name = str(getattr(actor, "name", "") or actor)[:200]
        row.removed_reason = reason.strip()
        row.save(update_fields=["removed_at", "removed_by_name", "removed_reason"])
        sentence = f"Hủy nội dung tệp “{row.original_name}”."
        record(actor, Act("file.remove", sentence, "core.file", row.ulid, row.unit_id, reason=reason.strip()))
    transaction.on_commit(lambda: store.files.remove(file.sha256))
    return len(rows)


def damaged_files() -> Iterator[str]:
    """For ``check_integrity``: a sentence for each kept file that is missing or not what its hash says."""
    names = StoredFile.objects.filter(removed_at__isnull=True).order_by("sha256", "id").distinct("sha256")
    for sha256, name in names.values_list("sha256", "original_name").iterator():
        try:
            store.files.open(sha256).close()
        except store.Damaged:
            yield f"Tệp “{name}” (SHA-256 {sha256}) bị mất hoặc hỏng."
