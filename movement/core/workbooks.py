"""Opening an XLSX somebody else made: looked at before anything parses it.

An XLSX is a ZIP, so it can unfold to any size, carry macros or be something else; and a sheet with two
cells far apart makes readers fill the rectangle between them. All of it is refused here first.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from .problems import Problem, Refused

MAX_MEMBERS = 1_000
MAX_UNFOLDED = 256 << 20
MAX_RATIO = 200  # unfolded to packed, for what is large enough to hurt
RATIO_FROM = 16 << 20
MAX_ROWS = 99_999
MAX_COLUMNS = 156  # up to EZ

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, or an XLSX with a password
_ERROR = re.compile(rb"<(?:\w+:)?c(?=\s)(?=[^>]*\st=[\"']e[\"'])[^>]*?\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*>")
_FORMULA = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]*>\s*<(?:\w+:)?f[\s/>]")
# cells with content beyond EZ or row 99,999, and cells that do not say where they are
_TOO_FAR = re.compile(
    rb"\sr\s*=\s*[\"'](?:[A-Z]{3}|[F-Z][A-Z]|[A-Z]{1,2}[0-9]{6})[A-Z]*[0-9]*[\"'](?:[^>]*[^/>])?>(?!</)"
)
_NOWHERE = re.compile(rb"<(?:\w+:)?c(?=[\s/>])(?![^>]*\sr\s*=\s*[\"'])")
# The two above take as long as the reading itself. Plain searches in a copy that keeps only the places,
# with letters and digits made alike, say for almost every file that they cannot match.
_ALIKE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'", b"A" * 5 + b"Z" * 21 + b"0" * 10 + b'"')
_NO_PLACE = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'\">"))
_MAYBE_TOO_FAR = [
    *(f'"{a}{b}{c}0'.encode() for a in "AZ" for b in "AZ" for c in "AZ"),
    *(f'"Z{a}0'.encode() for a in "AZ"),
    *(f'"{letters}000000'.encode() for letters in ("A", "Z", "AA", "AZ")),
]
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

NOT_XLSX = "Tệp này không phải là tệp Excel (.xlsx), hoặc đã hỏng hay đặt mật khẩu; hãy lưu lại dạng .xlsx rồi gửi."
BOMB = "Tệp này khi mở ra lớn bất thường nên không được đọc."
TOO_FAR = f"Bảng tính có ô nằm ngoài {MAX_ROWS} dòng hoặc {MAX_COLUMNS} cột; hãy xóa các ô thừa."
MACROS = "Tệp này có macro nên không được nhận; hãy lưu lại dạng không có macro rồi gửi."


def read_workbook(data: bytes) -> tuple[list[list[object]], dict[tuple[int, int], str]]:
    """The first sheet that is shown: ``(rows, faults)``.

    Row 0 is line 1 of the sheet. ``faults`` maps ``(row, column)``, from 0, to ``formula`` (the value is
    what the program that saved the file had computed) or ``cell_error`` (#N/A; read as empty).

    Raises:
        Refused: ``not_xlsx``, ``zip_bomb``, ``macros`` or ``sheet_too_large``.
    """
    if data.startswith(_OLD_OFFICE):
        raise Refused(Problem("not_xlsx", NOT_XLSX))
    contents = unfold_archive(data)
    try:
        index, xml = _first_sheet(contents)
        xml = xml[xml.index(b"sheetData") : xml.rindex(b"sheetData")]
    except (etree.XMLSyntaxError, KeyError, ValueError) as error:
        raise Refused(Problem("not_xlsx", NOT_XLSX)) from error
    if _is_too_far(xml):
        raise Refused(Problem("sheet_too_large", TOO_FAR))
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(index)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError) as error:
        raise Refused(Problem("not_xlsx", NOT_XLSX)) from error
    faults = {}
    if b'"e"' in xml or b"'e'" in xml:
        faults |= dict.fromkeys(_places(_ERROR, xml), "cell_error")
    if b"<f" in xml or b":f" in xml:
        faults |= dict.fromkeys(_places(_FORMULA, xml), "formula")
    return rows, faults


def _places(pattern: re.Pattern, xml: bytes) -> list[tuple[int, int]]:
    return [(int(row) - 1, column_number(letters.decode())) for letters, row in pattern.findall(xml)]


def _is_too_far(xml: bytes) -> bool:
    places = xml.translate(_ALIKE, _NO_PLACE)
    if any(place in places for place in _MAYBE_TOO_FAR) and _TOO_FAR.search(xml):
        return True
    all_placed = xml.count(b"<c") == xml.count(b'<c r="') and b":c" not in xml
    return not all_placed and bool(_NOWHERE.search(xml))


def column_letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """0 for ``A``."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def unfold_archive(data: bytes) -> dict[str, bytes]:
    """Every member of an Office file by its name, unfolded once, within bounds.

    Raises:
        Refused: ``not_xlsx`` for what is no whole, open archive; ``zip_bomb``; ``macros``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise Refused(Problem("zip_bomb", BOMB))
        budget, contents = MAX_UNFOLDED, {}
        for member in members:
            if member.filename.lower().endswith("vbaproject.bin"):
                raise Refused(Problem("macros", MACROS))
            content = _unfold(data, member, budget)
            budget -= len(content)
            contents[member.filename] = content
        return contents
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError) as error:
        raise Refused(Problem("not_xlsx", NOT_XLSX)) from error


def _first_sheet(contents: dict[str, bytes]) -> tuple[int, bytes]:
    """The place and the XML of the first sheet that is not hidden."""
    workbook = parse_xml(contents["xl/workbook.xml"])
    targets = {item.get("Id"): item.get("Target", "") for item in parse_xml(contents["xl/_rels/workbook.xml.rels"])}
    for index, sheet in enumerate(workbook.iterfind("{*}sheets/{*}sheet")):
        if sheet.get("state", "visible") == "visible":
            target = targets[sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)]
            xml = contents[target.lstrip("/") if target.startswith("/") else f"xl/{target}"]
            if b"encoding" in xml[:200] and b"UTF-8" not in xml[:200].upper():
                raise ValueError("not UTF-8")
            return index, xml
    raise ValueError("no sheet")


def _unfold(data: bytes, member: zipfile.ZipInfo, budget: int) -> bytes:
    """One member's content. The size the archive states is not believed: a reader behind us would not stop there."""
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("encrypted or packed otherwise")
    name_length, extra_length = struct.unpack_from("<HH", data, member.header_offset + 26)
    start = member.header_offset + 30 + name_length + extra_length
    packed = memoryview(data)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
    else:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        content = unpacker.decompress(packed, max(min(budget, max(member.file_size, 1)) + 1, 1))
        if not unpacker.eof and len(content) <= budget and len(content) <= member.file_size:
            raise ValueError("cut off")
    too_dense = len(content) > RATIO_FROM and len(content) > MAX_RATIO * len(packed)
    if len(content) > budget or len(content) > member.file_size or too_dense:
        raise Refused(Problem("zip_bomb", BOMB))
    return content


def parse_xml(content: bytes):
    """A tree, without entities and without the net."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
