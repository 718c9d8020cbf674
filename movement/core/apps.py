from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "movement.core"
    label = "core"
    verbose_name = "Nền chung"

    def ready(self) -> None:
        from movement.audit.proving import trail_problems

        from .files import damaged_files
        from .integrity import register_check
        from .jobs import register_handler
        from .listings import KIND, Taking

        register_check("files", "Nội dung các tệp đã lưu", damaged_files)
        register_check("trail", "Niêm phong nhật ký", trail_problems)
        register_handler(KIND, Taking())
