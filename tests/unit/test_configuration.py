"""The configuration: every problem at once, by its dotted key; secrets from where they belong; the example is valid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from daemon.account import config_file
from daemon.account.settings import Settings
from daemon.errors import ConfigurationError, Usage
from daemon.passes import session
from policies.world.model import Stage
from policies.world.practice import ConfirmedRule, DatabaseOptions

GOOD = """
[agent]
name = "Dana"
timezone = "America/Chicago"
crm_user = 2
google_account = "dana@example.com"
[va]
name = "Mia"
crm_user = "mia@example.com"
[sheet]
spreadsheet_id = "x"
"""


def load(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config_file.load(path)


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text)
    return "\n".join(caught.value.problems)


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)

    assert (found.mode, found.scope, found.schedule.poll_minutes, found.guard.bulk_limit, found.guard.settle_seconds) == (
        "observe", "assigned", 15, 50, 120)
    assert found.crm.base_url == "https://api.followupboss.com/v1"


def test_the_example_is_a_valid_configuration() -> None:
    found = config_file.load(Path(__file__).parents[2] / "config.example.toml")

    assert found.mode == "observe"


@pytest.mark.clause("MS-26", "X-03")
@pytest.mark.parametrize(("old", "new", "said"), [
    ('name = "Mia"', 'nam = "Mia"', ["va.name: is missing", "va.nam: is not a key Steward knows; did you mean 'name'?"]),
    ("America/Chicago", "America/Chicgo", ["agent.timezone: 'America/Chicgo' is no time zone"]),
    ("[agent]", "[crm]\nbase_url = \"http://api.example.com/v1\"\n[agent]", ["crm.base_url: http:// is accepted for this machine only"]),
    ("[agent]", "[crm]\nbase_url = \"api.example.com\"\n[agent]", ["crm.base_url: 'api.example.com' is not an http(s) address"]),
    ("[agent]", "[crm]\napi_key = \"fka_1\"\n[agent]", ["crm.api_key: a secret does not belong in this file", "STEWARD_CRM__API_KEY"]),
    ("[agent]", "[schedule]\nheartbeat_url = \"hc.example.com/secret\"\n[agent]", ["schedule.heartbeat_url: is not an address beginning with https://"]),
    ("[agent]", "[schedule]\nheartbeat_url = \"http://hc.example.com/secret\"\n[agent]", ["schedule.heartbeat_url: is not an address"]),
    ("[agent]", "[notify]\nprimary = [\"secret@example.com\"]\n[agent]", ["notify.primary: is no list of Apprise addresses"]),
    ("[agent]", "[notify]\nsecondary = [\"json://localhost\"]\n[agent]", ["there is a secondary channel and no primary one"]),
    ("[agent]", "suppression_key = \"abc\"\n[agent]", ["suppression_key: a secret does not belong in this file", "$STEWARD_SUPPRESSION_KEY"]),
    ("[agent]", "mode = \"acting\"\n[agent]", ["mode: Input should be 'observe' or 'act'"]),
    ("[agent]", "[milestones]\nyears_required = [1, 5]\n[agent]", ["milestones: years_required must keep 2"]),
    ("[agent]", "[milestones]\nyear_two_subject = \"x\"\n[agent]", ["did you mean 'year_2_subject'?"]),
    ("[agent]", "[database]\nagent_owned = true\n[agent]", ["database.agent_owned: is not a key Steward knows; did you mean 'agent_owned_duplication'?"]),
    ("[agent]", "[database]\nportal_sources = []\n[agent]", ["portal_sources must name at least one source (DB-17)"]),
    ("[agent]", "[database]\nday_end = 00:00:00\n[agent]", ["database: day_end is the last hour of a day", "write 23:59 for midnight (DB-17)"]),
    *(("[agent]", f"[database]\nconfirmed_system_rules = [{{rule = \"closed_to_past_client\", agent = \"{who}\", date = 2026-11-01}}]\n[agent]",
       ["database: confirmed_system_rules: name the agent who confirmed the rule; the VA confirms none (DB-09)"]) for who in (" ", "MIA ")),
    ("[agent]", "[crm.stages]\npast_client = \"x\"\n[agent]", ["crm.stages.past_client"]),
    ("[agent]", "[crm.fields]\nbirthdy = \"x\"\n[agent]", ["unknown field 'birthdy'"]),
    ("[agent]", "agent = 3\n[va2]\n[other]", ["agent: must be a table", "va2: is not a key"]),
    ("[agent]", "[agent", ["is not valid TOML"]),
])
def test_every_problem_is_named_by_its_key(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    found = problems(tmp_path, GOOD.replace(old, new, 1))

    assert [text for text in said if text not in found] == [], found


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://localhost:9/v1", "http://[::1]:9/v1", "https://api.example.com/v1"])
def test_plain_http_is_for_this_machine(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, GOOD + f'[crm]\nbase_url = "{url}"\n').crm.base_url == url


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_MODE", "act")
    monkeypatch.setenv("STEWARD_GUARD__BULK_LIMIT", "7")
    monkeypatch.setenv("STEWARD_CRM__API_KEY", "fka_env")
    found = load(tmp_path, GOOD)

    assert (found.mode, found.guard.bulk_limit, found.crm.api_key.get_secret_value()) == ("act", 7, "fka_env")
    assert "fka_env" not in repr(found)


@pytest.mark.clause("DB-23", "X-57")
def test_the_database_table_may_come_from_the_environment_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path, GOOD).database == DatabaseOptions()
    assert load(tmp_path, GOOD + "[database]\nagent_owned_duplication = true\n").database.agent_owned_duplication
    monkeypatch.setenv("STEWARD_DATABASE__AGENT_OWNED_DUPLICATION", "true")
    monkeypatch.setenv("STEWARD_DATABASE__PORTAL_SOURCES", "Zillow, Homes.com")
    monkeypatch.setenv("STEWARD_DATABASE__CONFIRMED_SYSTEM_RULES", '[{"rule": "closed_to_past_client", "agent": "Dana", "date": "2026-12-01"}]')
    found = load(tmp_path, GOOD).database

    assert (found.agent_owned_duplication, found.portal_sources) == (True, ("Zillow", "Homes.com"))
    assert found.confirmed_system_rules == (ConfirmedRule("closed_to_past_client", "Dana", date(2026, 12, 1)),)


def test_one_variable_is_the_kind_of_credentials_or_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SHEET__CREDENTIALS", "anonymous")
    assert load(tmp_path, GOOD).sheet.credentials == "anonymous"

    monkeypatch.setenv("STEWARD_SHEET__CREDENTIALS", '{"type": "service_account"}')
    found = load(tmp_path, GOOD)
    assert (found.sheet.credentials, found.sheet.secret.get_secret_value()) == ("service-account", '{"type": "service_account"}')


def test_secrets_come_from_the_credentials_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crm_api_key").write_text("fka_file\n", encoding="utf-8")
    (tmp_path / "suppression_key").write_text("0123456789abcdef\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = load(tmp_path, GOOD)

    assert (found.crm.api_key.get_secret_value(), found.suppression_key.get_secret_value()) == ("fka_file", "0123456789abcdef")


@pytest.mark.clause("X-34")
@pytest.mark.parametrize(("key", "said"), [("0123456789abcde", "suppression_key: is too short to keep numbers secret; use at least 16"), ("0123456789abcdef", "")])
def test_the_suppression_key_comes_from_the_environment_and_is_long_enough(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, said: str) -> None:
    monkeypatch.setenv("STEWARD_SUPPRESSION_KEY", key)
    if said:
        assert said in problems(tmp_path, GOOD)
        assert key not in problems(tmp_path, GOOD)
        return
    assert load(tmp_path, GOOD).suppression_key.get_secret_value() == key
    assert key not in repr(load(tmp_path, GOOD))


def test_without_a_file_it_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"STEWARD_CONFIG.*config\.toml.*/etc/steward/config\.toml"):
        config_file.load()


def addresses(found: Settings) -> dict[str, list[str]]:
    return {str(channel): urls for channel, urls in found.notify.addresses().items()}


@pytest.mark.clause("RF-52")
def test_the_channels_are_secrets_an_address_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notify_primary").write_text("mailto://a:b@example.com?to=x@example.com,y@example.com\njson://localhost/1\n", encoding="utf-8")
    (tmp_path / "notify_secondary").write_text("\n", encoding="utf-8")  # what the unit gives where there is no file
    (tmp_path / "heartbeat_url").write_text("https://hc.example.com/secret\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = load(tmp_path, GOOD)

    assert addresses(found) == {"primary": ["mailto://a:b@example.com?to=x@example.com,y@example.com", "json://localhost/1"], "secondary": []}
    assert found.schedule.heartbeat_url.get_secret_value() == "https://hc.example.com/secret"
    assert "example.com/secret" not in repr(found)
    assert "json://" not in repr(found)


def test_the_environment_names_the_channels_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_NOTIFY__PRIMARY", "json://localhost/1, json://localhost/2")
    monkeypatch.setenv("STEWARD_NOTIFY__SECONDARY", '["json://localhost/3"]')

    assert addresses(load(tmp_path, GOOD)) == {"primary": ["json://localhost/1", "json://localhost/2"], "secondary": ["json://localhost/3"]}


@pytest.mark.parametrize("text", ["[schedule]\nheartbeat_url = \"hc.example.com/secret\"\n", "[notify]\nprimary = [\"secret@example.com\"]\n"])
def test_an_address_that_cannot_be_used_is_not_quoted(tmp_path: Path, text: str) -> None:
    assert "secret" not in problems(tmp_path, GOOD + text)


@pytest.mark.clause("X-40")
def test_the_procedures_own_stages_stand_and_an_alias_map_takes_in_other_labels(tmp_path: Path) -> None:
    labels = load(tmp_path, GOOD + "[crm.stages]\nactive_buyer = [\"Hot\", \"Active Client\"]\n").crm.stage_labels()

    assert labels[Stage.ACTIVE_BUYER] == ("Hot", "Active Client")
    assert labels[Stage.COLD_LEAD] == ("Cold Lead",)
    assert set(labels) == set(Stage)


NOON = datetime(2026, 12, 14, 18, tzinfo=UTC)


@pytest.mark.parametrize(("text", "moment"), [
    ("", "2026-12-14T12:00:00-06:00"), ("2026-12-04", "2026-12-04T06:00:00-06:00"), ("2026-12-04T09:30", "2026-12-04T09:30:00-06:00"),
    ("2026-12-04T15:30+00:00", "2026-12-04T09:30:00-06:00"), ("1950-01-01", "1950-01-01T06:00:00-06:00"), ("2200-12-31", "2200-12-31T06:00:00-06:00"),
    ("2026-03-08T02:30", "2026-03-08T03:30:00-05:00"),                                      # there is no such time on that day
    ("2026-11-01T01:30", "2026-11-01T01:30:00-05:00")])                                     # it comes twice
def test_a_pass_can_be_planned_as_of_another_moment(tmp_path: Path, text: str, moment: str) -> None:
    assert session.moment(text, load(tmp_path, GOOD), NOON).isoformat() == moment


@pytest.mark.parametrize("text", ["tomorrow", "12/04/2026", "1949-12-31", "2201-01-01"])
def test_another_moment_is_named_with_how_to_write_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(Usage, match=f"--as-of {text!r}"):
        session.moment(text, load(tmp_path, GOOD), NOON)
