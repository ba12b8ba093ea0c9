"""What every tree on another machine must stand, from OpenSSH, Samba and vsftpd alike."""

from collections import Counter
from typing import Any

import pytest

from appliance.errors import Unavailable
from connectors.remote import Remote, Thing
from tests.connectors import trees
from tests.connectors.carriers import CARRIERS
from tests.connectors.trees import Far


@pytest.fixture(scope="module", params=sorted(CARRIERS))
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_calls_arrive_once(far: Far) -> None:
    trees.check_calls_arrive_once(far)


def test_files_are_read_as_they_were_when_opened(far: Far) -> None:
    trees.check_reading(far)


def test_a_file_cut_while_it_is_read_is_told(far: Far) -> None:
    trees.check_a_file_cut_while_read(far)


def test_what_is_gone_is_not_there_and_no_locator_leads_out(far: Far) -> None:
    trees.check_what_is_not_there(far)


def test_any_name_the_server_can_say_is_found_and_opened(carrier: str, far: Far) -> None:
    trees.check_hostile_names(far, CARRIERS[carrier].names)


def test_a_server_that_dies_in_between_is_away_and_comes_back(mortal: Far) -> None:
    trees.check_a_server_that_dies(mortal)


def test_a_dropped_connection_is_made_anew(mortal: Far) -> None:
    trees.check_a_connection_that_was_dropped(mortal)


def test_a_share_that_is_suddenly_empty_is_not_believed(far: Far) -> None:
    trees.check_an_emptied_share(far)


def test_many_files_are_listed(carrier: str, far: Far) -> None:
    trees.check_many_files(far, CARRIERS[carrier].many)


def test_only_an_allowed_address_is_talked_to(far: Far) -> None:
    trees.check_who_is_talked_to(far)


class Locked:
    """A server with a folder that its account may not enter, and a file that it may not read."""

    def list(self, parts: tuple[str, ...]) -> list[Thing]:
        if parts:
            raise PermissionError
        return [Thing("closed", "folder", 0, 0), Thing("closed.wav", "file", 9, 2 * 10**18)]

    def open(self, parts: tuple[str, ...]) -> Any:
        raise PermissionError


def test_what_the_account_may_not_read_is_counted_and_hides_nothing_else() -> None:
    tree, notes = Remote(Locked()), Counter[str]()  # type: ignore[arg-type]  # all that is asked
    assert list(trees.walked(tree, notes)) == ["closed.wav"]
    assert notes == {"unreadable": 1}
    with pytest.raises(Unavailable, match="permission") as caught:
        tree.read_ends("closed.wav", 10, 10)
    assert isinstance(caught.value.__cause__, PermissionError)
