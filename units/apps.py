from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "units"
    label = "units"
    verbose_name = "Đơn vị, địa bàn"

    def ready(self):
        from movement.core.integrity import register_check

        from .selectors import integrity_problems

        register_check("units", "Cây đơn vị và quan hệ kế thừa", integrity_problems)
