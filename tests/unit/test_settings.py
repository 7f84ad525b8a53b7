"""Settings come from the environment, and a wrong one is refused by name."""

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest

from territoires.errors import RequestError
from territoires.settings import (
    ANSWERS,
    CONTACT,
    TRUSTED_PROXIES,
    Settings,
    answers_folder,
    contact,
    trusted_proxies,
    variable,
)

NAMES = [setting.name for setting in fields(Settings)]
MAY_BE_0 = {"answer_cache", "planner", "response_cache"}
NUMBERS = ["", "0", "00", "-1", "+1", "1.5", "1e3", " 5", "5\n", "many", "٣", "²"]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_the_variable_of_a_setting_is_its_name_in_capitals() -> None:
    assert variable("max_query_depth") == "TERRITOIRES_MAX_QUERY_DEPTH"


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_read_from_its_variable_and_no_other_changes(name: str) -> None:
    assert Settings.from_environment({variable(name): "17"}) == replace(Settings(), **{name: 17})


@pytest.mark.parametrize("name", sorted(MAY_BE_0))
def test_what_may_be_switched_off_is_by_0(name: str) -> None:
    assert getattr(Settings.from_environment({variable(name): "0"}), name) == 0


def test_other_variables_are_left_alone() -> None:
    assert Settings.from_environment({"TERRITOIRES_ROOT": "x", "MAX_QUERY_DEPTH": "1"}) == Settings()


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("max_query_depth"), "17")
    assert Settings.from_environment().max_query_depth == 17


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name in NAMES for text in NUMBERS if name not in MAY_BE_0 or text.strip("0") or not text],
)
def test_what_is_not_a_positive_whole_number_is_refused_with_variable_and_default(name: str, text: str) -> None:
    with pytest.raises(RequestError) as caught:
        Settings.from_environment({variable(name): text})
    default = str(getattr(Settings(), name))
    for language in ("en", "fr"):
        message = caught.value.in_(language)
        assert f"{variable(name)}={text!r}" in message
        assert default in message.partition("→")[2]


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_each_setting_is_positive_by_default_and_has_a_help_text_with_its_unit(setting: object) -> None:
    assert getattr(setting, "default") > 0  # noqa: B009  (a field is generic in its type)
    help_ = getattr(setting, "metadata")["help"]  # noqa: B009
    assert help_.endswith(".")


def test_settings_do_not_change_once_made() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().max_query_depth = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        (" , ", []),
        ("127.0.0.1", ["127.0.0.1/32"]),
        ("10.0.0.0/8, ::1", ["10.0.0.0/8", "::1/128"]),
    ],
)
def test_trusted_proxies_are_addresses_or_networks(text: str, networks: list[str]) -> None:
    assert [str(network) for network in trusted_proxies({TRUSTED_PROXIES: text})] == networks


@pytest.mark.parametrize("text", ["proxy", "10.0.0.1/8", "10.0.0", "*"])
def test_what_is_no_network_is_refused_with_the_variable(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        trusted_proxies({TRUSTED_PROXIES: text})
    for language in ("en", "fr"):
        assert TRUSTED_PROXIES in caught.value.in_(language)
        assert "127.0.0.1" in caught.value.in_(language).partition("→")[2]


def test_another_process_reads_the_same_settings_from_the_environment_made_for_it() -> None:
    settings = Settings(**{name: number for number, name in enumerate(NAMES, 1)})
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize("address", ["mailto:name@example.org", "https://example.org/issues?new", "http://localhost/x"])
def test_the_contact_is_an_address_of_the_web_or_of_mail(address: str) -> None:
    assert contact({CONTACT: f" {address} "}) == address


@pytest.mark.parametrize("environ", [{}, {CONTACT: ""}, {CONTACT: " "}])
def test_there_may_be_no_contact(environ: dict[str, str]) -> None:
    assert contact(environ) is None


@pytest.mark.parametrize(
    "address", ["name@example.org", "javascript:alert(1)", "mailto:", "https://", "mailto:a b@c", 'https://x/"onclick=']
)
def test_another_contact_is_refused_by_name(address: str) -> None:
    with pytest.raises(RequestError) as caught:
        contact({CONTACT: address})
    assert all(CONTACT in caught.value.in_(language) for language in ("en", "fr"))


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "{home}"}, "{home}/.cache/territoires/answers"),
        ("linux", {"HOME": "{home}", "XDG_CACHE_HOME": "{home}/caches"}, "{home}/caches/territoires/answers"),
        ("linux", {"HOME": "{home}", "XDG_CACHE_HOME": ""}, "{home}/.cache/territoires/answers"),
        ("linux", {"HOME": "{home}", "XDG_CACHE_HOME": "caches"}, None),
        ("linux", {}, None),
        ("linux", {"HOME": "/nonexistent"}, None),
        ("darwin", {"HOME": "{home}"}, "{home}/Library/Caches/territoires/answers"),
        ("darwin", {}, None),
        ("win32", {"LOCALAPPDATA": "{home}/AppData"}, "{home}/AppData/territoires/answers"),
        ("win32", {"HOME": "{home}"}, None),
        ("linux", {"HOME": "{home}", ANSWERS: "/var/cache/ours"}, "/var/cache/ours"),
        ("linux", {"HOME": "{home}", ANSWERS: ""}, None),
    ],
)
def test_answers_lie_where_it_is_said_or_in_the_caches_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, environ: dict[str, str], folder: str | None
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    (tmp_path / "Library").mkdir()
    here = {name: value.format(home=tmp_path) for name, value in environ.items()}
    assert answers_folder(here) == (Path(folder.format(home=tmp_path)) if folder else None)
