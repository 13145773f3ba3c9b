import pytest

from latentscope.start.painting import paint_on_one_thread, processors


@pytest.mark.parametrize(("count", "expected"), [(1, {"QT_NO_GUI_THREADPOOL": "1"}), (8, {})])
def test_qt_paints_on_one_thread_where_processors_are_few(count: int, expected: dict[str, str]) -> None:
    environment: dict[str, str] = {}
    paint_on_one_thread(environment, count)
    assert environment == expected


def test_what_the_user_has_set_stays() -> None:
    environment = {"QT_NO_GUI_THREADPOOL": ""}
    paint_on_one_thread(environment, 1)
    assert environment == {"QT_NO_GUI_THREADPOOL": ""}


def test_there_is_a_processor() -> None:
    assert processors() >= 1
