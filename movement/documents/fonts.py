"""The one typeface of every paper, and its measures for what the merge writes itself.

Liberation Serif 2.1.5 has the widths of Times New Roman (Decree 30/2020, Annex I) and all Vietnamese letters.
It is known here under a family name of our own, so that a system's older copy, which lacks letters, never wins.
"""

import io
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

FAMILY = "Cong Serif"
ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "static" / "fonts"
FONTCONFIG_FILE = Path(__file__).resolve().parent / "fonts.conf"


class MissingLetter(ValueError):
    """A text holds a letter that the typeface does not have."""


@dataclass(frozen=True)
class Measures:
    """``glyphs``: ``{code point: glyph}``; ``widths``: of each glyph."""

    glyphs: dict[int, int]
    widths: tuple[int, ...]
    box: tuple[int, ...]
    ascent: int
    descent: int
    cap_height: int
    slant: int


@dataclass(frozen=True)
class Face:
    """One style of the typeface. Measures are in thousandths of the font size, as PDF wants them."""

    name: str
    file: str
    weight: int
    italic: bool

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    @property
    def css(self) -> str:
        style = "italic" if self.italic else "normal"
        return (
            f"@font-face {{ font-family: '{FAMILY}'; font-style: {style}; font-weight: {self.weight}; "
            f"src: url('{self.path.as_uri()}') }}"
        )

    def open(self):
        """The font's tables, read lazily. ``recalcTimestamp`` off: saving must not write the time of day."""
        from fontTools.ttLib import TTFont

        return TTFont(self.path, lazy=True, recalcTimestamp=False)

    @cached_property
    def measures(self) -> "Measures":
        with self.open() as font:
            head, lines = font["head"], font["OS/2"]

            def scaled(value: int) -> int:
                return round(value * 1000 / head.unitsPerEm)

            return Measures(
                glyphs={code: font.getGlyphID(name) for code, name in font.getBestCmap().items()},
                widths=tuple(scaled(font["hmtx"][name][0]) for name in font.getGlyphOrder()),
                box=tuple(scaled(value) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),
                ascent=scaled(lines.sTypoAscender),
                descent=scaled(lines.sTypoDescender),
                cap_height=scaled(lines.sCapHeight),
                slant=round(font["post"].italicAngle),
            )

    def letters(self) -> set[str]:
        return {chr(code) for code in self.measures.glyphs}

    def glyphs(self, text: str) -> list[int]:
        known = self.measures.glyphs
        missing = [letter for letter in text if ord(letter) not in known]
        if missing:
            raise MissingLetter(f"{self.file} has no {missing[0]!r}")
        return [known[ord(letter)] for letter in text]

    def width(self, text: str) -> int:
        return sum(self.measures.widths[glyph] for glyph in self.glyphs(text))

    def subset(self, glyphs: set[int]) -> bytes:
        """The font file with these glyphs alone, each under its own number; same glyphs, same bytes.

        The last ones stay in memory: a paper that is issued again mostly uses the same letters.
        """
        return _subset(self, frozenset(glyphs))


@lru_cache(maxsize=16)
def _subset(face: "Face", glyphs: frozenset[int]) -> bytes:
    from fontTools.subset import Options, Subsetter

    options = Options(
        retain_gids=True, hinting=False, notdef_outline=True, glyph_names=False, layout_features=[], name_IDs=[]
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(gids=sorted(glyphs))
    with face.open() as font:
        subsetter.subset(font)
        target = io.BytesIO()
        font.save(target, reorderTables=None)
    return target.getvalue()


FACES = (
    Face("Regular", "LiberationSerif-Regular.ttf", 400, False),
    Face("Bold", "LiberationSerif-Bold.ttf", 700, False),
    Face("Italic", "LiberationSerif-Italic.ttf", 400, True),
    Face("BoldItalic", "LiberationSerif-BoldItalic.ttf", 700, True),
)


@cache
def face(name: str) -> Face:
    return next(one for one in FACES if one.name == name)


def font_face_css() -> str:
    return "\n".join(one.css for one in FACES)
