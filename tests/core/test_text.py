import itertools

import pytest
from django.db import connection

from movement.core.text import fold, match_key, norm, normalise_name, search_q, search_terms, search_text, sort_key

NAMES = [
    "Xã Tân Tiến",
    "Thị trấn Nàng Mau",
    "Phường Đường Hoa",
    "Thủy Phương",
    "Thuỷ Phương",
    "Hòa Thuận",
    "Hoà Thuận",
    "Hoằng Hoá",
    "khoẻ khỏe hoặc ngoằng quý qúy huỳnh",
    "Trường THPT  Vị Thanh",
    "UBND xã Hoà An – BCĐ 138",
    "CTCP-TNHH (minh họa)",
    "TH TH th",
    "Ấp 10",
    "Ấp 2",
    "Ấp 007",
    "A\u00a0B\tC",
    "Ho\u0300a Bi\u0300nh",
    "Müller Ø ñ ç ß",
    "_%\\'\"",
    "Ấp III số 03 khu vực XXXIX ấp0",
    "Cty TNHH MTV Mỹ Xuyên số 2, Trường Trường TH Lý Tự Trọng",
    "Truong so Trường cao đẳng nghề TDP 1 1 00 0",
    "vy xy ix iix xxxx vi-vi",
    "",
    "   ",
]


def in_sql(function, values):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT public.{function}(value) FROM unnest(%s) WITH ORDINALITY AS t(value, place) ORDER BY place",  # noqa: S608
            [values],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("function", "twin"),
    [
        ("vn_fold", fold),
        ("vn_norm", norm),
        ("vn_name", normalise_name),
        ("vn_search", search_text),
        ("vn_sort", sort_key),
        ("vn_match", match_key),
    ],
)
def test_sql_and_python_say_the_same(function, twin):
    assert in_sql(function, NAMES) == [twin(name) for name in NAMES]


@pytest.mark.django_db
def test_functions_survive_an_empty_search_path():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("SELECT public.vn_search('UBND xã Hoà An'), public.vn_sort('Ấp 2')")
        assert cursor.fetchone() == (search_text("UBND xã Hoà An"), sort_key("Ấp 2"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("uỷ ban", "Ủy  ban"), ("Hoà", "hòa"), ("khoẻ", "khỏe"), ("THUỶ", "thủy"), ("Hòa", "Ho\u0300a")],
)
def test_two_spellings_of_one_word_are_the_same(one, other):
    assert norm(one) == norm(other)


@pytest.mark.parametrize("word", ["hoàng", "hoặc", "hoằng", "huỳnh", "ngoẵng", "thuyền", "ngoài"])
def test_a_tone_that_has_one_place_only_stays(word):
    assert norm(word) == word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trường THPT Vị Thanh", "trường trung học phổ thông Vị Thanh"),
        ("THCS Lê Lợi", "Trung học cơ sở Lê Lợi"),
        ("TH Lê Lợi", "Tiểu học Lê Lợi"),
        ("UBND xã", "Uỷ ban nhân dân xã"),
        ("CTCP Mía đường", "Công ty cổ phần Mía đường"),
        ("Công ty TNHH A", "Công ty trách nhiệm hữu hạn A"),
        ("BCĐ 138", "Ban Chỉ đạo 138"),
        ("Trường Tiểu học A (điểm 2)", "Trường TH A - điểm 2"),
    ],
)
def test_an_abbreviation_is_the_name_it_stands_for(one, other):
    assert normalise_name(one) == normalise_name(other)


def test_d_with_stroke_is_another_letter():
    assert normalise_name("Đa") != normalise_name("Da")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Uỷ ban nhân dân xã", "UBND xã"),
        ("Trường THPT Vị Thủy", "Trung học phổ thông Vị Thuỷ"),
        ("Ấp III", "Ấp 3"),
        ("Ấp III", "Ap 03"),
        ("Ấp XIV", "ấp 14"),
        ("Khu vực Đông A", "khu vực Dông A"),
        ("Ấp Tân Phú", "Ấp TânPhú"),
        ("Tổ dân phố số 02", "TDP 2"),
        ("CTCP Mía đường", "Công ty CP Mía Đường"),
        ("Cty TNHH MTV Cấp nước", "Công ty trách nhiệm hữu hạn một thành viên Cấp nước"),
        ("Ấp Mỹ Lợi", "Ấp Mĩ Lợi"),
        ("Ấp Vỹ", "Ấp Vĩ"),
        ("Ấp 3A", "Ấp 3 a"),
        ("Ho\u0300a Bi\u0300nh", "Hoà Bình"),
        ("Trường TH Lê Lợi", "Tiểu học Lê Lợi"),
    ],
)
def test_two_names_that_may_mean_the_same_have_one_key(one, other):
    assert match_key(one) == match_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ấp 1 1", "Ấp 11"),
        ("Ấp 1", "Ấp 10"),
        ("Ấp I", "Ấp II"),
        ("Ấp 1 A", "Ấp 1 B"),
        ("Ấp Trường An", "Ấp An"),
        ("Trường An", "An"),
        ("Trường THPT A", "Trường THCS A"),
        ("Ấp 0", "Ấp"),
    ],
)
def test_names_that_mean_two_things_have_two_keys(one, other):
    assert match_key(one) != match_key(other)


def test_a_key_is_plain_letters_and_figures_and_empty_for_nothing():
    assert match_key("Ấp III, số 02 (Mỹ Đông)") == "ap3 2midong"
    assert [match_key(text) for text in ("", " - ", "'")] == ["", "", ""]


def found(typed, names):
    return {
        name
        for name in names
        if all(any(term in search_text(name) for term in either) for either in search_terms(typed))
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("duong", {"Phường Đường Hoa", "Xã Dương Hòa"}),
        ("đường", {"Phường Đường Hoa"}),
        ("Dương", {"Xã Dương Hòa"}),
        ("đường hoa", {"Phường Đường Hoa"}),
        ("hoà", {"Xã Dương Hòa"}),
        ("hòa", {"Xã Dương Hòa"}),
        ("hoa duong", {"Phường Đường Hoa", "Xã Dương Hòa"}),
        ("THPT", {"Trường THPT Vị Thanh"}),
        ("trung học phổ", {"Trường THPT Vị Thanh"}),
        ("ubnd", {"UBND xã Hoàng Long"}),
        ("uỷ ban", {"UBND xã Hoàng Long"}),
        ("TH", {"Trường Tiểu học 1"}),
        ("th", {"Trường Tiểu học 1", "Trường THPT Vị Thanh"}),
        ("uong", set()),
        ("", {"Phường Đường Hoa", "Xã Dương Hòa", "Trường THPT Vị Thanh", "UBND xã Hoàng Long", "Trường Tiểu học 1"}),
    ],
)  # fmt: skip
def test_marks_typed_are_meant_and_marks_left_out_are_not(typed, expected):
    names = ["Phường Đường Hoa", "Xã Dương Hòa", "Trường THPT Vị Thanh", "UBND xã Hoàng Long", "Trường Tiểu học 1"]

    assert found(typed, names) == expected


def test_signs_of_like_are_taken_as_they_are():
    assert str(search_q("search", "50%_")) == str(search_q("search", "50"))


DICTIONARY = (
    ["ba", "bà", "bả", "bã", "bá", "bạ", "ban", "bàn", "bạn", "băn", "bắn", "bân", "bận", "da", "dạ", "đa", "đạ", "em", "êm", "khu", "lan", "o", "ô", "ơ", "tạ", "tu", "tư", "xa", "ý"]
)  # fmt: skip


@pytest.mark.django_db
def test_letters_come_before_tones_as_in_a_dictionary():
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT value FROM unnest(%s) AS value ORDER BY public.vn_sort(value) COLLATE "C"',
            [list(reversed(DICTIONARY))],
        )
        assert [row[0] for row in cursor.fetchall()] == DICTIONARY


@pytest.mark.parametrize(
    ("less", "more"), list(itertools.pairwise(["Ấp 1", "Ấp 2", "Ấp 10", "Ấp 12a", "Ấp 1234567", "Ấp A"]))
)
def test_numbers_are_sorted_by_their_size(less, more):
    assert sort_key(less) < sort_key(more)
