"""The text of the summary: sections that have data, in sentences, tables and charts.

Every number in a sentence carries the code of its list. What the drafter adds of his own (causes,
directions) is not in it: a file to sign holds no blanks but number, date and signer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from movement.classification.enums import Purpose
from movement.core.dates import format_date
from movement.core.numbers import count_text, share, share_text
from movement.documents.layout import roman
from units.enums import Kind, Level

from ..enums import Listing
from ..selectors.placing import Place
from ..selectors.results import Source
from ..selectors.tallies import Cube, Tally
from . import choosing, commending, comparing, practice
from .lists import Commended, Practice
from .tables import MOST_AREAS, class_columns, class_row, table
from .wording import (
    KIND_ORDER,
    LEVEL_WORDS,
    WORKPLACE,
    WORKPLACE_KINDS,
    Figures,
    classes_said,
    document_words,
    kind_words,
    listed,
    lower_first,
    sentence_case,
)


@dataclass
class Facts:
    """All that the text is made of.

    ``names``: ``{key: Place}`` of districts and communes. ``annexes``: ``{name: label}``, such as
    ``{"classes": "Phụ lục I"}``; a name is missing where there is no such annex. ``chosen``: frozen exemplars of
    the next year. ``persons_annex``: what the annex of persons is called, a document of its own.
    """

    year: int
    province: str
    committee: str
    cut_off: date
    as_now: bool
    districts: bool
    had_districts: bool
    sources: list[Source]
    classes: dict[str, str]
    cube: Cube
    standards: Cube
    before: Cube
    names: dict[str, Place]
    notes: list[str]
    considered: list[str]
    before_unpublished: int = 0
    practice: Practice = field(default_factory=Practice)
    chosen: list[dict] = field(default_factory=list)
    awards: Commended = field(default_factory=Commended)
    persons_annex: str = ""
    annexes: dict[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)
    numbered: dict[str, int] = field(default_factory=dict)

    def next(self, word: str) -> str:
        """``Bảng 1``, ``Bảng 2``, …"""
        self.numbered[word] = self.numbered.get(word, 0) + 1
        return f"{word} {self.numbered[word]}"

    @property
    def on_ground(self) -> str:
        return f"trên địa bàn {lower_first(self.province)}"

    @property
    def unpublished(self) -> int:
        return sum(cube.tally().unpublished for cube in (self.cube, self.standards))

    @property
    def draft(self) -> bool:
        return self.unpublished > 0

    @property
    def area_words(self) -> str:
        """What the results are laid out by: districts while there were any, else communes."""
        if self.as_now:
            return "xã, phường, đặc khu hiện nay"
        return "huyện, thị xã, thành phố" if self.districts else self.words(Kind.COMMUNE)

    def words(self, kind: str) -> str:
        return kind_words(kind, districts=self.had_districts)


def compose(facts: Facts) -> list[dict]:
    """The blocks of the text, in order: ``h`` headings, ``p`` and ``li`` paragraphs, tables, charts."""
    sections = [
        ("KHÁI QUÁT", _situation),
        ("KẾT QUẢ PHÂN LOẠI PHONG TRÀO", _classification),
        (comparing.standards_title(facts), comparing.standards),
        (f"SO SÁNH VỚI NĂM {facts.year - 1}", comparing.comparison),
        ("XÂY DỰNG MÔ HÌNH", practice.models),
        (choosing.title(facts), choosing.exemplars),
        ("KHEN THƯỞNG", commending.commendations),
    ]
    blocks = [p(_opening(facts))]
    number = 0
    for title, write in sections:
        if written := write(facts):
            number += 1
            blocks += [heading(f"{roman(number)}. {title}"), *written]
    blocks.append(
        p(
            f"Trên đây là báo cáo tổng kết phong trào Toàn dân bảo vệ an ninh Tổ quốc năm {facts.year} "
            f"{facts.on_ground} của {facts.committee}./."
        )
    )
    return blocks


def p(text: str) -> dict:
    return {"t": "p", "text": text}


def item(text: str) -> dict:
    return {"t": "p", "text": f"- {text}"}


def heading(text: str, level: int = 2) -> dict:
    return {"t": "h", "level": level, "text": text}


def _opening(facts: Facts) -> str:
    return (
        f"Căn cứ kết quả đánh giá, phân loại phong trào Toàn dân bảo vệ an ninh Tổ quốc năm {facts.year} "
        f"{facts.on_ground}, {facts.committee} báo cáo như sau "
        f"(số liệu tính đến ngày {format_date(facts.cut_off)}):"
    )


def _situation(facts: Facts) -> list[dict]:
    cube, listing = (facts.cube, Listing.CLASSES) if facts.cube.cells else (facts.standards, Listing.STANDARDS)
    figures = facts.figures
    total = figures.add("A", cube.tally().total, "Đơn vị, địa bàn thuộc diện đánh giá", listing)
    parts = []
    for kind in (Kind.DISTRICT, Kind.COMMUNE, Kind.RESIDENTIAL_AREA):
        if count := cube.count(kind=[kind.value]):
            mark = figures.add("A", count, sentence_case(facts.words(kind)), listing, kind=[kind.value])
            parts.append(f"{mark} {facts.words(kind)}")
    if count := cube.count(kind=WORKPLACE_KINDS):
        mark = figures.add("A", count, sentence_case(facts.words(WORKPLACE)), listing, kind=WORKPLACE_KINDS)
        own = []
        for kind in WORKPLACE_KINDS:
            if number := cube.count(kind=[kind]):
                own.append(
                    f"{figures.add('A', number, sentence_case(facts.words(kind)), listing, kind=[kind])} "
                    f"{facts.words(kind)}"
                )
        parts.append(f"{mark} {facts.words(WORKPLACE)}" + (f" ({listed(own)})" if own else ""))
    blocks = [
        p(
            f"Năm {facts.year}, {facts.on_ground} có {total} đơn vị, địa bàn thuộc diện đánh giá, phân loại "
            f"phong trào, gồm: {listed(parts)}."
        )
    ]
    blocks += _levels(facts, cube, listing)
    blocks.append(p(_published(facts, cube, listing)))
    blocks += _rules(facts)
    if facts.as_now:
        blocks.append(
            p(
                "Kết quả được xếp lại theo địa giới hành chính ngày "
                f"{format_date(facts.cut_off)}; mỗi đơn vị chỉ tính một lần, tên và kết quả giữ nguyên như năm "
                f"{facts.year}."
            )
        )
        blocks += [item(note) for note in facts.notes]
    return blocks


def _levels(facts: Facts, cube: Cube, listing: Listing) -> list[dict]:
    parts = []
    for level in Level:
        if count := cube.count(kind=WORKPLACE_KINDS, level=[level.value]):
            label = f"{sentence_case(facts.words(WORKPLACE))} do {LEVEL_WORDS[level]} quản lý"
            mark = facts.figures.add("A", count, label, listing, kind=WORKPLACE_KINDS, level=[level.value])
            parts.append(f"{LEVEL_WORDS[level]} quản lý {mark}")
    if len(parts) < 2:
        return []
    return [p(f"Trong các cơ quan, doanh nghiệp, cơ sở giáo dục: {listed(parts)} đơn vị.")]


def _published(facts: Facts, cube: Cube, listing: Listing) -> str:
    tally = cube.tally()
    if not tally.unpublished:
        rest = " Còn kết quả công nhận đạt tiêu chuẩn chưa công bố; báo cáo này là dự thảo." if facts.draft else ""
        return (
            f"Kết quả của toàn bộ {count_text(tally.total)} đơn vị, địa bàn nêu trên đã được cấp có thẩm quyền "
            f"quyết định và công bố.{rest}"
        )
    figures = facts.figures
    done = figures.add("A", tally.total - tally.unpublished, "Đã công bố", listing, state=["published"])
    rest = [state for state in cube.values("state") if state != "published"]
    waiting = figures.add("A", tally.unpublished, "Chưa công bố", listing, state=rest)
    decided = cube.count(state=["decided"])
    said = figures.add("A", decided, "Đã xét duyệt, chưa công bố", listing, state=["decided"]) if decided else ""
    return (
        f"Đến ngày {format_date(facts.cut_off)}, kết quả phân loại của {done} đơn vị, địa bàn đã được công bố "
        f"({share_text(share(tally.total - tally.unpublished, tally.total))}); {waiting} đơn vị, địa bàn chưa công bố"
        + (f", trong đó {said} đã xét duyệt" if said else "")
        + ". Số liệu của đơn vị chưa công bố tính theo điểm hiện có và còn có thể thay đổi; báo cáo này là dự thảo."
    )


def _rules(facts: Facts) -> list[dict]:
    cited = list(dict.fromkeys(_cited(source) for source in facts.sources))
    blocks = [p("Việc đánh giá thực hiện theo:"), *(item(f"{text};") for text in cited[:-1]), item(f"{cited[-1]}.")]
    if any(source.illustrative for source in facts.sources):
        blocks.append(
            p(
                "Bộ tiêu chí minh họa không viện dẫn văn bản nào; điểm và loại tính theo bộ tiêu chí này không phải "
                "là kết quả chính thức."
            )
        )
    if any(source.retrospective for source in facts.sources):
        blocks.append(p(f"Kết quả năm {facts.year} được nhập hồi cứu, sau thời hạn của kỳ đánh giá."))
    return blocks


def _cited(source: Source) -> str:
    title = f"Tiêu chuẩn {source.standard}" if source.purpose == Purpose.STANDARD else source.title
    if not source.regulation:
        return title
    day = f" ngày {format_date(source.issued_on)}" if source.issued_on else ""
    return f"{title} ({document_words(source.regulation)}{day})"


# --- II. Classes ------------------------------------------------------------------------------------------
def _classification(facts: Facts) -> list[dict]:
    if not facts.cube.cells:
        return []
    tally, figures = facts.cube.tally(), facts.figures
    if not facts.classes:
        return [
            p(
                "Bộ tiêu chí áp dụng chưa có mức điểm của các loại nên chưa phân loại được đơn vị nào; điểm của từng "
                f"đơn vị tại {facts.annexes['classes']}."
            )
        ]
    named = list(facts.classes)
    classified = figures.add("B", tally.classified, "Đã phân loại", Listing.CLASSES, **{"class": named})
    said = classes_said(figures, "B", tally, facts.classes, Listing.CLASSES)
    text = (
        f"Có {classified} đơn vị, địa bàn được phân loại: {said}."
        if said
        else (f"Có {classified} đơn vị, địa bàn được phân loại.")
    )
    if tally.unclassified:
        none = figures.add("B", tally.unclassified, "Chưa phân loại", Listing.CLASSES, **{"class": [""]})
        text += f" Còn {none} đơn vị, địa bàn chưa phân loại."
    return [
        heading("1. Theo loại đơn vị", 3),
        p(text),
        *_by_kind(facts),
        heading(f"2. Theo {facts.area_words}", 3),
        *_by_area(facts),
    ]


def _by_kind(facts: Facts) -> list[dict]:
    cube = facts.cube
    groups = [(kind.value, [kind.value]) for kind in KIND_ORDER[:3]] + [(WORKPLACE, WORKPLACE_KINDS)]
    blocks, rows, bars = [], [], []
    for name, kinds in groups:
        tally = cube.tally(kind=kinds)
        if not tally.total:
            continue
        blocks.append(item(_kind_sentence(facts, name, kinds, tally)))
        if name == WORKPLACE:
            own = {kind: cube.tally(kind=[kind]) for kind in WORKPLACE_KINDS}
            for kind, part in own.items():
                if part.total:
                    rows.append(class_row(sentence_case(facts.words(kind)), part, facts.classes, draft=facts.draft))
                    bars.append((sentence_case(facts.words(kind)), dict(part.classes)))
            rows.append(class_row("Cộng CQ, DN, CSGD", tally, facts.classes, draft=facts.draft))
        else:
            rows.append(class_row(sentence_case(facts.words(name)), tally, facts.classes, draft=facts.draft))
            bars.append((sentence_case(facts.words(name)), dict(tally.classes)))
    blocks.append(
        table(
            f"{facts.next('Bảng')}. Kết quả phân loại theo loại đơn vị",
            class_columns(facts.classes, first="Loại đơn vị", draft=facts.draft, most=facts.cube.tally().total),
            rows,
            totals=[class_row("Tổng cộng", cube.tally(), facts.classes, draft=facts.draft)],
            foot=_foot(facts),
        )
    )
    blocks.append(
        {
            "t": "chart",
            "kind": "stacked",
            "name": f"{facts.next('Biểu đồ')}. Cơ cấu các loại theo loại đơn vị (con số trong cột là số đơn vị)",
            "rows": bars,
            "series": list(facts.classes.items()),
        }
    )
    return blocks


def _foot(facts: Facts) -> list[str]:
    lines = ["SL: số lượng; %: tỷ lệ trên số đơn vị đã phân loại; CQ, DN, CSGD: cơ quan, doanh nghiệp, cơ sở giáo dục."]
    if facts.draft:
        lines.append("Số chưa công bố đã tính trong các cột trước.")
    return lines


def _kind_sentence(facts: Facts, name: str, kinds: list[str], tally: Tally) -> str:
    figures = facts.figures
    label = f"{sentence_case(facts.words(name))} đã phân loại"
    where = {"kind": kinds, "class": list(facts.classes)}
    if not tally.classified:
        return f"{sentence_case(facts.words(name))}: chưa phân loại."
    mark = figures.add("B", tally.classified, label, Listing.CLASSES, **where)
    said = classes_said(figures, "B", tally, facts.classes, Listing.CLASSES, kind=kinds)
    text = f"{sentence_case(facts.words(name))}: phân loại {mark}, gồm {said}"
    if tally.unclassified:
        none = figures.add("B", tally.unclassified, "Chưa phân loại", Listing.CLASSES, kind=kinds, **{"class": [""]})
        text += f"; chưa phân loại {none}"
    return f"{text}."


def _by_area(facts: Facts) -> list[dict]:
    by = "district" if facts.districts else "commune"
    tallies = {key: tally for (key,), tally in facts.cube.tallies(by).items()}
    places = sorted((facts.names.get(key, _outside(by)) for key in tallies), key=lambda one: (not one.key, one.order))
    noun = facts.area_words
    where = [f"từng đơn vị tại {facts.annexes['classes']}"]
    if "places" in facts.annexes:
        where.insert(0, f"từng {facts.words(Kind.COMMUNE) if facts.districts else noun} tại {facts.annexes['places']}")
    if len(places) > MOST_AREAS:
        areas = sum(1 for place in places if place.key)
        return [p(f"Kết quả chi tiết của {listed(where)}; trong năm có {areas} {noun} có đơn vị được đánh giá.")]
    number = facts.next("Bảng")
    rows = [class_row(place.name, tallies[place.key], facts.classes, draft=facts.draft) for place in places]
    return [
        p(
            f"Kết quả của các đơn vị, địa bàn tính theo {noun} nơi đơn vị đóng thể hiện tại {number}; kết quả của "
            f"{listed(where)}."
        ),
        table(
            f"{number}. Kết quả phân loại theo {noun}",
            class_columns(facts.classes, first="Địa bàn", draft=facts.draft, most=facts.cube.tally().total),
            rows,
            totals=[class_row("Tổng cộng", facts.cube.tally(), facts.classes, draft=facts.draft)],
            foot=["Gồm kết quả của mọi đơn vị đóng trên địa bàn, không phân biệt cấp quản lý."],
        ),
    ]


def _outside(by: str) -> Place:
    name = "Không thuộc cấp huyện" if by == "district" else "Không thuộc cấp xã"
    return Place("", name, ("",))
