"""What every tree on another machine must stand, from OpenSSH, Samba and vsftpd alike."""

import pytest

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
