"""Settings of the clinic on their page."""

import pytest
from litestar.testing import TestClient

from appliance.store.settings import get_settings
from tests.web.world import World, form_token

DAY = {"opens.0": "08:00", "closes.0": "18:00"}
GOOD = {
    "clinic_name": "Willow Creek",
    "zone": "America/Chicago",
    "clinic_names": "Willow, the Creek",
    **DAY,
}


@pytest.fixture
def maria(desks: dict[str, TestClient]) -> TestClient:
    return desks["Maria"]


def save(client: TestClient, **typed: str) -> object:
    return client.post(
        "/settings/clinic", data={"csrf": form_token(client, "/settings/clinic"), **typed}
    )


def test_what_is_saved_is_in_force_and_shown_again(maria: TestClient, shared: World) -> None:
    assert save(maria, **GOOD).status_code == 303  # type: ignore[attr-defined]
    db = shared.open_db()
    clinic = get_settings(db)
    db.close()
    assert (clinic.clinic_name, clinic.zone) == ("Willow Creek", "America/Chicago")
    assert clinic.hours == {"0": ("08:00", "18:00")}
    assert clinic.clinic_names == ("Willow", "the Creek")
    page = maria.get("/settings/clinic?saved=1").text
    assert "Saved" in page
    assert 'value="08:00"' in page
    assert ("Maria", "change_settings", "clinic") in shared.log("change_settings")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"clinic_name": ""}, "Give the clinic a name"),
        ({"clinic_name": "x" * 81}, "Give the clinic a name"),
        ({"zone": "Nowhere/Land"}, "Choose a time zone"),
        ({"opens.1": "09:00"}, "Tuesday: give an opening"),
        ({"opens.0": "19:00"}, "Monday: give an opening"),
        ({"opens.0": "25:00"}, "Monday: give an opening"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    maria: TestClient, shared: World, wrong: dict[str, str], told: str
) -> None:
    answer = save(maria, **(GOOD | {"clinic_name": "Typed Name"} | wrong))
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert told in answer.text  # type: ignore[attr-defined]
    for typed in (GOOD | {"clinic_name": "Typed Name"} | wrong).values():
        assert typed in answer.text  # type: ignore[attr-defined]
    db = shared.open_db()
    assert get_settings(db).clinic_name != "Typed Name"
    db.close()


def test_settings_lead_to_their_pages(maria: TestClient) -> None:
    page = maria.get("/settings").text
    assert 'href="/settings/clinic"' in page
    assert 'href="/phones"' in page
