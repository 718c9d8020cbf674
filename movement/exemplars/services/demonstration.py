"""The demonstration's practice models and exemplars, made through the services. Done again it changes nothing."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from units.models import Unit

from .. import demo
from ..models import Exemplar, PracticeModel
from .choosing import exemplar_note, exemplars_choose
from .importing import Outcome, models_import
from .practice import model_create, model_move, review_record


@transaction.atomic
def demonstration_models(*, plan, province: Unit, actor) -> Outcome:
    """Models, points, moves and reviews of ``plan`` (``movement.classification.demo.build``)."""
    wanted = demo.models(plan)
    for one in wanted.registered:
        if not PracticeModel.objects.filter(province=province, code=one.code).exists():
            (state, since), *steps = one.states
            model = model_create(
                province=province, code=one.code, name=one.name, field=one.field, decision=one.decision, state=state,
                since=since, actor=actor,
            )  # fmt: skip
            for to, begins in steps:
                model_move(model=model, to=to, since=begins, actor=actor)
    outcome = models_import(wanted.rows, actor=actor, province=province)
    models = {model.code: model for model in PracticeModel.objects.filter(province=province)}
    for code, to, since, note in wanted.moves:
        if models[code].states.order_by("valid").last().state != to:
            model_move(model=models[code], to=to, since=since, note=note, actor=actor)
    for review in wanted.reviews:
        review_record(model=models[review.model_code], year=review.year, rating=review.rating, actor=actor)
    return outcome


@transaction.atomic
def demonstration_exemplars(*, province: Unit, actor) -> list[Exemplar]:
    """The five exemplars of 2024 with their plan and progress; ``actor`` is an account of the province's staff."""
    choice = demo.CHOICE
    if Exemplar.objects.filter(province=province, year=choice.year).exists():
        return []
    chosen = exemplars_choose(
        year=choice.year, province=province, units=choice.units, decision=choice.number, decided_on=choice.decided_on,
        signer=choice.signer, actor=actor,
    )  # fmt: skip
    for exemplar in chosen:
        for kind, on, text in choice.notes:
            exemplar_note(exemplar=exemplar, kind=kind, on=on, text=text, actor=actor)
    return chosen


@transaction.atomic
def demonstration_proposals(*, province: Unit, unit_codes: list[str], since: date, actor) -> int:
    """Models of the open year: one proposed, one decided, one at work on ``unit_codes``; how many were made."""
    made = 0
    for code, name, field, state in demo.OPEN_YEAR:
        if PracticeModel.objects.filter(province=province, code=code).exists():
            continue
        made += 1
        model_create(province=province, code=code, name=name, field=field, state=state, since=since, actor=actor)
    rows = demo.open_year_points(unit_codes, since)
    if made and rows:
        models_import(rows, actor=actor, province=province)
    return made
