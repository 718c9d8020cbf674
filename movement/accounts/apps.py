from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "movement.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"

    def ready(self) -> None:
        from movement.core.jobs import register_handler
        from units.selectors import register_change_blocker, register_change_effect

        from . import (
            reach,  # noqa: F401 - tells the register how far an account reaches
            receivers,  # noqa: F401 - connects them
            rules,  # noqa: F401 - declares the acts on the register
        )
        from .handlers import SlipsPrinting
        from .register_changes import accounts_built_on, accounts_touched

        register_handler("accounts.slips", SlipsPrinting())
        register_change_effect("accounts", accounts_touched)
        register_change_blocker(accounts_built_on)
