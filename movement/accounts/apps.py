from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "movement.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"

    def ready(self) -> None:
        from . import (
            reach,  # noqa: F401 - tells the register how far an account reaches
            receivers,  # noqa: F401 - connects them
            rules,  # noqa: F401 - declares the acts on the register
        )
