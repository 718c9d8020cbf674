"""From a snapshot to pages: the parts, what each shows, and its PDF.

A part's output depends on its payload and on the edition of templates and code alone; that is its cache
key, so a new summary renders only what changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from movement.classification.selectors import canonical
from movement.core.dates import format_date
from movement.core.numbers import count_text
from movement.core.text import fold
from movement.documents import charts, fonts, rendering
from movement.documents.layout import AnnexHeading, Column, GroupRow, LetterHead, SignatureBlock, Table, date_words

from ..enums import FileKind, Listing
from ..models import Snapshot
from . import annex_lists
from .annexes import (
    CLASS_COLUMNS,
    STANDARD_COLUMNS,
    STANDARD_NAMES,
    annex_title,
    legend,
    places_columns,
    total_row,
    unit_rows,
)
from .wording import figures_filled, sentence_case

PLACES_LINES = 250
MOST_ENTRIES = 40  # places of one annex named in the contents; more would fill pages and cost a second
KEPT_ROWS = 12  # a table of the text up to this length is not broken over two pages
SUB = "\N{EM SPACE}"  # before the entries below an annex
PERSONS = Listing.PERSONS.value  # its parts make a document of their own
OWN_SHEET = "reports/document/report.css"


@dataclass(frozen=True, slots=True)
class Part:
    """``titles`` are its entries in the contents; ``payload`` is all that the part shows."""

    key: str
    titles: tuple[str, ...]
    payload: dict

    @property
    def cache_key(self) -> str:
        return canonical({"edition": edition(), "payload": self.payload})


@cache
def edition() -> str:
    """Changes with everything that turns a payload into a PDF: templates, code, typeface, libraries."""
    digest = hashlib.sha256()
    for name in ("weasyprint", "pydyf", "fonttools"):
        digest.update(f"{name}={version(name)}\n".encode())
    files = [Path(__file__), *Path(rendering.__file__).parent.glob("*.py")]
    for folder in ("documents", "reports/document"):
        files += (fonts.ROOT / "templates" / folder).iterdir()
    files += [face.path for face in fonts.FACES]
    for path in sorted(files):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


# --- What there is to print -------------------------------------------------------------------------------
def parts(snapshot: Snapshot) -> Iterator[Part]:
    """All parts in the order of the document, then those of the annex of persons; one block of rows at a time."""
    content = snapshot.content
    yield Part("text", ("Báo cáo",), _text_payload(content))
    for name, _ in content["annexes"]:
        yield from _places(content) if name == "places" else _units(snapshot, name)
    if content["persons_annex"]:
        yield from _units(snapshot, PERSONS)


def part_named(snapshot: Snapshot, key: str) -> Part:
    """One part again, for the worker that prints it."""
    content = snapshot.content
    name, _, inside = key.partition("/")
    if name == "text":
        return next(parts(snapshot))
    if name == "places":
        return next(part for part in _places(content) if part.key == key)
    keys = _keys(snapshot, name)
    at = next(at for at, (_, one) in enumerate(keys) if one == inside)
    return _unit_part(snapshot, name, keys, at)


def _text_payload(content: dict) -> dict:
    kept = ("year", "cut_off", "province", "head", "signature", "committee", "blocks", "figures")
    return {"template": "reports/document/text.html", **{name: content[name] for name in kept}}


def _keys(snapshot: Snapshot, name: str) -> list[tuple[int, str]]:
    """``(id, key)`` of the blocks of rows of one annex."""
    return list(snapshot.parts.filter(listing=name).order_by("position").values_list("pk", "key"))


def _units(snapshot: Snapshot, name: str) -> Iterator[Part]:
    keys = _keys(snapshot, name)
    for at in range(len(keys)):
        yield _unit_part(snapshot, name, keys, at)


def _unit_part(snapshot: Snapshot, name: str, keys: list[tuple[int, str]], at: int) -> Part:
    content, part = snapshot.content, snapshot.parts.get(pk=keys[at][0])
    payload = {
        "template": "documents/annex.html",
        **_table_of(content, name, part.rows, last=at == len(keys) - 1),
        "totals": [],
        "heading": _heading(content, name) if at == 0 else None,
        "wide": False,
    }
    titles = []
    if at == 0:
        titles.append(f"{_label(content, name)}. {_annex_title(content, name)}")
    if "commune" not in part.rows[0]:
        return Part(f"{name}/{part.key}", tuple(titles), payload)
    places = [key.partition("/")[0] for _, key in keys]
    opens = at == 0 or places[at] != places[at - 1]
    if opens and 1 < len(set(places)) <= MOST_ENTRIES:
        titles.append(SUB + _span(part.rows))
    return Part(f"{name}/{part.key}", tuple(titles), payload)


def _table_of(content: dict, name: str, rows: list[dict], *, last: bool) -> dict:
    """Columns, rows and foot of a part; the last one ends with the total."""
    if name in annex_lists.NAMES:
        printed = annex_lists.rows_printed(name, rows)
        if last:
            printed.append(annex_lists.total_line(name, content["lists"][name]))
        return {"columns": annex_lists.columns(name), "rows": printed, "foot": annex_lists.foot(name) if last else []}
    names = dict(content["classes"]) if name == "classes" else STANDARD_NAMES
    printed = unit_rows(name, rows, names, year=content["year"])
    if last:
        printed.append(total_row(name, content["totals"][name], names))
    return {
        "columns": [[*one, ""] for one in (CLASS_COLUMNS if name == "classes" else STANDARD_COLUMNS)],
        "rows": printed,
        "foot": legend(name, behalf=any(row["behalf"] for row in rows)),
    }


def _label(content: dict, name: str) -> str:
    return content["persons_annex"] if name == PERSONS else dict(content["annexes"])[name]


def _annex_title(content: dict, name: str) -> str:
    if name == PERSONS:
        words = content["lists"][PERSONS]["words"]
        return f"{sentence_case(words)} được khen thưởng, thành tích đến hết năm {content['year']}"
    return annex_title(name, content["year"], districts=content["had_districts"])


def _span(rows: list[dict]) -> str:
    """Where a part's rows lie: its district, or its first and last commune."""
    if rows[0]["district"] and rows[0]["district"] == rows[-1]["district"]:
        return rows[0]["district_name"]
    ends = list(dict.fromkeys(row["commune_name"] or "Không thuộc cấp xã" for row in (rows[0], rows[-1])))
    return " - ".join(ends)


def _places(content: dict) -> Iterator[Part]:
    lines, blocks = content["places"], [[]]
    for line in lines:
        # a district begins a new part only where the part is full
        if len(blocks[-1]) >= PLACES_LINES and isinstance(line, str):
            blocks.append([])
        blocks[-1].append(line)
    for at, rows in enumerate(blocks):
        last = at == len(blocks) - 1
        payload = {
            "template": "documents/annex.html",
            "columns": places_columns(name for _, name in content["classes"]),
            "rows": rows,
            "totals": [content["places_total"]] if last else [],
            "foot": ["Tổng số gồm cả kết quả của chính xã, phường, thị trấn, đặc khu."] if last else [],
            "heading": _heading(content, "places") if at == 0 else None,
            "wide": True,
        }
        titles = (f"{_label(content, 'places')}. {_annex_title(content, 'places')}",) if at == 0 else ()
        yield Part(f"places/{at}", titles, payload)


def _heading(content: dict, name: str) -> dict:
    head = _letter_head(content["head"])
    by = f"của {content['committee']})"
    if len(by) <= 50:  # a short name is not torn apart at the end of the line
        by = by.replace(" ", "\N{NO-BREAK SPACE}")
    return {
        "label": _label(content, name),
        "title": _annex_title(content, name),
        "reference": f"(Kèm theo Báo cáo số{head.number_line.removeprefix('Số:')} {date_words(None)} {by}",
        "unit": f"Số liệu tính đến ngày {format_date(date.fromisoformat(content['cut_off']))}",
    }


# --- Pages ------------------------------------------------------------------------------------------------
def rendered(part: Part) -> bytes:
    """The part as PDF, without page numbers."""
    sheets = rendering.LETTER_SHEETS if part.key == "text" else (rendering.SHEET,)
    return rendering.render_html_part(html_of(part), sheets=(*sheets, OWN_SHEET))


def html_of(part: Part) -> str:
    """What ``rendered`` lays out."""
    payload = part.payload
    return render_to_string(
        payload["template"], _text_context(payload) if part.key == "text" else _annex_context(payload)
    )


def _text_context(payload: dict) -> dict:
    return {
        "title": document_title(payload),
        "head": _letter_head(payload["head"]),
        "kind": "Báo cáo",
        "subject": f"Tổng kết phong trào Toàn dân bảo vệ an ninh Tổ quốc năm {payload['year']}",
        "text": _blocks(payload),
        "signature": SignatureBlock(
            authority=tuple(payload["signature"]["authority"]), recipients=tuple(payload["signature"]["recipients"])
        ),
    }


def _annex_context(payload: dict) -> dict:
    heading = payload["heading"]
    return {
        "title": heading["title"] if heading else "Phụ lục",
        "heading": heading and AnnexHeading(heading["title"], heading["label"], heading["reference"]),
        "table": _table(payload, unit=heading["unit"] if heading else ""),
        "wide": payload["wide"],
    }


def _table(frozen: dict, *, unit: str = "") -> Table:
    return Table(
        columns=[Column(*one) for one in frozen["columns"]],
        rows=[GroupRow(row) if isinstance(row, str) else row for row in frozen["rows"]],
        totals=frozen.get("totals", ()),
        foot=frozen.get("foot", ()),
        unit=unit,
    )


def _blocks(payload: dict) -> SafeString:
    return mark_safe("\n".join(_block(block, payload["figures"]) for block in payload["blocks"]))  # noqa: S308


def _block(block: dict, figures: dict) -> str:
    match block["t"]:
        case "h":
            return format_html("<h{0}>{1}</h{0}>", block["level"], block["text"])
        case "p":
            # what announces a list stays with its first line
            lead = ' class="lead"' if block["text"].endswith(":") else ""
            return f"<p{lead}>{_text(block['text'], figures)}</p>"
        case "table":
            body = render_to_string("documents/annex_table.html", {"table": _table(block)})
            kept = "keep table" if len(block["rows"]) <= KEPT_ROWS else "table"
            return format_html('<div class="{}"><p class="caption">{}</p>{}</div>', kept, block["name"], body)
        case "chart":
            return format_html('<div class="chart">{}<p class="caption">{}</p></div>', chart(block), block["name"])
    raise ValueError(block["t"])


def _text(text: str, figures: dict) -> SafeString:
    """Escaped text, each figure with its code behind it."""

    def put(code: str) -> str:
        number = count_text(figures[code]["value"])
        return f'<span class="figure">{number} <span class="figure-code">[{code}]</span></span>'

    return mark_safe(figures_filled(str(conditional_escape(text)), put))  # noqa: S308 (escaped)


def chart(block: dict) -> SafeString:
    """The same drawing on paper and on screen."""
    rows = [(label, values) for label, values in block["rows"]]
    if block["kind"] == "stacked":
        return charts.stacked_bars(rows, block["series"], title=block["name"], shares=True)
    return charts.grouped_bars(rows, block["series"], title=block["name"])


def _letter_head(head: dict) -> LetterHead:
    return LetterHead(superior=head["superior"], issuer=head["issuer"], symbol=head["symbol"], place=head["place"])


# --- Names ------------------------------------------------------------------------------------------------
def document_title(content: dict) -> str:
    return (
        f"Báo cáo tổng kết phong trào Toàn dân bảo vệ an ninh Tổ quốc năm {content['year']} - "
        f"{content['province']['name']}"
    )


def persons_title(content: dict) -> str:
    """What the annex of persons is called in its properties."""
    return f"{content['persons_annex']}. {_annex_title(content, PERSONS)} - {content['province']['name']}"


def document_id(content: dict, kind: str = FileKind.REPORT) -> str:
    """The same for every issue of one year's summary; the snapshot's hash tells the issues apart."""
    own = "-CN" if kind == FileKind.PERSONS else ""
    return f"BCTK-{content['province']['code']}-{content['year']}" + ("-HN" if content["as_now"] else "") + own


def issued_at(content: dict) -> datetime:
    """The day of the figures, for the file's own properties: the time of day would change its bytes."""
    return datetime.combine(date.fromisoformat(content["cut_off"]), time(), tzinfo=UTC)


def marks(content: dict) -> tuple[str, ...]:
    """What every page and sheet says besides DỰ THẢO."""
    found = []
    if content["marks"]["demonstration"]:
        found.append("DỮ LIỆU MINH HỌA")
    if content["marks"]["illustrative"]:
        found.append("BỘ TIÊU CHÍ MINH HỌA")
    return tuple(found)


def file_name(content: dict, suffix: str, kind: str = FileKind.REPORT) -> str:
    """``bao-cao-tong-ket-2023-tinh-hau-giang.pdf``, ``phu-luc-ca-nhan-2023-tinh-hau-giang.pdf``"""
    begins = "phu-luc-ca-nhan" if kind == FileKind.PERSONS else "bao-cao-tong-ket"
    words = "".join(letter if letter.isalnum() else " " for letter in fold(content["province"]["name"])).split()
    as_now = "-dia-gioi-hien-nay" if content["as_now"] else ""
    return f"{begins}-{content['year']}-{'-'.join(words)}{as_now}.{suffix}"
