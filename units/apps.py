from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "units"
    label = "units"
    verbose_name = "Đơn vị, địa bàn"

    def ready(self):
        from movement.core.integrity import register_check
        from movement.core.jobs import register_handler

        from .handlers import UnitsImport
        from .selectors import integrity_problems
        from .services.previews import JOB

        register_check("units", "Cây đơn vị và quan hệ kế thừa", integrity_problems)
        register_handler(JOB, UnitsImport())
