from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "movement.audit"
    label = "audit"
    verbose_name = "Nhật ký"

    def ready(self) -> None:
        post_migrate.connect(_partitions, sender=self)


def _partitions(**kwargs) -> None:
    """Only the owner migrates, so this is when the coming months get their partitions."""
    from .services import partitions_prepare

    partitions_prepare()
