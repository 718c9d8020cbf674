from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    label = "awards"
    verbose_name = "Khen thưởng"

    def ready(self):
        from movement.core.integrity import register_check
        from movement.core.jobs import register_handler
        from units.selectors import register_unit_panel

        from . import rules  # noqa: F401  declares the app's acts
        from .enums import CERTIFICATES
        from .handlers import Certificates
        from .integrity import register_problems
        from .selectors import unit_awards

        register_check("awards", "Sổ khen thưởng", register_problems)
        register_unit_panel("awards", unit_awards)
        register_handler(CERTIFICATES, Certificates())
