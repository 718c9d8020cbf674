import hashlib
import io

import docx
import pikepdf
import pytest
from django.db import IntegrityError, transaction

from movement.audit.models import Entry
from movement.core import store
from movement.core.contents import DOCX, JPEG, PDF, PNG, XLSX
from movement.core.files import damaged_files, file_open, file_remove, file_store, safe_name
from movement.core.models import StoredFile
from movement.core.problems import Refused
from movement.core.secrecy import name_is_marked, text_is_marked, text_mentions_mark, twelve_digit_numbers
from movement.documents.rendering import render_html_part

from .sheets import archive, xlsx

pytestmark = pytest.mark.django_db(transaction=True)

PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def pdf(*lines):
    # Not WeasyPrint by itself: in a process that rendered before, pango knows no typeface but the portal's own.
    return render_html_part("".join(f"<p>{line}</p>" for line in lines))


def word(*lines):
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def send(data, name="bao cao.pdf", **more):
    values = {"actor": "thử", "unit_id": 7, "kind": "evidence", "declared": True} | more
    return file_store(io.BytesIO(data), name=name, **values)


def refused(data, name="bao cao.pdf", **more):
    with pytest.raises(Refused) as error:
        send(data, name, **more)
    assert StoredFile.objects.count() == 0
    assert not list(store.files.root.rglob("*")) if store.files.root.exists() else True
    return error.value.problems[0].code


def kept(file):
    return {warning["code"] for warning in file.warnings}


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (pdf("Kế hoạch"), "a.pdf", PDF),
        (PNG_BYTES, "a.png", PNG),
        (b"\xff\xd8\xff\xe0 ...", "a.jpeg", JPEG),
        (xlsx(["a", "b"]), "a.xlsx", XLSX),
        (word("Kế hoạch"), "a.docx", DOCX),
    ],
    ids=["pdf", "png", "jpeg", "xlsx", "docx"],
)
def test_a_file_is_kept_under_its_hash_with_its_type_from_the_content(data, name, content_type):
    file = send(data, name)

    digest = hashlib.sha256(data).hexdigest()
    assert (file.sha256, file.size, file.content_type, file.original_name) == (digest, len(data), content_type, name)
    assert store.files.path(digest).relative_to(store.files.root).parts == (digest[:2], digest[2:4], digest)
    assert file_open(file).read() == data
    assert Entry.objects.get(object_id=file.ulid).unit_id == 7


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../x", "x"),
        ("..\\..\\etc\\passwd", "passwd"),
        ("/etc/Kế hoạch.pdf", "Kế hoạch.pdf"),
        ("a\x00b\n<c>.pdf", "a b c .pdf"),
        ("Ho\u0300a.pdf", "Hòa.pdf"),
        ("ảnh\u202egnp.exe", "ảnh gnp.exe"),
        ("...", "tep"),
        ("", "tep"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(given, safe):
    assert safe_name(given) == safe


def test_a_name_that_lies_about_its_type_gets_the_true_ending():
    assert send(pdf("x"), "../../x").original_name == "x.pdf"
    assert send(PNG_BYTES, "anh.pdf").original_name == "anh.pdf.png"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0 a program", "file_kind"),
        (b"<html><script>", "file_kind"),
        (archive({"a.txt": b"x"}), "file_kind"),
        (b"PK\x03\x04 broken", "damaged"),
        (archive({"word/vbaProject.bin": b"x", "word/document.xml": b"<x/>"}), "macros"),
        (archive({"xl/workbook.xml": b"0" * (20 << 20)}), "zip_bomb"),
    ],
    ids=["empty", "program", "page", "zip", "broken", "macros", "bomb"],
)
def test_a_forbidden_kind_is_refused_whatever_its_name(data, code):
    assert refused(data) == code


def test_only_what_the_page_allows_is_taken():
    assert refused(xlsx(["a"]), "a.xlsx", allowed=[PDF]) == "file_kind"


def test_a_file_above_the_limit_is_refused(settings):
    settings.PORTAL_UPLOAD_LIMIT = 1000

    assert refused(b"%PDF-" + b"x" * 1000) == "too_large"


def test_nothing_is_taken_without_the_declaration():
    assert refused(pdf("x"), declared=False) == "not_declared"


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        ("[MẬT] Kế hoạch.pdf", True),
        ("Kế hoạch_MẬT.pdf", True),
        ("Kế hoạch MẬT.pdf", True),
        ("tối mật.docx", True),
        ("TUYET MAT.pdf", True),
        ("Kế hoạch tuyệt mật 2025.pdf", True),
        ("(Mật).pdf", True),
        ("Kế hoạch bảo mật thông tin.pdf", False),
        ("KẾ HOẠCH BẢO MẬT.pdf", False),
        ("Kế hoạch BẢO MẬT.pdf", False),
        ("Mật độ dân số.pdf", False),
        ("MẬT ĐỘ DÂN SỐ.pdf", False),
        ("Mật ong.pdf", False),
        ("mat tran to quoc.pdf", False),
    ],
)
def test_a_mark_in_the_name_is_told_from_ordinary_words(name, marked):
    assert name_is_marked(name) == marked
    if marked:
        assert refused(PNG_BYTES, name) == "secrecy_mark"


@pytest.mark.parametrize(
    ("lines", "marked"),
    [
        (["CÔNG AN TỈNH", "MẬT", "KẾ HOẠCH"], True),
        (["Độ mật: TỐI MẬT"], True),
        (["  Tuyệt   mật "], True),
        (["MẬT\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], True),
        (["(MẬT)"], True),
        (["Quy chế BẢO MẬT"], False),
        (["Công tác bảo mật được chú trọng."], False),
        ([f"dòng {i}" for i in range(30)] + ["MẬT"], False),
    ],
)
def test_a_mark_alone_in_the_first_lines_is_found(lines, marked):
    assert text_is_marked(lines) == marked


@pytest.mark.parametrize(
    "make", [pdf, word, lambda *lines: xlsx(*[[line] for line in lines])], ids=["pdf", "word", "excel"]
)
def test_a_marked_paper_is_refused_and_not_kept(make):
    assert refused(make("CÔNG AN TỈNH", "TỐI MẬT", "Kế hoạch")) == "secrecy_mark"


@pytest.mark.parametrize("make", [pdf, word], ids=["pdf", "word"])
def test_a_mark_elsewhere_warns_and_bao_mat_does_not(make):
    filling = [f"Đoạn {i}." for i in range(25)]

    assert kept(send(make(*filling, "Kèm theo văn bản có độ TỐI MẬT nêu trên."))) == {"secrecy_word"}
    assert kept(send(make("Quy chế BẢO MẬT", *filling))) == set()
    assert not text_mentions_mark("bí mật, mật độ, BẢO MẬT")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Số 001089012345.", 1),
        ("001 089 012 345 và 0010 8901 2345", 2),
        ("0010890123456", 0),
        ("Số tiền 100.000.000.000 đồng", 1),
        ("ngày 01/02/2025, điện thoại 0293 3876 123", 0),
    ],
)
def test_numbers_like_those_of_identity_cards_are_counted(text, count):
    assert twelve_digit_numbers(text) == count


@pytest.mark.parametrize("make", [pdf, word, lambda line: xlsx([line]), lambda line: xlsx([int(line[-12:])])])
def test_twelve_digits_stop_the_upload_until_confirmed(make):
    data = make("Ông A, số 301089012345")

    assert refused(data, "a.pdf") == "twelve_digits"
    assert kept(send(data, "a.pdf", numbers_confirmed=True)) == {"twelve_digits"}


def test_a_scan_says_that_the_declaration_counts():
    blank = io.BytesIO()
    with pikepdf.new() as scan:
        scan.add_blank_page()
        scan.save(blank)

    assert kept(send(blank.getvalue())) == {"no_text"}
    assert kept(send(PNG_BYTES, "a.png")) == {"no_text"}
    assert kept(send(b"%PDF-1.7 damaged")) == {"no_text"}


def test_a_damaged_or_lost_content_is_noticed():
    whole, damaged, lost = send(pdf("một"), "1.pdf"), send(pdf("hai"), "2.pdf"), send(pdf("ba"), "3.pdf")
    store.files.path(damaged.sha256).write_bytes(b"changed")
    store.files.remove(lost.sha256)

    assert sorted(damaged_files()) == sorted(
        f"Tệp “{file.original_name}” (SHA-256 {file.sha256}) bị mất hoặc hỏng." for file in (damaged, lost)
    )
    assert file_open(whole).read(5) == b"%PDF-"
    for file in (damaged, lost):
        with pytest.raises(Refused):
            file_open(file)


def test_sending_it_again_mends_a_damaged_content():
    data = pdf("một")
    file = send(data)
    store.files.path(file.sha256).write_bytes(b"changed")

    send(data)

    assert file_open(file).read() == data


def test_an_emergency_removal_destroys_the_content_for_all_and_keeps_who_and_why():
    data = pdf("một")
    first, same, other = send(data, "1.pdf"), send(data, "2.pdf"), send(pdf("hai"), "3.pdf")

    assert file_remove(file=first, actor="Lê Minh Họa", reason="lộ bí mật") == 2

    same.refresh_from_db()
    assert not store.files.exists(first.sha256)
    assert (same.removed_by_name, same.removed_reason) == ("Lê Minh Họa", "lộ bí mật")
    assert Entry.objects.filter(action="file.remove").count() == 2
    assert file_open(other)
    assert list(damaged_files()) == []
    with pytest.raises(Refused) as error:
        file_open(same)
    assert error.value.problems[0].code == "removed"


def test_a_removal_needs_a_reason():
    file = send(pdf("một"))

    with pytest.raises(Refused):
        file_remove(file=file, actor="A", reason=" ")
    assert file_open(file)


def test_a_removal_that_is_rolled_back_leaves_the_content():
    file = send(pdf("một"))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        file_remove(file=file, actor="A", reason="nhầm")
        raise ZeroDivisionError

    assert file_open(file)


def test_a_write_that_breaks_off_leaves_nothing():
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError("the line went away")
            return super().read(10)

    with pytest.raises(OSError, match="line"):
        store.files.write(Broken(b"x" * 100))
    with pytest.raises(store.TooLarge):
        store.files.write(b"x" * 100, limit=99)
    assert list(store.files.root.iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_the_store_opens_nothing_but_hashes(name):
    with pytest.raises(ValueError, match="SHA-256"):
        store.files.open(name)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"sha256": "x"}, "core_file_hash_written_whole"),
        ({"size": 0}, "core_file_not_empty"),
        ({"removed_at": "2025-01-01T00:00Z"}, "core_file_removal_has_reason"),
    ],
)
def test_the_database_refuses_half_a_file(values, constraint):
    whole = {"sha256": "0" * 64, "size": 1, "content_type": "x", "original_name": "x", "kind": "x"}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StoredFile.objects.create(**whole | {"uploaded_by_name": "x", "declared_free_of_secrets": True} | values)
