from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "movement.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"
