from django.apps import AppConfig


class ClassificationConfig(AppConfig):
    name = "movement.classification"
    label = "classification"
    verbose_name = "Phân loại phong trào"

    def ready(self):
        from movement.core.integrity import register_check
        from units.selectors import register_change_blocker, register_change_effect, register_unit_panel

        from . import rules  # noqa: F401  declares the app's acts
        from .integrity import result_problems
        from .register_changes import classification_built_on, classification_touched
        from .selectors import unit_results

        register_check("results", "Kết quả đã công bố", result_problems)
        register_unit_panel("results", unit_results)
        register_change_effect("classification", classification_touched)
        register_change_blocker(classification_built_on)
