"""Certificates of a decision: a landscape page each, put together as one PDF.

No seal and no signature is drawn: the space below the signer's title is left for them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone

from movement.core.dates import format_date
from movement.core.files import file_keep
from movement.core.installation import is_demonstration
from movement.core.jobs import JobFailed, PartSpec
from movement.core.models import Decision, Job
from movement.documents.layout import MOTTO, NATION, date_words
from movement.documents.merging import merge_parts, page_count
from movement.documents.rendering import render_html_part
from units.selectors import authority_settings, last_version, version_on

from ..enums import FLAGS, Authority, FormCode, RecipientKind
from ..models import Award
from ..selectors.authorities import authority_name
from ..selectors.forms import forms_on

PART = 50  # certificates in one part: a second or two of work
SHEETS = ("documents/nd30.css", "awards/certificate.css")
DEMONSTRATION = "DỮ LIỆU MINH HỌA"
TITLES = {
    Authority.PROVINCE: "Chủ tịch",
    Authority.DISTRICT: "Chủ tịch",
    Authority.COMMUNE: "Chủ tịch",
    Authority.POLICE: "Giám đốc",
}
# From so many letters on a citation is set smaller, so that each certificate keeps to its page.
LONG, VERY_LONG = 320, 620


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that one page shows, as printed."""

    award: str
    authority: str
    title: str
    name: str
    belongs: str
    citation: str
    decision: str
    register_number: str
    place_date: str
    signer_title: str
    signer: str

    @property
    def size(self) -> str:
        """The style that keeps a long citation on the page."""
        length = len(self.citation) + len(self.name) + len(self.belongs)
        return "very-long" if length > VERY_LONG else "long" if length > LONG else ""


def certificates_of(decision: Decision, award_ids: Sequence[int] | None = None) -> list[Certificate]:
    """The certificates of a decision, without the revoked; in the order of forms, collectives first."""
    awards = Award.objects.filter(decision=decision, revocation=None)
    if award_ids is not None:
        awards = awards.filter(pk__in=award_ids)
    rank = {code.value: place for place, code in enumerate(FormCode)}
    kinds = {kind.value: place for place, kind in enumerate(RecipientKind)}
    rows = sorted(awards, key=lambda a: (rank[a.form], kinds[a.recipient_kind], a.pk))
    if not rows:
        return []
    writer = _Writer(decision, rows[0].province_id)
    return [writer.certificate(award) for award in rows]


class _Writer:
    """Puts into words what all certificates of one decision share."""

    def __init__(self, decision: Decision, province_id: int):
        self.decision = decision
        on = decision.decided_on
        unit_id = decision.authority_unit_id
        version = unit_id and (version_on(unit_id, on) or last_version(unit_id))
        self.place = version.name if version else ""
        self.forms = forms_on(on, province_id)
        where = authority_settings(unit_id, on).place_name if unit_id else ""
        self.place_date = ", ".join(part for part in (where, date_words(on)) if part)

    def certificate(self, award: Award) -> Certificate:
        form = self.forms.get(award.form)
        level = form.authority if form else Authority.OTHER
        office = TITLES.get(level, "")
        organ = authority_name(level, self.place) if self.place else ""
        authority = organ or self.decision.authority_name
        if award.form not in FLAGS and office:
            authority = f"{office} {authority}"
        return Certificate(
            award=award.ulid,
            authority=authority,
            title=form.title if form else award.form_name,
            name=award.name,
            belongs=_belongs(award),
            citation=award.citation or _usual_citation(award),
            decision=f"{self.decision.number} {date_words(self.decision.decided_on)}",
            register_number=award.register_number,
            place_date=self.place_date,
            signer_title=self.decision.signer_title or office,
            signer=self.decision.signer,
        )


def _low(name: str) -> str:
    return name[:1].lower() + name[1:]


def _belongs(award: Award) -> str:
    """What stands below the name: position and unit of a person, the place of a collective."""
    places = [_low(name) for name in award.place_name.split(", ") if name]
    if award.province_name and award.unit_name != award.province_name:
        places.append(_low(award.province_name))
    if award.recipient_kind == RecipientKind.COLLECTIVE:
        return ", ".join(places)
    first = [award.position] if award.position else []
    unit = [award.unit_name] if award.unit_name != award.person_name else []
    return ", ".join([*first, *unit, *places])


def _usual_citation(award: Award) -> str:
    """For a decision that writes none."""
    period = ""
    if award.achieved:
        period = f", từ ngày {format_date(award.achieved_from)} đến ngày {format_date(award.achieved_to)}"
    return f"Đã có thành tích trong phong trào Toàn dân bảo vệ an ninh Tổ quốc{period}"


# --- the job --------------------------------------------------------------------------------------
def decision_of(job: Job) -> Decision:
    return Decision.objects.get(ulid=job.arguments["decision"])


def certificate_parts(job: Job) -> Iterator[PartSpec]:
    """At most ``PART`` certificates a part, by the entries they print; equal parts are printed once."""
    decision = decision_of(job)
    awards = {award.ulid: award.pk for award in Award.objects.filter(decision=decision)}
    found = certificates_of(decision)
    if not found:
        raise JobFailed("no_awards", "Quyết định này không còn khen thưởng nào có hiệu lực để in.")
    for start in range(0, len(found), PART):
        some = found[start : start + PART]
        yield PartSpec(
            key=f"{start // PART + 1:04d}",
            arguments={"awards": [awards[one.award] for one in some]},
            cache_key=_digest(some),
        )


def _digest(certificates: Iterable[Certificate]) -> str:
    """Of all that the pages show, the sheets they are set with included."""
    from movement.documents.rendering import TEMPLATES

    names = ["awards/certificates.html", *SHEETS]
    layout = [hashlib.sha256((TEMPLATES / name).read_bytes()).hexdigest() for name in names]
    content = [asdict(one) for one in certificates]
    text = json.dumps([layout, content], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def certificates_render(decision: Decision, award_ids: Sequence[int]) -> bytes:
    """One part as PDF, a page a certificate.

    Raises:
        JobFailed: ``citation_too_long``, naming whose does not fit on its page.
    """
    certificates = certificates_of(decision, award_ids)
    pdf = certificates_pdf(certificates)
    if page_count(pdf) != len(certificates):
        long = next((one.name for one in certificates if page_count(certificates_pdf([one])) > 1), certificates[0].name)
        raise JobFailed("citation_too_long", f"Nội dung khen thưởng của “{long}” dài quá một trang giấy chứng nhận.")
    return pdf


def certificates_pdf(certificates: Sequence[Certificate]) -> bytes:
    context = {"certificates": certificates, "nation": NATION, "motto": MOTTO, "title": "Giấy chứng nhận khen thưởng"}
    return render_html_part(render_to_string("awards/certificates.html", context), sheets=SHEETS)


def certificates_issue(job: Job, parts: Sequence[bytes]) -> dict:
    """Put the parts together and keep the file; what ``job.output`` holds."""
    decision = decision_of(job)
    certificates = certificates_of(decision)
    signed = timezone.make_aware(datetime.combine(decision.decided_on, time()))
    pages = len(certificates)
    name = f"giay-chung-nhan-{_file_word(decision.number)}-{decision.decided_on:%Y-%m-%d}.pdf"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "certificates.pdf"
        merge_parts(
            parts,
            out=out,
            title=f"Giấy chứng nhận khen thưởng theo Quyết định số {decision.number}",
            issued_at=signed,
            document_id=decision.ulid,
            snapshot_hash=_digest(certificates),
            number_from=1 - pages,  # certificates carry no page numbers, and none below 2 is printed
            marks=(DEMONSTRATION,) if is_demonstration() else (),
        )
        with out.open("rb") as stream:
            kept = file_keep(
                stream,
                name=name,
                content_type="application/pdf",
                actor=job.requested_by_name,
                unit_id=decision.authority_unit_id or decision.province_unit_id,
                kind=job.kind,
            )
    return {"file": kept.ulid, "name": kept.original_name, "certificates": pages, "sha256": kept.sha256}


def _file_word(number: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in number).strip("-")
