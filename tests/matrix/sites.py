"""Every address of the portal with something to open behind it: ``{name or name@variant: what reverse() takes}``.

``w`` is the place whose things are opened. The table says which methods an address knows.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import reverse

NONE: Callable = lambda w: []  # noqa: E731


def _assessment(at, past=False):
    return lambda w: [w.assessment(getattr(w, at), w.province.past if past else None).ulid]


def _list(at="commune"):
    return lambda w: [w.province.campaign.ulid, getattr(w, at).unit.ulid]


SITES: dict[str, Callable] = {
    # pages of no thing
    **dict.fromkeys(
        [
            "home", "healthz", "set_language", "account_login", "account_logout", "account_inactive",
            "account_reauthenticate", "account_change_password", "mfa_index", "mfa_authenticate", "mfa_reauthenticate",
            "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
            "mfa_login_webauthn", "usersessions_list", "files_removal", "accounts:mine", "accounts:code_entry",
            "accounts:list", "accounts:new", "accounts:reviews", "accounts:review_export", "accounts:review_pdf",
            "accounts:stranded", "accounts:lists", "accounts:list_template", "units:list", "units:export", "units:import",
            "units:import_template", "units:lineage", "units:lineage_template", "units:suggest", "units:duplicates",
            "units:tree", "units:loose", "units:groups", "units:group_new", "units:changes", "classification:results",
            "desk:work", "desk:signed_in", "desk:board", "desk:decisions", "awards:list", "awards:export",
            "awards:persons", "awards:persons_export", "awards:import", "awards:rounds", "awards:round_new",
            "reports:list", "audit:trail", "audit:export", "exemplars:models", "exemplars:export", "exemplars:model_new",
            "exemplars:import", "exemplars:unit_choices", "exemplars:exemplars", "exemplars:candidates",
            "exemplars:choose",
        ],
        NONE,
    ),
    "mfa_remove_webauthn": lambda w: [1],
    "mfa_edit_webauthn": lambda w: [1],
    # files
    "file_removal": lambda w: [w.proof.ulid],
    "file_view": lambda w: [w.viewed],
    "file_download": lambda w: [w.download],
    "listing": lambda w: [w.listing.ulid],
    "listing_file": lambda w: [w.listing.ulid],
    # accounts
    "accounts:tie_end": lambda w: [w.tie.pk],
    "accounts:invited": lambda w: [w.code[0]],
    "accounts:list_preview": lambda w: [w.accounts.ulid],
    "accounts:list_accept": lambda w: [w.accounts.ulid],
    "accounts:list_handover": lambda w: [w.accounts.ulid],
    "accounts:slips": lambda w: [w.slips.ulid],
    "accounts:detail": lambda w: [w.account.ulid],
    "accounts:state": lambda w: [w.account.ulid],
    "accounts:code": lambda w: [w.account.ulid],
    "accounts:second_step": lambda w: [w.account.ulid],
    "accounts:review": lambda w: [w.account.ulid],
    "accounts:give": lambda w: [w.account.ulid],
    "accounts:end": lambda w: [w.account.ulid, w.right.pk],
    "accounts:transfer": lambda w: [w.account.ulid, w.right.pk],
    "accounts:deputise": lambda w: [w.account.ulid, w.right.pk],
    # the register
    "units:lineage_preview": lambda w: [w.mergers.ulid],
    "units:lineage_accept": lambda w: [w.mergers.ulid],
    "units:import_preview": lambda w: [w.preview.ulid],
    "units:import_choose": lambda w: [w.preview.ulid],
    "units:import_accept": lambda w: [w.preview.ulid],
    "units:duplicate_apart": NONE,
    "units:duplicate_again": lambda w: [w.verdict.pk],
    "units:branch": lambda w: [w.commune.unit.ulid],
    "units:group": lambda w: [w.group.ulid],
    "units:group_edit": lambda w: [w.group.ulid],
    "units:group_close": lambda w: [w.group.ulid],
    "units:group_join": lambda w: [w.group.ulid],
    "units:member_leave": lambda w: [w.group.ulid, w.member.pk],
    "units:change_detail": lambda w: [w.change.ulid],
    "units:detail": lambda w: [w.school.unit.ulid],
    "units:detail@commune": lambda w: [w.commune.unit.ulid],
    "units:detail@hamlet": lambda w: [w.open.unit.ulid],
    "units:contact": lambda w: [w.school.unit.ulid],
    "units:contact@commune": lambda w: [w.commune.unit.ulid],
    "units:settings": lambda w: [w.commune.unit.ulid],
    "units:change_menu": lambda w: [w.school.unit.ulid],
    "units:change_menu@hamlet": lambda w: [w.open.unit.ulid],
    "units:change_menu@commune": lambda w: [w.commune.unit.ulid],
    "units:change": lambda w: [w.school.unit.ulid, "doi-ten"],
    "units:change@hamlet": lambda w: [w.open.unit.ulid, "doi-ten"],
    "units:change@commune": lambda w: [w.commune.unit.ulid, "doi-ten"],
    # results and the desk
    "classification:year": lambda w: [w.province.campaign.year],
    "classification:year@past": lambda w: [w.province.past.year],
    "classification:export": lambda w: [w.province.campaign.year],
    "classification:place": lambda w: [w.commune.unit.ulid],
    "classification:assessment": _assessment("school"),
    "classification:assessment@hamlet": _assessment("published"),
    "classification:assessment@past": _assessment("school", past=True),
    "desk:decision": lambda w: [w.result.ulid],
    "desk:attach": lambda w: [w.result.ulid],
    "desk:decision_file": lambda w: [w.result.ulid],
    "desk:campaign_lists": lambda w: [w.province.campaign.ulid],
    "desk:decision_list": _list(),
    "desk:decision_list@province": lambda w: [w.province.campaign.ulid, w.province.unit.ulid],
    "desk:decide": _list(),
    "desk:publish": _list(),
    "desk:minutes_file": lambda w: [*_list()(w), w.minutes.ulid],
    "desk:waiting": lambda w: [w.province.campaign.ulid, "check"],
    "desk:advance": lambda w: [w.province.campaign.ulid, "check"],
    "desk:dossier": _assessment("school"),
    "desk:dossier@hamlet": _assessment("open"),
    "desk:dossier@past": _assessment("waiting", past=True),
    **{
        f"desk:{name}{variant}": of
        for name in ("save", "changes", "following", "move", "return", "opinion", "end", "extend")
        for variant, of in (
            ("", _assessment("school")),
            ("@hamlet", _assessment("open")),
            ("@past", _assessment("waiting", past=True)),
        )
    },
    "desk:evidence": lambda w: [*_assessment("school")(w), "1.2"],
    "desk:attestation": lambda w: [*_assessment("school")(w), "1.2"],
    "desk:file": lambda w: [*_assessment("school")(w), w.evidence.ulid],
    "desk:evidence_off": lambda w: [*_assessment("school")(w), w.evidence.ulid],
    # commendations
    "awards:award": lambda w: [w.award.ulid],
    "awards:recovered": lambda w: [w.revoked.ulid],
    "awards:decision": lambda w: [w.award_decision.ulid],
    "awards:certificates": lambda w: [w.award_decision.ulid],
    "awards:certificates_progress": lambda w: [w.award_decision.ulid, w.certificates.ulid],
    "awards:certificates_file": lambda w: [w.award_decision.ulid, w.certificates.ulid],
    **{
        f"awards:{name}{variant}": of
        for name in ("round", "suggestions", "unit_choices", "nomination_new", "round_end")
        for variant, of in (("", lambda w: [w.ring.ulid]), ("@province", lambda w: [w.province.ring.ulid]))
    },
    "awards:nomination": lambda w: [w.ring.ulid, w.nomination.ulid],
    "awards:nomination_off": lambda w: [w.ring.ulid, w.nomination.ulid],
    "awards:decide": lambda w: [w.ring.ulid, "commune"],
    "awards:decide@province": lambda w: [w.province.ring.ulid, "province"],
    # summaries
    "reports:list@theirs": NONE,
    "reports:detail": lambda w: [w.province.report.ulid],
    "reports:cancel": lambda w: [w.province.report.ulid],
    "reports:file": lambda w: [w.province.report.ulid, w.province.report.files.get(kind="report").address],
    "reports:file@persons": lambda w: [w.province.report.ulid, w.province.report.files.get(kind="persons").address],
    "reports:figure": lambda w: [w.province.report.ulid, w.province.figure],
    # models and exemplars
    **{
        f"exemplars:{name}": lambda w: [w.model.ulid]
        for name in ("model", "model_edit", "model_step", "model_review", "point_new")
    },
    **{
        f"exemplars:{name}": lambda w: [w.model.ulid, w.point.ulid]
        for name in ("point", "point_edit", "point_size", "point_review")
    },
    "exemplars:exemplar": lambda w: [w.exemplar.ulid],
    "exemplars:exemplar_write": lambda w: [w.exemplar.ulid],
    # what was done to one thing
    "audit:history@unit": lambda w: ["don-vi", w.school.unit.ulid],
    "audit:history@assessment": lambda w: ["ho-so", *_assessment("school")(w)],
    "audit:history@model": lambda w: ["mo-hinh", w.model.ulid],
    "audit:history@exemplar": lambda w: ["dien-hinh", w.exemplar.ulid],
    "audit:history@award": lambda w: ["khen-thuong", w.award.ulid],
    "audit:history@decision": lambda w: ["quyet-dinh", w.result.ulid],
    "audit:history@round": lambda w: ["dot", w.ring.ulid],
    "audit:history@campaign": lambda w: ["ky", w.province.campaign.ulid],
    "audit:history@report": lambda w: ["bao-cao", w.province.report.ulid],
    "audit:history@account": lambda w: ["tai-khoan", w.account.ulid],
}  # fmt: skip

# What a form has to hold before anybody is asked for a right; nothing where the right comes first.
BODIES: dict[str, Callable] = {
    "accounts:review": lambda w: {"verdict": "kept"},
    **dict.fromkeys(
        ["desk:save", "desk:save@hamlet", "desk:save@past"],
        lambda w: {"stage": "self", "code": "1.2", "points": "10", "edit": uuid4()},
    ),
    "desk:move": lambda w: {"to": "checked"},
    "desk:move@hamlet": lambda w: {"to": "submitted"},
    "desk:move@past": lambda w: {"to": "decided"},
    "desk:advance": lambda w: {"units": w.assessment(w.school).ulid, "sure": "1"},
    "reports:list@theirs": lambda w: {"scope": f"{w.province.past.year}:{w.province.unit.ulid}"},
    "units:duplicate_apart": lambda w: {"unit": [w.double.unit.ulid, w.twin.unit.ulid], "reason": "hai đội"},
}


# What an address has to be asked for.
QUERIES: dict[str, Callable] = {
    "exemplars:choose": lambda w: {
        "year": w.province.past.year + 1,
        "province": w.province.unit.pk,
        "unit": w.school.code,
    },
    "units:loose": lambda w: {"nhom": "school"},
}


def address(name: str, w) -> str:
    url = reverse(name.partition("@")[0], args=SITES[name](w))
    return f"{url}?{urlencode(QUERIES[name](w))}" if name in QUERIES else url


def body(name: str, w) -> dict:
    return BODIES.get(name, lambda w: {})(w)
