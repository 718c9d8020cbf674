from django.apps import AppConfig


class ExemplarsConfig(AppConfig):
    name = "movement.exemplars"
    label = "exemplars"
    verbose_name = "Mô hình, điển hình"
