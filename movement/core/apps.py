from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "movement.core"
    label = "core"
    verbose_name = "Nền chung"
