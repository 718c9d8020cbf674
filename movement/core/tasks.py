"""What Celery runs: ids in, nothing out; the work is in ``movement.core.jobs``."""

import logging

from celery import shared_task

from movement.audit.proving import trail_prove
from movement.audit.services import seal_append

from . import jobs

logger = logging.getLogger("movement.audit")


@shared_task(acks_late=True, reject_on_worker_lost=True, soft_time_limit=45, time_limit=55)
def run_part(part_id: int) -> None:
    """One part of a job."""
    jobs.run_step(part_id)


@shared_task(acks_late=True, reject_on_worker_lost=True, soft_time_limit=1800, time_limit=1830)
def run_plan(part_id: int) -> None:
    """The plan of a job: it freezes what the parts show, which cannot be cut."""
    jobs.run_step(part_id)


@shared_task(acks_late=True, reject_on_worker_lost=True, soft_time_limit=1800, time_limit=1830)
def run_merge(part_id: int) -> None:
    """The merge that ends a job, or the whole of one that has no parts."""
    jobs.run_step(part_id)


@shared_task(soft_time_limit=45, time_limit=55)
def sweep() -> None:
    """Every 10 s: send again what nobody holds."""
    jobs.sweep()


@shared_task(soft_time_limit=45, time_limit=55)
def seal() -> None:
    """Every 10 s: seal what the trail has got."""
    seal_append()


@shared_task(soft_time_limit=600, time_limit=630)
def prove() -> None:
    """Every hour: recompute what was sealed since the last time."""
    for problem in trail_prove()[1]:
        logger.error("%s", problem)
