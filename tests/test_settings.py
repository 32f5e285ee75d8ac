import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from orchestrator.core.errors import SettingsError
from orchestrator.settings import Settings, environment_name, load_settings
from orchestrator.settings.values import voice_table

pytestmark = pytest.mark.unit

NO_FILE = Path("no-such-folder/.env")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {environment_name(field) for field in Settings.model_fields}
    for name in [*os.environ]:
        if name in known or name.upper().startswith("ORCHESTRATOR_"):
            monkeypatch.delenv(name)


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> SettingsError:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(NO_FILE)
    return caught.value


def test_nothing_set_means_loopback_and_the_embedded_engine() -> None:
    settings = load_settings(NO_FILE)
    assert settings.engine_kind == "embedded"
    assert settings.is_loopback
    assert settings.database_url is None
    assert settings.agents == "agents"
    assert settings.data_dir == Path.cwd() / ".data"


def test_values_come_from_a_dotenv_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("ORCHESTRATOR_PORT=9000\nORCHESTRATOR_AGENTS=shop.agents\n")
    monkeypatch.setenv("ORCHESTRATOR_PORT", "9001")
    settings = load_settings(env_file)
    assert (settings.port, settings.agents) == (9001, "shop.agents")


def test_an_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert load_settings(NO_FILE).engine_kind == "embedded"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "postgresql://host:port/name"),
        ("DATABASE_URL", "postgresql://host:5432/"),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("AZURE_OPENAI_ENDPOINT", "wss://name.openai.azure.com"),
        ("ORCHESTRATOR_ENGINE", "whisper"),
        ("ORCHESTRATOR_ENGINE", "http://127.0.0.1:9000"),
        ("ORCHESTRATOR_CHAT_URL", "localhost:11434"),
        ("ORCHESTRATOR_TTS", "polly"),
        ("ORCHESTRATOR_TTS_VOICES", "marin=JBFqnCBsd6RMkjVDRZzb"),
        ("ORCHESTRATOR_TTS_VOICES", "embedded:marin=ash"),
        ("ORCHESTRATOR_STT", "whisper"),
        ("ORCHESTRATOR_OPENAI_TTS_URL", "localhost:8880"),
        ("AZURE_SPEECH_REGION", "west europe"),
        ("ORCHESTRATOR_DEEPGRAM_URL", "https://api.deepgram.com"),
        ("ORCHESTRATOR_AGENTS", "./agents"),
        ("ORCHESTRATOR_PORT", "eighty"),
        ("ORCHESTRATOR_PORT", "65536"),
        ("ORCHESTRATOR_UDP_PORT", "-1"),
        ("ORCHESTRATOR_ANNOUNCED_IP", "voice.example.com"),
        ("ORCHESTRATOR_PUBLIC_URL", "voice.example.com"),
        ("ORCHESTRATOR_ADMIN_KEY", "short"),
        ("ORCHESTRATOR_MAX_CALLS", "0"),
        ("ORCHESTRATOR_DRAIN_SECONDS", "-1"),
        ("ORCHESTRATOR_CLUSTER_URL", "redis://127.0.0.1"),
        ("ORCHESTRATOR_LOG_LEVEL", "loud"),
        ("ORCHESTRATOR_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_one_line_with_the_variable_and_the_mend(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    error = refusal(monkeypatch, **{name: value})
    assert error.message.startswith(name)
    assert "Mend: " in error.message
    assert "\n" not in error.message
    assert error.param == name


def test_all_wrong_values_are_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refusal(
        monkeypatch, ORCHESTRATOR_PORT="eighty", ORCHESTRATOR_LOG_LEVEL="loud", ORCHESTRATOR_HOTS="::1"
    )
    lines = error.message.splitlines()
    assert len(lines) == 3
    assert lines[0] == "ORCHESTRATOR_HOTS: there is no such setting. Mend: did you mean ORCHESTRATOR_HOST?"
    assert any(line.startswith("ORCHESTRATOR_PORT=eighty: ") for line in lines)
    assert any(line.startswith("ORCHESTRATOR_LOG_LEVEL=loud: ") for line in lines)


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refusal(
        monkeypatch, DATABASE_URL="mysql://user:hunter2@host/name", ORCHESTRATOR_ADMIN_KEY="tiny-key"
    )
    assert "hunter2" not in str(error)
    assert "tiny-key" not in str(error)


def test_secrets_are_hidden_where_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-private")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hunter2@host/name")
    assert not {"sk-private", "hunter2"} & set(repr(load_settings(NO_FILE)).split("'"))


@pytest.mark.parametrize("name", ["ORCHESTRATOR_PROT", "ORCHESTRATOR_AGENT", "ORCHESTRATOR_UPD_PORT"])
def test_a_misspelt_setting_names_the_nearest_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert (
        f"{name}: there is no such setting. Mend: did you mean" in refusal(monkeypatch, **{name: "1"}).message
    )


def test_a_misspelt_setting_is_found_in_the_dotenv_file_too(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("ORCHESTRATOR_DATADIR=/srv\n")
    with pytest.raises(SettingsError, match="did you mean ORCHESTRATOR_DATA_DIR"):
        load_settings(env_file)


@pytest.mark.parametrize(
    "name", ["ORCHESTRATOR_SERVICE_HOST", "ORCHESTRATOR_PORT_8000_TCP", "ORCHESTRATOR_COLOUR"]
)
def test_a_variable_unlike_any_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    load_settings(NO_FILE)


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"OPENAI_API_KEY": "sk-x"}, "openai"),
        ({"AZURE_OPENAI_ENDPOINT": "https://name.openai.azure.com", "AZURE_OPENAI_API_KEY": "x"}, "azure"),
        ({"OPENAI_API_KEY": "sk-x", "ORCHESTRATOR_ENGINE": "embedded"}, "embedded"),
        ({"ORCHESTRATOR_ENGINE": "ws://127.0.0.1:9000/v1/realtime"}, "url"),
    ],
)
def test_the_engine_follows_from_what_is_set(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], kind: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings(NO_FILE).engine_kind == kind


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"ORCHESTRATOR_ENGINE": "openai"}, "OPENAI_API_KEY"),
        ({"ORCHESTRATOR_ENGINE": "azure", "AZURE_OPENAI_API_KEY": "x"}, "AZURE_OPENAI_ENDPOINT"),
        ({"AZURE_OPENAI_ENDPOINT": "https://name.openai.azure.com"}, "AZURE_OPENAI_API_KEY"),
        ({"ORCHESTRATOR_CHAT_URL": "http://127.0.0.1:11434/v1"}, "ORCHESTRATOR_CHAT_MODEL"),
        ({"ORCHESTRATOR_CHAT_MODEL": "llama"}, "ORCHESTRATOR_CHAT_URL"),
        ({"ORCHESTRATOR_TTS": "openai"}, "OPENAI_API_KEY"),
        ({"ORCHESTRATOR_STT": "openai"}, "OPENAI_API_KEY"),
        ({"ORCHESTRATOR_TTS": "azure", "AZURE_SPEECH_REGION": "westeurope"}, "AZURE_SPEECH_KEY"),
        ({"AZURE_SPEECH_KEY": "x"}, "AZURE_SPEECH_REGION"),
        ({"AZURE_SPEECH_REGION": "westeurope"}, "AZURE_SPEECH_KEY"),
        ({"ORCHESTRATOR_TTS": "elevenlabs"}, "ELEVENLABS_API_KEY"),
        ({"ORCHESTRATOR_TTS": "cartesia"}, "CARTESIA_API_KEY"),
        ({"ORCHESTRATOR_STT": "deepgram"}, "DEEPGRAM_API_KEY"),
        ({"ORCHESTRATOR_HOST": "0.0.0.0"}, "ORCHESTRATOR_ADMIN_KEY"),
        ({"ORCHESTRATOR_HOST": "voice.example.com"}, "ORCHESTRATOR_ADMIN_KEY"),
    ],
)
def test_settings_that_need_another_name_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], missing: str
) -> None:
    error = refusal(monkeypatch, **environment)
    assert error.message.startswith(f"{missing}: missing")
    assert "Mend: " in error.message
    assert error.param == missing


def test_other_machines_may_reach_us_once_there_is_an_admin_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_HOST", "0.0.0.0")
    monkeypatch.setenv("ORCHESTRATOR_ADMIN_KEY", "sixteen-letters-or-more")
    assert not load_settings(NO_FILE).is_loopback


def test_a_speech_server_of_ones_own_needs_no_key() -> None:
    settings = Settings(
        tts="openai",
        openai_tts_url="http://127.0.0.1:8880/v1/",
        stt="openai",
        openai_stt_url="http://[::1]:1",
    )
    assert settings.openai_tts_url == "http://127.0.0.1:8880/v1"


@pytest.mark.parametrize(
    ("written", "read"),
    [("WestEurope", "westeurope"), ("https://westeurope.tts.example/", "https://westeurope.tts.example")],
)
def test_azure_is_a_region_or_an_endpoint(written: str, read: str) -> None:
    assert Settings(azure_speech_key=SecretStr("x"), azure_speech_region=written).azure_speech_region == read


def test_voices_are_listed_with_commas_by_provider() -> None:
    table = voice_table("elevenlabs:Marin=JBFq, azure:chef = it-IT-DiegoNeural,elevenlabs:ash=EXAV,")
    assert table == {
        "elevenlabs": {"marin": "JBFq", "ash": "EXAV"},
        "azure": {"chef": "it-IT-DiegoNeural"},
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_loopback_addresses_are_known(host: str) -> None:
    assert Settings(host=host).is_loopback


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://user:p%40ss@host/name", "postgresql+asyncpg://user:p%40ss@host/name"),
        ("postgresql://host:5432/name?sslmode=require", "postgresql+asyncpg://host:5432/name?ssl=require"),
        ("postgresql+asyncpg://host/name", "postgresql+asyncpg://host/name"),
    ],
)
def test_every_spelling_of_a_postgres_url_is_made_the_drivers(
    monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    database_url = load_settings(NO_FILE).database_url
    assert database_url is not None
    assert database_url.get_secret_value() == used


def test_a_trailing_slash_of_a_url_is_dropped() -> None:
    assert Settings(openai_base_url="http://127.0.0.1:9000/v1/").openai_base_url == "http://127.0.0.1:9000/v1"


def test_media_uses_the_number_of_the_http_port_unless_told() -> None:
    assert Settings(port=8000).media_port == 8000
    assert Settings(port=8000, udp_port=9000).media_port == 9000
    assert Settings(port=0).media_port == 0


def test_cluster_and_home_folder_spellings_are_understood(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings(cluster_url="memory", data_dir=Path("~/data"), announced_ip="203.0.113.7")
    assert settings.data_dir == tmp_path / "data"
    assert settings.cluster_url == "memory"


def test_every_environment_name_is_the_one_that_is_documented() -> None:
    assert environment_name("database_url") == "DATABASE_URL"
    assert environment_name("port") == "ORCHESTRATOR_PORT"
    assert environment_name("chat_base_url") == "ORCHESTRATOR_CHAT_URL"


@pytest.mark.parametrize(
    ("written", "read"),
    [("*", "*"), ("https://a.example, http://b.example:8080,", "https://a.example,http://b.example:8080")],
)
def test_origins_are_listed_with_commas(written: str, read: str) -> None:
    assert Settings(allowed_origins=written).allowed_origins == read


@pytest.mark.parametrize(
    "written", ["shop.example.com", "https://shop.example.com/page", "*,https://a.example"]
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="must"):
        Settings(allowed_origins=written)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ORCHESTRATOR_REDACT", "cards,names", "must list some of cards, phones, emails, and names is none"),
        ("ORCHESTRATOR_REDACT_PATTERN", "(", "must be a regular expression"),
        ("ORCHESTRATOR_REDACT_REGION", "Atlantis", "must be a country's two letters"),
        ("ORCHESTRATOR_RETENTION_DAYS", "0", "greater than or equal to 1"),
    ],
)
def test_wrong_wishes_for_privacy_are_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_what_is_to_be_redacted_is_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_REDACT", "cards, phones")
    monkeypatch.setenv("ORCHESTRATOR_REDACT_FIELDS", "phone,address")
    monkeypatch.setenv("ORCHESTRATOR_REDACT_PATTERN", "MEMBER-[0-9]+")
    monkeypatch.setenv("ORCHESTRATOR_REDACT_REGION", "de")
    redaction = load_settings().redaction
    assert redaction.kinds == {"cards", "phones"}
    assert redaction.fields == {"phone", "address"}
    assert redaction.text("MEMBER-7, 030 901820").text == "[pattern], [phone]"
