"""Charts as SVG, the same on screen and on paper.

Presentation attributes only: a page under a strict content policy may not carry a style, and nothing of these needs
one. Colours go from dark to light and the fourth is hatched, so that a black-and-white print tells them apart; every
bar carries its figure.
"""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from movement.core.numbers import count_text, points_text

from .fonts import MissingLetter, face

Number = int | Decimal
Row = tuple[str, Mapping[str, Number]]
Series = Sequence[tuple[str, str]]

TEXT = 13
LINE = 17
BAR = 22
GAP = 12
WIDER = 1.15  # a screen's typeface runs wider than ours
INK = "#1f2937"
# Fill, and the colour of a figure standing on it. After the last they begin again.
FILLS = (("#14532d", "#fff"), ("#5fa777", "#000"), ("#cfe5d6", "#000"), ("hatch", "#000"), ("dots", "#000"))


def stacked_bars(
    rows: Sequence[Row], series: Series, *, title: str, width: int = 620, shares: bool = False
) -> SafeString:
    """One bar a row, cut into the series in their order.

    Args:
        rows: ``(label, {series key: value})``; a key left out is 0, a value is never negative.
        series: ``(key, name)``.
        shares: every bar has the full length (100 %); the figures stay counts.
    """
    totals = [sum(values.get(key, 0) for key, _ in series) for _, values in rows]
    chart = _Chart(rows, series, title, width, largest=max(totals, default=0))
    for (label, values), total in zip(rows, totals, strict=True):
        chart.label(label, height=BAR)
        scale = chart.room / float(total) if shares and total else chart.scale
        x = chart.left
        for index, (key, _) in enumerate(series):
            if value := values.get(key, 0):
                chart.bar(index, x, length=float(value) * scale, height=BAR)
                chart.figure_inside(index, x, length=float(value) * scale, text=_figure(value))
                x += float(value) * scale
        chart.text(x + 6, chart.y + BAR / 2, _figure(total), weight="bold")
        chart.y += BAR + GAP
    return chart.svg()


def grouped_bars(rows: Sequence[Row], series: Series, *, title: str, width: int = 620) -> SafeString:
    """One group a row with a bar for each series, such as the years; arguments as for ``stacked_bars``."""
    largest = max((values.get(key, 0) for _, values in rows for key, _ in series), default=0)
    chart = _Chart(rows, series, title, width, largest=largest)
    thick = BAR * 0.75
    for label, values in rows:
        chart.label(label, height=thick * len(series))
        for index, (key, _) in enumerate(series):
            value = values.get(key, 0)
            length = float(value) * chart.scale
            if value:
                chart.bar(index, chart.left, length=length, height=thick)
            chart.text(chart.left + length + 6, chart.y + thick / 2, _figure(value))
            chart.y += thick
        chart.y += GAP
    return chart.svg()


class _Chart:
    """A drawing that grows downwards: ``y`` is where the next bar begins, ``scale`` points a unit."""

    def __init__(self, rows: Sequence[Row], series: Series, title: str, width: int, *, largest: Number):
        self.rows, self.series, self.title, self.width = rows, series, title, width
        # Keeps the names inside two charts of one page apart; the same chart has the same names.
        self.prefix = "c" + hashlib.sha256(repr((title, rows, series)).encode()).hexdigest()[:8]
        self.marks: list[str] = []
        longest = max((_width(line) for label, _ in rows for line in _lines(label, width * 0.36)), default=0)
        self.left = longest + 10
        self.room = width - self.left - 14 - _width(_figure(largest)) * 1.1
        self.scale = self.room / float(largest or 1)
        self._patterns()
        self.y = self.top = self._legend()

    def _patterns(self) -> None:
        used = {FILLS[index % len(FILLS)][0] for index in range(len(self.series))}
        for name, size, drawing in (
            ("hatch", 6, f'<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="{INK}" stroke-width="1"/>'),
            ("dots", 5, f'<circle cx="2.5" cy="2.5" r="1" fill="{INK}"/>'),
        ):
            if name in used:
                self.marks.append(
                    f'<defs><pattern id="{self.prefix}-{name}" width="{size}" height="{size}" '
                    f'patternUnits="userSpaceOnUse"><rect width="{size}" height="{size}" fill="#fff"/>{drawing}'
                    "</pattern></defs>"
                )

    def _legend(self) -> float:
        """Swatches with their names, in as many lines as they need; returns where the bars may begin."""
        x, self.y = 0.5, 2.0
        for index, (_, name) in enumerate(self.series):
            length = 20 + _width(name) + 18
            if x > 1 and x + length > self.width:
                x, self.y = 0.5, self.y + LINE + 4
            self.bar(index, x, length=14, height=14)
            self.text(x + 20, self.y + 7, name)
            x += length
        return self.y + LINE + 10

    def bar(self, index: int, x: float, *, length: float, height: float) -> None:
        fill = FILLS[index % len(FILLS)][0]
        fill = fill if fill.startswith("#") else f"url(#{self.prefix}-{fill})"
        self.marks.append(
            f'<rect x="{x:.2f}" y="{self.y:.2f}" width="{length:.2f}" height="{height:.2f}" '
            f'fill="{fill}" stroke="{INK}" stroke-width="0.75"/>'
        )

    def figure_inside(self, index: int, x: float, *, length: float, text: str) -> None:
        """A figure on its piece of a bar, where there is room for it."""
        room, middle = _width(text), x + length / 2
        if length < room + 4:
            return
        fill, ink = FILLS[index % len(FILLS)]
        if not fill.startswith("#"):  # a figure is not read on a pattern
            self.marks.append(
                f'<rect x="{middle - room / 2 - 2:.2f}" y="{self.y + 3:.2f}" width="{room + 4:.2f}" '
                f'height="{BAR - 6}" fill="#fff"/>'
            )
        self.text(middle, self.y + BAR / 2, text, anchor="middle", fill=ink)

    def label(self, label: str, *, height: float) -> None:
        lines = _lines(label, self.width * 0.36)
        middle = self.y + height / 2 - (len(lines) - 1) * LINE / 2
        for line in lines:
            self.text(self.left - 8, middle, line, anchor="end")
            middle += LINE

    def text(self, x: float, middle: float, text: str, **attributes: str) -> None:
        """One line, its middle height at ``middle``; ``anchor``, ``fill``, ``weight`` where they are not the usual."""
        anchor, fill = attributes.get("anchor", "start"), attributes.get("fill", "currentColor")
        weight = attributes.get("weight", "normal")
        self.marks.append(
            f'<text x="{x:.2f}" y="{middle + TEXT * 0.35:.2f}" font-size="{TEXT}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
        )

    def svg(self) -> SafeString:
        height = self.y - GAP + 8
        words = "; ".join(
            f"{label}: " + ", ".join(f"{name} {_figure(values.get(key, 0))}" for key, name in self.series)
            for label, values in self.rows
        )
        axis = f"M{self.left:.2f} {self.top - 5:.2f}V{self.y - GAP + 5:.2f}"
        return mark_safe(  # noqa: S308 (every text is escaped)
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height:.0f}" '
            f'viewBox="0 0 {self.width} {height:.0f}" role="img" '
            f'aria-labelledby="{self.prefix}-title {self.prefix}-words">'
            f'<title id="{self.prefix}-title">{escape(self.title)}</title>'
            f'<desc id="{self.prefix}-words">{escape(words)}.</desc>'
            + "".join(self.marks)
            + f'<path d="{axis}" stroke="currentColor" stroke-width="1" fill="none"/></svg>'
        )


def _figure(value: Number) -> str:
    return count_text(value) if value == int(value) else points_text(value)


def _width(text: str) -> float:
    try:
        units = face("Regular").width(text)
    except MissingLetter:
        units = 600 * len(text)
    return units * TEXT / 1000 * WIDER


def _lines(text: str, room: float) -> list[str]:
    """The words in as few lines as fit ``room``."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
