from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    label = "reports"
    verbose_name = "Báo cáo"

    def ready(self):
        from movement.core.integrity import register_check
        from movement.core.jobs import register_handler

        from . import rules  # noqa: F401  declares the app's acts
        from .enums import JOB_KIND
        from .handlers import YearReport
        from .integrity import snapshot_problems

        register_handler(JOB_KIND, YearReport())
        register_check("reports", "Bản chốt số liệu của báo cáo", snapshot_problems)
