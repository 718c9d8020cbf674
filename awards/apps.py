from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "awards"
    label = "awards"
    verbose_name = "Khen thưởng"

    def ready(self):
        from movement.core.integrity import register_check
        from units.selectors import register_unit_panel

        from . import rules  # noqa: F401  declares the app's acts
        from .integrity import register_problems
        from .selectors import unit_awards

        register_check("awards", "Sổ khen thưởng", register_problems)
        register_unit_panel("awards", unit_awards)
