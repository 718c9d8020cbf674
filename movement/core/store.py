"""Content-addressed files on disk: ``ab/cd/sha256``.

What is written is on the disk (fsync, then rename) before its hash is handed out, so a row never names
a file that a power cut took. ``files`` holds what rows of StoredFile name; ``parts`` what jobs made on
the way and can make again.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

_HASH = re.compile("[0-9a-f]{64}")
_CHUNK = 1 << 20


class TooLarge(Exception):
    """More bytes than allowed; nothing is kept."""


class Damaged(Exception):
    """The content is missing or is not what its hash says."""


class Store:
    def __init__(self, area: str):
        self.area = area

    @property
    def root(self) -> Path:
        return Path(settings.FILES_ROOT) / self.area

    def path(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def write(self, source: bytes | BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """Keep ``source``; its SHA-256 and size.

        Raises:
            TooLarge: it has more than ``limit`` bytes.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".new-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                digest, size = hashlib.sha256(), 0
                for chunk in _chunks(source):
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fchmod(file.fileno(), 0o640)
                os.fsync(file.fileno())
            target = self.path(digest.hexdigest())
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)  # over an equal one too: it mends a damaged file
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        for folder in (target.parent, target.parent.parent, self.root):
            sync_folder(folder)
        return target.name, size

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """The content from its beginning, checked whole against its hash.

        Raises:
            Damaged: missing or different.
        """
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError:
            raise Damaged(sha256) from None
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise Damaged(sha256)
        file.seek(0)
        return file

    def read(self, sha256: str) -> bytes:
        """As ``open``, whole in memory."""
        with self.open(sha256) as file:
            return file.read()

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)


def _chunks(source: bytes | BinaryIO):
    if isinstance(source, bytes):
        yield source
        return
    while chunk := source.read(_CHUNK):
        yield chunk


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


files = Store("")
parts = Store("parts")
