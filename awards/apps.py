from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    label = "awards"
    verbose_name = "Khen thưởng"

    def ready(self):
        from movement.core.integrity import register_check
        from movement.core.jobs import register_handler
        from units.selectors import register_change_blocker, register_change_effect, register_unit_panel

        from . import rules  # noqa: F401  declares the app's acts
        from .enums import CERTIFICATES
        from .handlers import Certificates
        from .integrity import register_problems
        from .register_changes import awards_built_on, awards_touched
        from .selectors import unit_awards

        register_check("awards", "Sổ khen thưởng", register_problems)
        register_unit_panel("awards", unit_awards)
        register_handler(CERTIFICATES, Certificates())
        register_change_effect("awards", awards_touched)
        register_change_blocker(awards_built_on)
