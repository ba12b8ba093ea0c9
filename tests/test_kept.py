"""Phone systems stay connected from one use to the next, each thread with its own."""

import threading
from typing import Any

import pytest

from appliance.errors import NotFound, Unavailable
from appliance.kept import Kept


@pytest.fixture
def kept() -> Kept:
    return Kept(lambda: 0.0)


def make() -> Any:
    """Stands for a connector, of which only itself is asked."""
    return object()


def test_the_same_settings_give_the_same_connector_and_others_another(kept: Kept) -> None:
    with kept.using(1, b"a", make) as first:
        pass
    with kept.using(1, b"a", make) as second, kept.using(2, b"a", make) as other:
        assert first is second and other is not first
    with kept.using(1, b"b", make) as changed:
        assert changed is not first


def test_no_two_threads_ever_share_a_connector(kept: Kept) -> None:
    found: list[Any] = []
    with kept.using(1, b"a", make) as mine:
        pass

    def use() -> None:
        for _ in range(2):
            with kept.using(1, b"a", make) as theirs:
                found.append(theirs)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert found[0] is found[1] and found[0] is not mine
    with kept.using(1, b"a", make) as again:
        assert again is mine


def test_one_in_use_is_not_given_away_a_second_time(kept: Kept) -> None:
    with kept.using(1, b"a", make) as outer, kept.using(1, b"a", make) as inner:
        assert outer is not inner


@pytest.mark.parametrize(("error", "stays"), [(NotFound, True), (Unavailable, False)])
def test_a_failure_of_one_recording_alone_keeps_the_connection(
    kept: Kept, error: type[Exception], stays: bool
) -> None:
    with pytest.raises(error), kept.using(1, b"a", make) as first:
        raise error("away")
    with kept.using(1, b"a", make) as second:
        assert (first is second) == stays
