"""What `steward check` says of the machine: each thing that is not as it must be, and what mends it; and it makes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.sandbox.server import Sandbox
from daemon.account.config_file import SECRETS, load
from daemon.account.settings import Settings
from daemon.commands import check_machine
from daemon.errors import ConfigurationError
from tests.conftest import write_configuration
from tests.scenarios.worlds import one_client
from tests.shell import Shell

NOBODY = 65534


@pytest.fixture
def config(serve: Callable[..., Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_configuration(serve(one_client()), tmp_path, monkeypatch)
    path.chmod(0o644)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))  # no timedatectl, unless the test puts one there
    return path


@pytest.fixture
def settings(config: Path) -> Settings:
    return load(config)


def said(settings: Settings, config: Path, level: str = "problem") -> list[str]:
    return [line.text for line in check_machine.look(settings, config) if line.level == level]


def at(settings: Settings, directory: Path) -> Settings:
    return settings.model_copy(update={"state_dir": directory})


@pytest.fixture
def somebody() -> Iterator[None]:
    """A user who is not root: where the tests run as root, this one acts as nobody."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# -- the state directory -------------------------------------------------------------------------------------------------


def test_a_state_directory_that_is_yet_to_be_made_is_fine_and_is_not_made(settings: Settings, config: Path) -> None:
    assert said(settings, config) == []
    assert said(settings, config, "ok")[0] == f"state_dir: {settings.state_dir} will be made at the first pass"
    assert not settings.state_dir.exists()


@pytest.mark.parametrize(("mode", "wrong"), [(0o700, False), (0o755, True), (0o710, True), (0o701, True)])
def test_nobody_else_may_look_into_it(settings: Settings, config: Path, mode: int, wrong: bool) -> None:
    settings.state_dir.mkdir()
    settings.state_dir.chmod(mode)
    found = said(settings, config)
    assert len(found) == wrong
    assert all(f"chmod 0700 {settings.state_dir}" in text for text in found)


def test_a_file_in_its_place_is_named(settings: Settings, config: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for directory in (tmp_path / "taken", tmp_path / "taken" / "below"):
        assert said(at(settings, directory), config) == [
            f"state_dir: {tmp_path / 'taken'} is no directory: name another, or move that file away"]


@pytest.mark.parametrize("below", ["", "not/there/yet"])
def test_one_that_this_user_may_not_write_in_says_who_may(settings: Settings, config: Path, below: str, request: pytest.FixtureRequest) -> None:
    directory = Path("/var/lib") / below if below else Path("/var/lib")
    request.getfixturevalue("somebody")
    found = next(check_machine.look(at(settings, directory), config))
    assert found.level == "problem"
    assert f"install -d -m 0700 -o USER {directory}" in found.text


@pytest.mark.parametrize(("kind", "wrong"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("9p", True), ("ext4", False), ("overlay", False)])
def test_one_on_another_machine_is_no_place_for_locks(
        settings: Settings, config: Path, tmp_path: Path, kind: str, wrong: bool) -> None:
    """By the mount it lies under, as the kernel lists mounts; a mount further up or beside it says nothing."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"""21 1 0:20 / / rw,relatime shared:1 - {'ext4' if wrong else 'nfs4'} /dev/sda1 rw
22 21 0:21 / {tmp_path} rw shared:2 - {kind} server:/share rw
23 22 0:22 / {tmp_path}/state-of-others rw - nfs server:/share rw
""", encoding="utf-8")
    found = [line.text for line in check_machine.look(settings, config, mounts) if line.level == "problem"]
    assert [f"({kind})" in text for text in found] == [True] * wrong


# -- the configuration file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "wrong"), [(0o644, True), (0o640, False), (0o600, False)])
@pytest.mark.parametrize(("table", "name", "credential"), [
    ('[notify]\nprimary = ["json://user:word@127.0.0.1"]', "notify.primary", "notify_primary"),
    ('[schedule]\nheartbeat_url = "http://127.0.0.1/word"', "schedule.heartbeat_url", "heartbeat_url")])
def test_a_file_that_everybody_reads_holds_no_secret(config: Path, mode: int, wrong: bool, table: str, name: str, credential: str) -> None:
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{table}\n", encoding="utf-8")
    config.chmod(mode)
    found = said(load(config), config)
    assert len(found) == wrong
    assert all(name in text and f"the credential {credential}" in text and "word" not in text for text in found)


def test_a_file_that_everybody_writes_is_nobodys(settings: Settings, config: Path) -> None:
    config.chmod(0o666)
    assert said(settings, config) == [f"{config}: everybody may write into it: chmod o-w {config}"]


@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_a_file_that_cannot_be_read_says_what_mends_it(tmp_path: Path, what: str, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "config.toml").write_text("", encoding="utf-8")
    (folder / "config.toml" if what == "the file" else folder).chmod(0o000)
    request.getfixturevalue("somebody")
    with pytest.raises(ConfigurationError, match=r"cannot be read: Permission denied; .*chmod 0644"):
        load(folder / "config.toml")


# -- credentials and clock -----------------------------------------------------------------------------------------------


def test_the_units_credentials_are_named_and_their_contents_are_not(
        settings: Settings, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name in SECRETS.values():
        (folder / name).write_text("\n", encoding="utf-8")  # as SetCredential leaves one that is absent
    (folder / "crm_api_key").write_text("fka_secret\n", encoding="utf-8")
    (folder / "suppression_key").unlink()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))

    found = [line for line in check_machine.look(settings, config) if "the credential " in line.text or line.text.startswith("credentials ")]
    assert [line.level for line in found] == ["ok", "note"]
    assert found[0].text.startswith("credentials of the unit: crm_api_key; empty: crm_system_key")
    assert "does not load the credential suppression_key: install the unit file of this version" in found[1].text
    assert "fka_secret" not in str(found)


@pytest.mark.parametrize(("answer", "level", "words"), [
    ("echo yes", "ok", "clock is synchronised"), ("echo no", "note", "timedatectl set-ntp true"), ("exit 1", "", ""), ("echo n/a", "", "")])
def test_the_clock_is_what_systemd_says_of_it(settings: Settings, config: Path, tmp_path: Path, answer: str, level: str, words: str) -> None:
    tool = tmp_path / "bin" / "timedatectl"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    tool.chmod(0o755)
    found = [line for line in check_machine.look(settings, config) if "the machine's clock" in line.text]
    assert [line.level for line in found] == [level] * bool(level)
    assert all(words in line.text for line in found)


# -- the command ---------------------------------------------------------------------------------------------------------


def test_check_says_it_all_ends_with_78_and_makes_nothing(config: Path, settings: Settings, tmp_path: Path,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(config, capsys)
    before = sorted(tmp_path.iterdir())
    assert shell("check") == 78
    assert "will be made at the first pass" in shell.out
    assert "the CRM accepts the key" in shell.out
    assert sorted(tmp_path.iterdir()) == before

    (tmp_path / "state").write_text("", encoding="utf-8")
    assert shell("check") == 78
    assert "is no directory: name another" in shell.out
