"""The lines of a table's grid, drawn at once.

WeasyPrint draws a border for each side of each cell, which is a sixth of the time of a long table and half of its
file. A table of class ``grid`` has no borders in the sheet; after layout its lines are added to each page as one path.
Reads WeasyPrint's layout boxes, which are stable only for the pinned version: the tests look at the lines drawn.
"""

from collections.abc import Iterator

LINE = 2 / 3  # 0.5 pt in CSS pixels
TOUCH = 0.05  # what rounding may leave between two cells


def draw_grids(document, pdf) -> None:
    """A ``finisher`` for ``write_pdf``."""
    from weasyprint.formatting_structure.boxes import TableBox

    for page, reference in zip(document.pages, pdf.page_references, strict=True):
        lines = []
        for table in _grids(page._page_box, TableBox):
            lines += _lines(table)
        if lines:
            written = pdf.objects[int(reference.split()[0])]["Contents"]
            content = pdf.objects[int(written.split()[0])].stream
            content.append(f"/Artifact BMC q 0.75 0 0 0.75 0 0 cm 0 G {LINE:.4f} w 2 J".encode())
            content.append("\n".join(lines).encode())
            content.append(b"S Q EMC")


def _grids(box, kind: type) -> Iterator:
    for child in getattr(box, "children", ()):
        if isinstance(child, kind):
            if child.element is not None and "grid" in child.element.get("class", "").split():
                yield child
        else:
            yield from _grids(child, kind)


def _lines(table) -> Iterator[str]:
    """Each line once: a side that goes on where another ends is drawn with it, in one stroke."""
    across: dict[float, list[tuple[float, float]]] = {}
    down: dict[float, list[tuple[float, float]]] = {}
    for group in table.children:
        for row in group.children:
            for cell in row.children:
                left, top = round(cell.position_x, 2), round(cell.position_y, 2)
                right, bottom = round(left + cell.border_width(), 2), round(top + cell.border_height(), 2)
                for y in (top, bottom):
                    across.setdefault(y, []).append((left, right))
                for x in (left, right):
                    down.setdefault(x, []).append((top, bottom))
    for y, sides in _snapped(across):
        yield from (f"{start} {y} m {end} {y} l" for start, end in _joined(sides))
    for x, sides in _snapped(down):
        yield from (f"{x} {start} m {x} {end} l" for start, end in _joined(sides))


def _snapped(lines: dict[float, list]) -> Iterator[tuple[float, list]]:
    """Lines that only rounding keeps apart become one."""
    place, sides = None, []
    for following in sorted(lines):
        if place is not None and following > place + TOUCH:
            yield place, sides
            sides = []
        if not sides:
            place = following
        sides += lines[following]
    if sides:
        yield place, sides


def _joined(sides: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    sides.sort()
    start, end = sides[0]
    for following, last in sides[1:]:
        if following > end + TOUCH:
            yield start, end
            start = following
        end = max(end, last)
    yield start, end
