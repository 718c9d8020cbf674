from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "movement.documents"
    label = "documents"
    verbose_name = "Văn bản"
