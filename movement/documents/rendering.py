"""HTML to PDF/A-2b, a part at a time, with flat memory.

WeasyPrint costs 6 to 9 ms and 0.15 MiB a table row. Long documents are therefore cut into parts of at most
``PART_ROWS`` rows, rendered by several workers, and put together by ``merging.merge_parts``. A worker calls
``prepare_worker`` once: the collector is frozen and off while a part is laid out (a third of the time otherwise goes
into looking for garbage that is not there) and runs after each part.
"""

import atexit
import gc
import logging
import os
import unicodedata
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

from django.template.loader import render_to_string

from . import fonts
from .grid import draw_grids
from .merging import MergeResult, first_pages, merge_parts, page_count

__all__ = [
    "PART_ROWS",
    "MergeResult",
    "ResourceRefused",
    "first_pages",
    "merge_parts",
    "page_count",
    "prepare_worker",
    "release_worker",
    "render_contents",
    "render_html_part",
    "render_part",
]

PART_ROWS = 300
SHEET = "documents/nd30.css"
LETTER_SHEETS = (SHEET, "documents/letter.css")
STATIC = fonts.ROOT / "static"
TEMPLATES = fonts.ROOT / "templates"
NO_SUCH_LETTER = "□"

logger = logging.getLogger(__name__)


class ResourceRefused(ValueError):
    """A page asked for something else than our own static files."""


@cache
def _engine() -> SimpleNamespace:
    """WeasyPrint and the typeface, loaded once a process and only where something is rendered.

    The typeface is registered once: a configuration of its own for each part costs 30 ms and a copy of the fonts.
    """
    os.environ["FONTCONFIG_FILE"] = str(fonts.FONTCONFIG_FILE)  # read when pango is loaded
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no fonts configured" is what is wanted
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        """Serves files below ``static/`` and nothing else: no network, no other file of this machine."""

        def fetch(self, url, headers=None):
            address = urlsplit(url)
            path = Path(unquote(address.path)).resolve()
            if address.scheme != "file" or address.netloc or not path.is_relative_to(STATIC):
                raise ResourceRefused(url)
            return URLFetcherResponse(url, path.read_bytes())

    fetcher = OwnFiles(fail_on_errors=True)
    configuration = FontConfiguration()
    atexit.register(_engine.cache_clear)  # the configuration then removes its copies of the fonts
    weasyprint.CSS(string=fonts.font_face_css(), font_config=configuration, url_fetcher=fetcher)
    return SimpleNamespace(
        html=weasyprint.HTML, css=weasyprint.CSS, refused=FatalURLFetchingError, fetcher=fetcher, fonts=configuration
    )


@cache
def _sheet(name: str):
    """A print stylesheet from ``templates/``, parsed once a process."""
    engine = _engine()
    text = (TEMPLATES / name).read_text()
    return engine.css(string=text, font_config=engine.fonts, url_fetcher=engine.fetcher, base_url=STATIC.as_uri() + "/")


@cache
def _letters() -> frozenset[str]:
    """What every style of the typeface can show, and the white space that HTML folds."""
    common = set.intersection(*(one.letters() for one in fonts.FACES))
    return frozenset(common | set("\n\r\t"))


def _printable(html: str) -> str:
    """The text in NFC, with a box for each letter that the typeface lacks.

    PDF/A forbids the empty glyph, and another font must not slip in.
    """
    html = unicodedata.normalize("NFC", html)
    missing = set(html) - _letters()
    if missing:
        logger.warning("letters without a shape in the typeface: %s", " ".join(f"U+{ord(one):04X}" for one in missing))
        html = html.translate({ord(one): NO_SUCH_LETTER for one in missing})
    return html


def prepare_worker() -> None:
    """Load everything once, then freeze and switch off the collector. For processes that only render.

    Memory stays at about 110 MiB; with the collector on, a part takes a third longer.
    """
    _sheet(SHEET)
    _letters()
    gc.collect()
    gc.freeze()
    gc.disable()


def release_worker() -> None:
    """Before a worker ends: its copies of the fonts in the temporary folder go, which Python's own exit may skip."""
    _sheet.cache_clear()
    _engine.cache_clear()


def render_html_part(html: str, *, sheets: Sequence[str] = LETTER_SHEETS) -> bytes:
    """A whole HTML page as PDF/A-2b, without page numbers. The same text gives the same bytes.

    Raises:
        ResourceRefused: the page names a file that is not below ``static/``.
    """
    engine = _engine()
    page = engine.html(string=_printable(html), base_url=STATIC.as_uri() + "/", url_fetcher=engine.fetcher)
    try:
        pdf = page.write_pdf(
            stylesheets=[_sheet(name) for name in sheets],
            font_config=engine.fonts,
            pdf_variant="pdf/a-2b",
            finisher=draw_grids,
        )
    except engine.refused as error:
        raise ResourceRefused(str(error)) from error
    finally:
        if not gc.isenabled():  # the worker runs with the collector frozen and off
            del page
            gc.collect()
    return pdf


def render_part(*, template: str, context: dict, rows: Sequence, sheets: Sequence[str] = (SHEET,)) -> bytes:
    """One part of a long table as PDF, at most ``PART_ROWS`` rows, without page numbers.

    A part is cut by a stable key (commune, unit kind) and cached by the hash of what it shows, so one
    corrected score renders one part. Numbers are stamped by ``merge_parts``.
    """
    return render_html_part(render_to_string(template, {**context, "rows": rows}), sheets=sheets)


def render_contents(
    *, titles: Sequence[tuple[str, int]], counts: Sequence[int], at: int, number_from: int = 1
) -> bytes:
    """The contents page with the true page of each entry; each entry leads there.

    Args:
        titles: ``(title, part)``, the parts counted *with* the contents in place.
        counts: pages of each part, *without* the contents.
        at: which part the contents themselves become.
        number_from: the number of the document's first page.
    """

    def rendered(own: int) -> bytes:
        firsts = first_pages([*counts[:at], own, *counts[at:]], number_from=number_from)
        entries = [(title, part, firsts[part]) for title, part in titles]
        return render_html_part(render_to_string("documents/contents.html", {"entries": entries}))

    own = 1
    while (actual := page_count(pdf := rendered(own))) != own:
        own = actual
    return pdf
