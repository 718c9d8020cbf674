from django.apps import AppConfig


class ExemplarsConfig(AppConfig):
    name = "movement.exemplars"
    label = "exemplars"
    verbose_name = "Mô hình, điển hình"

    def ready(self):
        from movement.core.integrity import register_check
        from units.selectors import register_change_blocker, register_change_effect, register_unit_panel

        from . import rules  # noqa: F401  declares the app's acts
        from .integrity import exemplar_problems, model_problems
        from .register_changes import exemplars_built_on, exemplars_touched
        from .selectors import unit_exemplars, unit_models

        register_check("exemplars", "Điển hình đã chọn", exemplar_problems)
        register_check("models", "Mô hình và điểm mô hình", model_problems)
        register_unit_panel("models", unit_models)
        register_unit_panel("exemplars", unit_exemplars)
        register_change_effect("exemplars", exemplars_touched)
        register_change_blocker(exemplars_built_on)
