"""Proving goes on from where it was, a pruned month is understood, seals outside the database are compared."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from movement.audit.models import Entry, Proof, Pruned, Seal
from movement.audit.proving import pruning_problems, seal_file_problems, seal_problems, trail_problems, trail_prove
from movement.audit.pruning import NotPruned, month_prune, month_rows, months_before
from movement.audit.services import Act, record
from movement.core.problems import Refused
from tests.database.base import as_owner
from tests.factories.trail import sealed

pytestmark = pytest.mark.django_db(transaction=True)


def acts(*sentences):
    with transaction.atomic():
        record("kiểm tra", *(Act("test.done", sentence) for sentence in sentences))


def owner_does(*statements):
    with as_owner(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def old_month():
    """The month fourteen months ago, with a partition of its own; it is taken away again."""
    day = (timezone.localdate().replace(day=1) - timedelta(days=14 * 30)).replace(day=1)
    after = (day + timedelta(days=32)).replace(day=1)
    name = f"audit_entry_{day:%Y_%m}"
    owner_does(
        f"CREATE TABLE {name} PARTITION OF audit_entry FOR VALUES FROM ('{day} 00:00:00+07') TO ('{after} 00:00:00+07')"
    )
    yield day
    owner_does(f"DROP TABLE IF EXISTS {name}")


def at_month(day, *sentences):
    with transaction.atomic(), connection.cursor() as cursor:
        for sentence in sentences:
            cursor.execute(
                "INSERT INTO audit_entry (at, actor_name, action, sentence) VALUES (%s, 'A', 'test.done', %s)",
                [f"{day} 12:00+07", sentence],
            )


def test_proving_goes_on_from_the_last_proof():
    acts("một")
    sealed()
    acts("hai")
    sealed()

    assert trail_prove() == (2, [])
    acts("ba")
    third = sealed()

    assert trail_prove() == (1, [])
    assert trail_prove() == (0, [])
    assert Proof.objects.order_by("-id").first().seal_id == third.pk


def test_a_damaged_seal_is_not_noted_as_proved_and_the_whole_proof_finds_an_old_one():
    acts("một")
    first = sealed()
    trail_prove()
    acts("hai")
    second = sealed()
    owner_does("UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'hai'")

    seals, problems = trail_prove()

    assert (seals, len(problems)) == (1, 1) and f"số {second.pk}" in problems[0]
    assert Proof.objects.get().seal_id == first.pk
    owner_does("UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'một'")
    assert len(list(seal_problems())) == 2


def test_many_seals_in_one_statement_each_get_their_own_rows(django_assert_num_queries):
    for number in range(6):
        acts(*(f"việc {number}.{n}" for n in range(number + 1)))
        sealed()

    with django_assert_num_queries(3):  # the statements on pruning, the seals, the roots of all six
        assert list(seal_problems()) == []
    owner_does("UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'việc 3.1'")
    fourth = Seal.objects.order_by("id")[3]
    assert list(seal_problems()) == [
        f"Nhật ký đã bị thay đổi trong phạm vi niêm phong số {fourth.pk}: "
        "lúc niêm phong có 4 dòng, nay có 4 dòng hoặc nội dung khác."
    ]


def test_rows_of_an_epoch_that_is_over_are_sealed_first():
    acts("một")
    sealed()
    acts("trước khi sao lưu")
    owner_does("ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT 2")
    try:
        acts("sau khi khôi phục")
        made = [sealed(), sealed(), sealed()]
    finally:
        owner_does("ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT 1")

    assert [(seal.epoch, seal.count) for seal in made[:2]] == [(1, 1), (2, 1)]
    assert made[2] is None
    assert list(seal_problems()) == []


def test_seals_leave_for_a_file_that_a_seal_made_anew_does_not_fit(settings, tmp_path):
    settings.AUDIT_SEAL_FILE = str(tmp_path / "seals.jsonl")
    acts("một")
    seal = sealed()

    (line,) = (tmp_path / "seals.jsonl").read_text().splitlines()
    assert json.loads(line)["digest"] == seal.digest
    assert list(seal_file_problems()) == []
    owner_does("UPDATE audit_seal SET digest = repeat('0', 64)")
    assert len(list(seal_file_problems())) == 1
    owner_does("DELETE FROM audit_seal")
    assert len(list(seal_file_problems())) == 1


def test_seals_made_after_the_backup_do_not_speak_against_what_was_restored(settings, tmp_path):
    settings.AUDIT_SEAL_FILE = str(tmp_path / "seals.jsonl")
    acts("một")
    sealed()
    acts("có trong bản sao lưu")
    later = sealed()
    owner_does("DELETE FROM audit_seal WHERE id = (SELECT max(id) FROM audit_seal)")  # the backup was taken before it
    acts("cũng chưa niêm phong")
    owner_does("ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT 2")
    try:
        acts("khôi phục")
        assert list(seal_file_problems()) == []
        owner_does(f"ALTER SEQUENCE audit_seal_id_seq RESTART WITH {later.pk}")
        again = sealed()  # the same rows anew, under the number that the file holds already
        assert (again.pk, again.epoch, again.digest == later.digest) == (later.pk, 1, False)
        assert list(seal_file_problems()) == []
        owner_does("UPDATE audit_seal SET digest = repeat('0', 64) WHERE id = (SELECT max(id) FROM audit_seal)")
        assert len(list(seal_file_problems())) == 1
    finally:
        owner_does("ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT 1")


def test_a_month_is_pruned_into_a_file_and_the_proof_understands_it(old_month, tmp_path):
    at_month(old_month, "cũ một", "cũ hai")
    sealed()
    with transaction.atomic():  # one seal over the month's end
        at_month(old_month, "cũ ba")
        acts("mới")
    edge = sealed()
    acts("mới nữa")
    sealed()
    assert list(trail_problems()) == []

    statement = month_prune(old_month, folder=tmp_path, actor="chủ sở hữu")

    assert old_month not in months_before(date.today())
    assert set(Entry.objects.values_list("sentence", flat=True)) >= {"mới", "mới nữa"}
    assert not Entry.objects.filter(sentence__startswith="cũ").exists()
    rows = list(month_rows(tmp_path / statement.file_name))
    assert [row["sentence"] for row in rows] == ["cũ một", "cũ hai", "cũ ba"]
    manifest = json.loads((tmp_path / f"nhat-ky-{old_month:%Y-%m}.json").read_text())
    assert (manifest["count"], manifest["sha256"]) == (3, statement.sha256)
    assert list(statement.edges) == [str(edge.pk)]
    sealed()
    assert list(trail_problems()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'mới'",
        "DELETE FROM audit_entry WHERE sentence = 'mới'",
        "UPDATE audit_pruned SET count = 9",
        "UPDATE audit_pruned SET edges = '{}'",
        "DELETE FROM audit_pruned",
    ],
)
def test_after_pruning_tampering_is_still_found(old_month, tmp_path, statement):
    with transaction.atomic():
        at_month(old_month, "cũ")
        acts("mới")
    sealed()
    month_prune(old_month, folder=tmp_path, actor="chủ sở hữu")
    sealed()
    assert list(trail_problems()) == []

    owner_does(statement)

    assert list(trail_problems())


def test_a_month_that_is_young_unsealed_or_altered_stays(old_month, tmp_path):
    def refusal(month):
        with pytest.raises(NotPruned) as error:
            month_prune(month, folder=tmp_path, actor="A")
        return error.value.code

    at_month(old_month, "cũ")
    young = (timezone.localdate().replace(day=1) - timedelta(days=200)).replace(day=1)

    assert refusal(young) == "too_young"
    assert refusal(old_month) == "not_sealed"
    sealed()
    owner_does("UPDATE audit_entry SET sentence = 'khác' WHERE sentence = 'cũ'")
    assert refusal(old_month) == "altered"
    assert list(tmp_path.iterdir()) == [] and not Pruned.objects.exists()
    assert Entry.objects.filter(sentence="khác").exists()


def test_the_commands_prune_and_read_again(old_month, tmp_path, capsys):
    at_month(old_month, "cũ một", "cũ hai")
    sealed()

    call_command(
        "prune_audit", "--before", f"{timezone.localdate() - timedelta(days=380):%Y-%m}", "--out", str(tmp_path)
    )
    (file,) = tmp_path.glob("*.gz")
    call_command("audit_read", str(file), "--contains", "HAI")

    assert "cũ hai" in (said := capsys.readouterr().out) and "cũ một" not in said
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(Refused):
        call_command("audit_read", str(file))


@pytest.mark.parametrize("table", ["audit_pruned", "audit_proof"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_app_may_not_change_statements_and_proofs(table, statement):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_the_app_makes_no_statement_of_its_own():
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Pruned.objects.create(
            actor_name="A", month=date(2020, 1, 1), first_id=1, last_id=1, count=1, file_name="x", sha256="0" * 64
        )
    assert list(pruning_problems()) == []
