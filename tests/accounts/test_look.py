"""What the look promises in figures: contrast, weight, pinned files, nothing inline."""

import hashlib
import re
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHEET = (ROOT / "static/css/portal.css").read_text()
PAGES = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    if "documents" not in path.parts  # sheets for the PDF renderer; no browser reads them
]


def palette(theme: str) -> dict[str, str]:
    """``{"ink": "#17211c", …}`` of ``light`` or ``dark``."""
    block = re.search(rf'\[data-bs-theme="{theme}"\] {{(.*?)\n}}', SHEET, re.S).group(1)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXTS = [
    *((text, ground) for text in ("ink", "ink-soft", "link", "bad-ink") for ground in ("page", "sheet", "raised")),
    *((f"{tone}-ink", f"{tone}-paper") for tone in ("bad", "warn", "good", "moving", "quiet", "done", "honour")),
    ("link", "good-paper"),
    ("on-green", "green"),
    ("on-green", "green-deep"),
    ("bar-ink", "bar-paper"),
    ("demo-ink", "demo-paper"),
]
EDGES = [  # what shows where a control is: its edge, its focus
    *(("line-strong", ground) for ground in ("sheet", "page", "raised")),
    *(("focus", ground) for ground in ("sheet", "page", "raised")),
    ("bar-focus", "bar-paper"),
    ("green", "sheet"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, 4.5), (EDGES, 3.0)], ids=["texts", "edges"])
def test_contrast_meets_wcag_aa(theme, pairs, least):
    colours = palette(theme)

    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


def test_both_themes_name_the_same_colours():
    assert palette("light").keys() == palette("dark").keys()


def test_an_ordinary_page_weighs_at_most_90_kb_of_script_and_style():
    named = re.findall(r"{% static '([^']+\.(?:css|js))' %}", (ROOT / "templates/base.html").read_text())

    weights = {name: len(brotli.compress((ROOT / "static" / name).read_bytes())) for name in named}

    assert set(weights) >= {"css/portal.css", "vendor/htmx/htmx.min.js"}
    assert sum(weights.values()) <= 90_000, weights


def test_vendored_files_are_those_the_readme_names():
    readme = (ROOT / "static/vendor/README.md").read_text()
    named = dict(re.findall(r"\| `([\w./-]+)` \|.*?`([0-9a-f]{64})` \|", readme))
    vendor = ROOT / "static/vendor"
    here = {
        str(path.relative_to(vendor)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.suffix in {".css", ".js"}
    }

    assert here == named


def test_no_page_has_script_or_style_of_its_own():
    inline = re.compile(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*(src=|type=\"application/json\"))", re.I)

    assert {path.name: inline.findall(text) for path in PAGES if inline.search(text := path.read_text())} == {}


def test_every_icon_asked_for_is_in_the_sprite():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text()))
    sources = [*PAGES, *(ROOT / "movement").rglob("templatetags/*.py"), *ROOT.glob("*/urls.py")]
    asked = {name for path in sources for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    tags = (ROOT / "movement/accounts/templatetags/portal.py").read_text()
    asked |= set(re.findall(r'_\("[^"]+"\), "([\w-]+)", "\w+"\)', tags))

    assert asked - drawn == set()
    assert "send" in asked
