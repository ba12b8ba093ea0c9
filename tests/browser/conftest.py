"""A real Chromium before a seeded box; skipped by name where the browser is missing."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.pages.reread import read_again
from tests.pages.seed import PASSWORD, Box, seed_box
from tests.pages.server import serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMEDRIVER = shutil.which("chromedriver")
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--ignore-certificate-errors",
    "--autoplay-policy=no-user-gesture-required",
)


def open_chromium() -> webdriver.Chrome:
    """A Chromium without a window, which keeps what it complains of; the caller quits it."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for switch in SWITCHES:
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))


class Browser:
    """Chromium as a person uses it: goes places, finds by sight, waits until something shows."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def go(self, path: str) -> None:
        # By way of about:blank, Chromium at times asks for the icon in that page's name and complains.
        page, _, _ = (self.address + path).partition("#")
        same = self.driver.current_url.partition("#")[0] == page
        self.driver.get(self.address + path)
        if same:  # a changed hash alone does not load the page
            self.driver.refresh()

    def sign_in(self, name: str) -> None:
        self.driver.delete_all_cookies()
        self.go("/sign-in")
        self.driver.find_element(By.NAME, "name").send_keys(name)
        self.driver.find_element(By.NAME, "password").send_keys(PASSWORD)
        self.see("button").click()
        self.wait(lambda: "/sign-in" not in self.driver.current_url)

    def see(self, selector: str) -> Any:
        """The first element that fits, as soon as it is there."""
        self.wait(lambda: self.driver.find_elements(By.CSS_SELECTOR, selector))
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, true: Callable[[], Any], seconds: float = 20) -> Any:
        # What was found may be gone when it is asked: the page is renewed just then.
        gone = [StaleElementReferenceException]
        return WebDriverWait(self.driver, seconds, 0.1, gone).until(lambda _: true())

    def complaints(self) -> list[str]:
        """What the console says of errors and violated policies since it was last asked.

        Its advice is left out: it takes a form with two passwords for two sign-in forms.
        """
        told = self.driver.get_log("browser")
        return [entry["message"] for entry in told if entry["level"] != "DEBUG"]


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    if not CHROMIUM or not CHROMEDRIVER:
        pytest.skip("chromium or chromedriver is missing: apt-get install chromium-driver")
    made = seed_box(tmp_path_factory.mktemp("box"))
    read_again(made)
    return made


@pytest.fixture(scope="session")
def address(box: Box) -> Iterator[str]:
    with serving(box) as at:
        yield at


@pytest.fixture(scope="session")
def chromium(address: str) -> Iterator[Browser]:
    driver = open_chromium()
    yield Browser(driver, address)
    driver.quit()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The office manager is signed in at a desk; the console is empty."""
    chromium.size(1440, 1000)
    chromium.sign_in("Maria")
    chromium.complaints()
    return chromium
