"""What ``./run demo`` says of the accounts to sign in with."""

from types import SimpleNamespace

from deploy.launcher import demo


def line(username, place, waits=""):
    return {
        "username": username, "password": f"mk-{username}", "role": "Lãnh đạo", "where": "Xã Vị Thủy", "place": place,
        "waits": waits,
    }  # fmt: skip


def test_accounts_stand_under_their_place_with_role_and_what_waits(capsys):
    accounts = [
        line("a", "Cần Thơ, năm 2026", "hồ sơ chờ kiểm tra"),
        line("c", "Hậu Giang"),
        line("b", "Cần Thơ, năm 2026"),
    ]

    demo._show(SimpleNamespace(address="http://localhost:8000/"), accounts)

    shown = [text.split() for text in capsys.readouterr().out.splitlines() if text.strip()]
    assert shown == [
        ["Address", "http://localhost:8000/"],
        ["Cần", "Thơ,", "năm", "2026"],
        ["Account", "a", "mk-a", "Lãnh", "đạo,", "Xã", "Vị", "Thủy"],
        ["hồ", "sơ", "chờ", "kiểm", "tra"],
        ["Account", "b", "mk-b", "Lãnh", "đạo,", "Xã", "Vị", "Thủy"],
        ["Hậu", "Giang"],
        ["Account", "c", "mk-c", "Lãnh", "đạo,", "Xã", "Vị", "Thủy"],
    ]
