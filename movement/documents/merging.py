"""Parts to one document: numbers, footer and marks stamped, one copy of each font, outline and metadata last.

Everything written is decided by the arguments: same parts, same arguments, same bytes.
"""

import hashlib
import io
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from math import inf
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, Stream, String

from .fonts import FAMILY, Face, face

MM = 72 / 25.4
# Margins of the sheet (Decree 30/2020, Annex I): the number stands centred over the text, inside the top margin.
LEFT, RIGHT = 30 * MM, 15 * MM
NUMBER_LINE, MARK_LINE, FOOT_LINE = 13 * MM, 13 * MM, 9 * MM
NUMBER_SIZE, MARK_SIZE, FOOT_SIZE = 13, 9, 7
DRAFT = "DỰ THẢO"
PART_LINK = "part:"  # <a href="part:3"> on a contents page leads to the first page of part 3


_FAMILY_IN_PDF = FAMILY.replace(" ", "-")


class ForeignFont(ValueError):
    """A part holds another typeface than ours."""


@dataclass(frozen=True)
class MergeResult:
    pages: int
    sha256: str
    part_pages: tuple[int, ...]
    """Pages of each part."""


@dataclass
class _Shared:
    """One style of the typeface as the whole document uses it."""

    face: Face
    text: dict[int, str] = field(default_factory=dict)
    """``{glyph: what it stands for}``."""
    slots: list[tuple[Dictionary, str]] = field(default_factory=list)
    """Font lists that wait for it, with its name there."""

    def shown(self, text: str) -> bytes:
        """The text as a PDF string, remembered for the subset."""
        glyphs = self.face.glyphs(text)
        for glyph, letter in zip(glyphs, text, strict=True):
            self.note(glyph, letter)
        return "<{}>".format("".join(f"{glyph:04x}" for glyph in glyphs)).encode()

    def note(self, glyph: int, text: str) -> None:
        # Several letters may share a glyph (space and no-break space): the plainest is what is copied.
        self.text[glyph] = min(self.text.get(glyph, text), text, key=lambda one: (len(one), one))


def page_count(pdf: bytes | Path) -> int:
    with _open(pdf) as document:
        return len(document.pages)


def first_pages(counts: Sequence[int], *, number_from: int = 1) -> list[int]:
    """The number of each part's first page, from the pages of each part."""
    return list(accumulate(counts, initial=number_from))[:-1]


def merge_parts(
    parts: Sequence[bytes | Path],
    *,
    out: Path,
    title: str,
    issued_at: datetime,
    document_id: str,
    snapshot_hash: str,
    outline: Sequence[tuple[str, int]] = (),
    number_from: int = 1,
    restart_at: Collection[int] = (),
    draft: bool = False,
    marks: Sequence[str] = (),
) -> MergeResult:
    """Put parts rendered by ``render_part`` together and write the document to ``out``.

    The first part is kept as the base: its PDF/A claim, output intent and language stay.

    Args:
        issued_at: goes into the metadata instead of the time of day.
        outline: ``(title, part)``.
        number_from: the number of the first page. A page numbered 1 shows no number (Decree 30/2020).
        restart_at: parts where numbering begins again at 1.
        draft: every page says DỰ THẢO.
        marks: what else every page says.

    Raises:
        ForeignFont: a part was not rendered with our typeface.
    """
    fonts = {name: _Shared(face(name)) for name in ("Regular", "Bold", "Italic", "BoldItalic")}
    with ExitStack() as opened:
        document = opened.enter_context(_open(parts[0]))
        counts = []
        for index, part in enumerate(parts):
            source = document if index == 0 else opened.enter_context(_open(part))
            counts.append(len(source.pages))
            _release_fonts(source, fonts)
            if index:
                document.pages.extend(source.pages)
            _await_fonts(document.pages[-1].Resources.Font, fonts)
        numbers = _numbers(counts, number_from, set(restart_at))
        texts = _Texts(DRAFT if draft else "", " – ".join(marks), _foot(document_id, snapshot_hash))
        _stamp(document, numbers, texts, fonts)
        _embed(document, fonts)
        firsts = first_pages(counts, number_from=0)
        _lead_to_parts(document, firsts)
        with document.open_outline() as tree:
            tree.root[:] = [OutlineItem(text, firsts[part]) for text, part in outline]
        document.Root.PageMode = Name.UseOutlines if outline else Name.UseNone
        _describe(document, title, issued_at)
        temporary = out.with_name(out.name + ".tmp")
        document.save(
            temporary, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=False
        )
    os.replace(temporary, out)
    return MergeResult(sum(counts), _digest(out), tuple(counts))


@dataclass(frozen=True)
class _Texts:
    """What stands on every page beside its number."""

    draft: str
    marks: str
    foot: str


def _open(pdf: bytes | Path) -> Pdf:
    return pikepdf.open(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _numbers(counts: Sequence[int], number_from: int, restart_at: Collection[int]) -> list[int]:
    numbers, following = [], number_from
    for part, count in enumerate(counts):
        if part in restart_at:
            following = 1
        numbers += range(following, following + count)
        following += count
    return numbers


# --- Fonts: the parts' subsets keep the glyph numbers of the whole font, so one subset can stand for all ---------


def _release_fonts(part: Pdf, fonts: dict[str, _Shared]) -> None:
    """Note which glyphs the part uses and take its own copies of the fonts out of it.

    All pages of a part share one list of fonts.
    """
    listed = part.pages[0].Resources.Font
    for key in list(listed.keys()):
        font = listed[key]
        family, _, style = str(font.BaseFont).partition("+")[2].partition(_FAMILY_IN_PDF)
        style = style.replace("-", "") or "Regular"
        if family or style not in fonts or font.Encoding != Name("/Identity-H"):
            raise ForeignFont(str(font.BaseFont))
        for glyph, text in _to_unicode(font.ToUnicode.read_bytes()):
            fonts[style].note(glyph, text)
        listed[key] = Dictionary(Style=String(style))


def _await_fonts(listed: Dictionary, fonts: dict[str, _Shared]) -> None:
    for key, waiting in listed.items():
        fonts[str(waiting.Style)].slots.append((listed, key))


def _to_unicode(cmap: bytes) -> Iterator[tuple[int, str]]:
    body = cmap.partition(b"endcodespacerange")[2].decode()
    for glyph, text in re.findall(r"<([0-9a-f]{4})> <([0-9a-f]+)>", body):
        yield int(glyph, 16), bytes.fromhex(text).decode("utf-16-be")


def _embed(document: Pdf, fonts: dict[str, _Shared]) -> None:
    for shared in fonts.values():
        if shared.slots:
            font = document.make_indirect(_font(document, shared))
            for listed, key in shared.slots:
                listed[key] = font


def _font(document: Pdf, shared: _Shared) -> Dictionary:
    """A composite font whose codes are glyph numbers, with the text behind them."""
    face, measures, glyphs = shared.face, shared.face.measures, sorted(shared.text)
    content = face.subset(set(glyphs))
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(content).digest()[:6])
    name = Name(f"/{tag}+{_FAMILY_IN_PDF}-{face.name}")
    file = Stream(document, content)
    file.Length1 = len(content)
    widths = Array()
    for glyph in glyphs:
        widths.extend([glyph, Array([measures.widths[glyph]])])
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        FontFamily=String(FAMILY),
        Flags=4 + 2 + (64 if face.italic else 0),  # symbolic (own codes), serif, italic
        FontBBox=Array(measures.box),
        ItalicAngle=measures.slant,
        Ascent=measures.ascent,
        Descent=measures.descent,
        CapHeight=measures.cap_height,
        StemV=120 if face.weight > 400 else 80,
        FontFile2=document.make_indirect(file),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        CIDToGIDMap=Name.Identity,
        W=widths,
        FontDescriptor=document.make_indirect(descriptor),
    )
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=name,
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([document.make_indirect(descendant)]),
        ToUnicode=document.make_indirect(Stream(document, _cmap(shared.text))),
    )


def _cmap(text: dict[int, str]) -> bytes:
    pairs = [f"<{glyph:04x}> <{letters.encode('utf-16-be').hex()}>" for glyph, letters in sorted(text.items())]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    for start in range(0, len(pairs), 100):  # the format allows a hundred at a time
        block = pairs[start : start + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap CMapName currentdict /CMap defineresource pop end end"]
    return "\n".join(lines).encode()


# --- Stamps ---------------------------------------------------------------------------------------------------


def _stamp(document: Pdf, numbers: Sequence[int], texts: _Texts, fonts: dict[str, _Shared]) -> None:
    """Lay the number and the shared marks over each page, each as a form under a name of our own."""
    listed = document.make_indirect(Dictionary())
    before = document.make_indirect(Stream(document, b"q"))
    marks: dict[tuple[Decimal, Decimal], pikepdf.Object] = {}

    for index, (page, number) in enumerate(zip(document.pages, numbers, strict=True)):
        size = (Decimal(page.MediaBox[2]), Decimal(page.MediaBox[3]))
        if size not in marks:
            marks[size] = _form(document, size, _marks(size, texts, fonts), listed)
        shown = Dictionary({"/CongMarks": marks[size]})
        if number > 1:
            shown[f"/CongNumber{index}"] = _form(document, size, _number(size, number, fonts), listed)
        drawn = page.Resources.XObject
        for name, form in shown.items():
            drawn[name] = form
        draw = "Q " + " ".join(f"{name} Do" for name in shown)
        after = document.make_indirect(Stream(document, draw.encode()))
        page.Contents = Array([before, page.obj.Contents, after])
    for name in ("Regular", "Bold"):
        if fonts[name].text:
            fonts[name].slots.append((listed, f"/{name}"))


def _form(document: Pdf, size: tuple, content: bytes, fonts: Dictionary) -> pikepdf.Object:
    form = Stream(document, content)
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, *size])
    form.Resources = Dictionary(Font=fonts)
    return document.make_indirect(form)


def _number(size: tuple, number: int, fonts: dict[str, _Shared]) -> bytes:
    middle = (LEFT + float(size[0]) - RIGHT) / 2
    return _line(fonts["Regular"], str(number), NUMBER_SIZE, at=(middle, float(size[1]) - NUMBER_LINE), anchor=0.5)


def _marks(size: tuple, texts: _Texts, fonts: dict[str, _Shared]) -> bytes:
    width, height = map(float, size)
    whole = width - LEFT - RIGHT
    beside = whole / 2 - 6 * MM  # what the number in the middle leaves
    lines = [_line(fonts["Regular"], texts.foot, FOOT_SIZE, at=(LEFT + whole / 2, FOOT_LINE), anchor=0.5, room=whole)]
    top = height - MARK_LINE
    if texts.marks:
        lines.append(_line(fonts["Bold"], texts.marks, MARK_SIZE, at=(LEFT, top), anchor=0, room=beside))
    if texts.draft:
        lines.append(_line(fonts["Bold"], texts.draft, MARK_SIZE, at=(width - RIGHT, top), anchor=1, room=beside))
    return b"\n".join(lines)


def _line(
    shared: _Shared, text: str, size: float, *, at: tuple[float, float], anchor: float, room: float = inf
) -> bytes:
    """One line of text whose point ``anchor`` (0 left, 0.5 middle, 1 right) stands at ``at``, smaller if it must."""
    length = shared.face.width(text) / 1000
    size = round(min(size, room / length), 2)
    x, y = at
    x -= anchor * length * size
    return b"BT 0 g /%s %g Tf %.2f %.2f Td %s Tj ET" % (shared.face.name.encode(), size, x, y, shared.shown(text))


def _foot(document_id: str, snapshot_hash: str) -> str:
    return f"Mã văn bản: {document_id} · Mã số liệu: {snapshot_hash}"


# --- What the reader's program shows ----------------------------------------------------------------------------


def _lead_to_parts(document: Pdf, firsts: Sequence[int]) -> None:
    """Turn the contents page's links to parts into links inside the document."""
    for page in document.pages:
        for link in page.obj.get("/Annots", []):
            address = str(link.get("/A", {}).get("/URI", ""))
            if address.startswith(PART_LINK):
                target = document.pages[firsts[int(address.removeprefix(PART_LINK))]]
                link.A = Dictionary(S=Name.GoTo, D=Array([target.obj, Name.Fit]))


def _describe(document: Pdf, title: str, issued_at: datetime) -> None:
    """Title and dates; ``Lang``, the PDF/A claim and the output intent stay as the first part has them."""
    moment = issued_at.isoformat(timespec="seconds")
    with document.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["dc:title"] = title
        meta["dc:language"] = ["vi"]
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = moment
        meta["xmp:CreatorTool"] = "WeasyPrint, pikepdf"
    document.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
