from django.apps import AppConfig


class ClassificationConfig(AppConfig):
    name = "movement.classification"
    label = "classification"
    verbose_name = "Phân loại phong trào"
