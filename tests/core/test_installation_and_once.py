import threading

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import Context, Template

from movement.audit.models import Entry
from movement.core.context import portal
from movement.core.installation import DEMONSTRATION, is_demonstration, setting_set, setting_value
from movement.core.models import OnceKey, Setting
from movement.core.once import once

pytestmark = pytest.mark.django_db(transaction=True)


class Person:
    pk, name = 3, "Lê Minh Họa"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    yield
    cache.clear()


def test_a_setting_is_seen_at_once_and_stands_in_the_trail():
    assert setting_value("a", default=5) == 5
    setting_set(key="a", value={"x": 1}, actor=Person())
    setting_set(key="a", value={"x": 2}, actor=Person())
    setting_set(key="a", value={"x": 2}, actor=Person())

    assert setting_value("a") == {"x": 2}
    assert list(Entry.objects.order_by("id").values_list("before", "after")) == [(None, {"x": 1}), ({"x": 1}, {"x": 2})]


def test_pages_know_of_made_up_data_and_ask_once(django_assert_num_queries):
    setting_set(key=DEMONSTRATION, value=True, actor="thử")
    page = Template("{% if portal.demo %}DỮ LIỆU MINH HỌA{% endif %} {{ portal.name }}")

    with django_assert_num_queries(1):
        for _ in range(3):
            assert page.render(Context(portal(None))) == (
                "DỮ LIỆU MINH HỌA Cổng phong trào Toàn dân bảo vệ an ninh Tổ quốc"
            )
    assert is_demonstration()


def make(key="k", name="a", **more):
    values = {"actor": Person(), "purpose": "thử", "model": Setting} | more
    return once(key, make=lambda: Made.create(name), **values)


class Made:
    """Rows with a number, made for the test: OnceKey itself has one."""

    @staticmethod
    def create(name):
        return OnceKey.objects.create(actor_id=0, purpose="kết quả", key=name)


def test_a_form_sent_twice_makes_one_thing():
    first = make(model=OnceKey)
    again = make(model=OnceKey, name="b")

    assert first == (again[0], True)
    assert again[1] is False
    assert OnceKey.objects.filter(purpose="kết quả").count() == 1


def test_another_form_person_or_purpose_makes_another():
    class Other(Person):
        pk = 4

    made = {make(model=OnceKey)[0].pk}
    made.add(make("k2", "b", model=OnceKey)[0].pk)
    made.add(make(name="c", actor=Other(), model=OnceKey)[0].pk)
    made.add(make(name="d", purpose="khác", model=OnceKey)[0].pk)

    assert len(made) == 4


def test_after_a_failure_the_form_may_be_sent_again():
    with pytest.raises(ZeroDivisionError):
        once("k", actor=Person(), purpose="thử", model=OnceKey, make=lambda: 1 / 0)

    assert make(model=OnceKey)[1] is True


def test_two_sendings_at_one_moment_make_one_thing():
    made, barrier = [], threading.Barrier(3)

    def send(name):
        barrier.wait()
        made.append(make(model=OnceKey, name=name))
        connection.close()

    threads = [threading.Thread(target=send, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({thing.pk for thing, _ in made}) == 1
    assert sorted(new for _, new in made) == [False, False, True]


def test_each_form_carries_a_key_of_its_own():
    page = Template("{% once_key %} {% once_key %}")

    one, other = page.render(Context()).split()
    assert one != other
    assert len(one) == 26
