from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Báo cáo"

    def ready(self):
        from movement.core.jobs import register_handler

        from . import rules  # noqa: F401  declares the app's acts
        from .enums import JOB_KIND
        from .handlers import YearReport

        register_handler(JOB_KIND, YearReport())
