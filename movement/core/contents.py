"""What a file is, told from its content; and the text that is in it."""

from __future__ import annotations

import io
import logging
import re
from itertools import islice

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from .problems import Problem, Refused
from .workbooks import parse_xml, unfold_archive

logger = logging.getLogger("movement.files")

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SUFFIXES = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), XLSX: (".xlsx",), DOCX: (".docx",)}

DAMAGED = "Tệp này bị hỏng hoặc đặt mật khẩu nên không được nhận."
_PAGES = 30  # of a PDF; marks stand on the first, and the rest of a thick one would hold up the page
_STARTS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_SHEET = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml")


def content_type_of(data: bytes) -> str | None:
    """The type by the first bytes, and for an archive by what is in it; ``None`` for anything else.

    Raises:
        Refused: ``zip_bomb``, ``macros``, ``damaged``.
    """
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"PK\x03\x04"):
        try:
            names = unfold_archive(data)
        except Refused as error:
            if error.problems[0].code != "not_xlsx":
                raise
            raise Refused(Problem("damaged", DAMAGED)) from error
        return XLSX if "xl/workbook.xml" in names else DOCX if "word/document.xml" in names else None
    return None


def text_of(data: bytes, content_type: str) -> str:
    """The text, a line a paragraph or cell; empty for pictures and scans."""
    if content_type == PDF:
        return _pdf_text(data)
    if content_type in (XLSX, DOCX):
        try:
            return "\n".join(_office_lines(unfold_archive(data), content_type))
        except etree.XMLSyntaxError as error:
            raise Refused(Problem("damaged", DAMAGED)) from error
    return ""


def _pdf_text(data: bytes) -> str:
    try:
        return "\n".join(page.extract_text() for page in islice(PdfReader(io.BytesIO(data)).pages, _PAGES))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, NotImplementedError) as error:
        logger.info("no text could be read from a PDF: %r", error)  # damaged or locked: as good as a scan
        return ""


def _office_lines(contents: dict[str, bytes], content_type: str):
    if content_type == DOCX:
        first = sorted(name for name in contents if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name))
        for name in [*first, "word/document.xml"]:
            for paragraph in parse_xml(contents[name]).iter("{*}p"):
                yield "".join("\t" if part.tag.endswith("}tab") else part.text or "" for part in _runs(paragraph))
        return
    for name in sorted(filter(_SHEET.fullmatch, contents)):  # the shared texts come before the sheets
        for item in parse_xml(contents[name]).iter("{*}si", "{*}v", "{*}is"):
            yield "".join(item.itertext())


def _runs(paragraph):
    """Texts and tabs of a paragraph, without those of paragraphs inside it (text boxes)."""
    for part in paragraph.iter("{*}t", "{*}tab"):
        nearest = next(part.iterancestors("{*}p"), None)
        if nearest is paragraph:
            yield part
