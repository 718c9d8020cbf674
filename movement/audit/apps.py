from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "movement.audit"
    label = "audit"
    verbose_name = "Nhật ký"
