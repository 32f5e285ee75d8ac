"""What speaks for engines that only write, and what hears for engines that only read."""

from pydantic import Field, SecretStr

from orchestrator.settings.group import SettingsGroup
from orchestrator.settings.values import AzureRegion, RecogniserName, SocketUrl, VoiceName, VoiceTable, WebUrl


class SpeechSettings(SettingsGroup):
    """What speaks for engines that only write, and what hears for engines that only read."""

    tts: VoiceName | None = Field(
        None,
        description="Text-to-speech for agents that name none: `embedded`, `tone`, `openai`, `azure`, "
        "`elevenlabs` or `cartesia`. Unset: `embedded` where espeak-ng is installed, else `tone`.",
    )

    tts_voice: str | None = Field(
        None, description="Voice of that text-to-speech for agents that name none. Unset: its usual one."
    )

    tts_voices: VoiceTable | None = Field(
        None,
        description="What your agents' voices are called at providers, with commas between them, such as "
        "`elevenlabs:marin=JBFqnCBsd6RMkjVDRZzb, azure:chef=it-IT-DiegoNeural`.",
    )

    stt: RecogniserName | None = Field(
        None,
        description="Speech-to-text: `embedded`, `openai` or `deepgram`. Unset: `embedded` where "
        "pocketsphinx is installed, else none.",
    )

    openai_tts_url: WebUrl | None = Field(
        None,
        description="Base URL of an OpenAI-compatible `/audio/speech` for `openai`, such as "
        "`http://127.0.0.1:8880/v1`. Unset: `OPENAI_BASE_URL`, with its key.",
    )

    openai_tts_key: SecretStr | None = Field(None, description="Key for that speech server, if it wants one.")

    openai_tts_model: str | None = Field(
        None, description="Model that speaks there. Unset: `gpt-4o-mini-tts`."
    )

    openai_stt_url: WebUrl | None = Field(
        None,
        description="Base URL of an OpenAI-compatible `/audio/transcriptions` for `openai`, such as "
        "`http://127.0.0.1:8001/v1`. Unset: `OPENAI_BASE_URL`, with its key.",
    )

    openai_stt_key: SecretStr | None = Field(
        None, description="Key for that transcription server, if it wants one."
    )

    openai_stt_model: str | None = Field(
        None, description="Model that hears there. Unset: `gpt-4o-mini-transcribe`."
    )

    azure_speech_key: SecretStr | None = Field(
        None, validation_alias="AZURE_SPEECH_KEY", description="Key of an Azure AI Speech resource."
    )

    azure_speech_region: AzureRegion | None = Field(
        None,
        validation_alias="AZURE_SPEECH_REGION",
        description="Region of that resource, such as `westeurope`, or the `https://` URL of its endpoint.",
    )

    elevenlabs_api_key: SecretStr | None = Field(
        None, validation_alias="ELEVENLABS_API_KEY", description="Key for ElevenLabs."
    )

    elevenlabs_url: SocketUrl | None = Field(
        None, description="Where ElevenLabs' API is served. Unset: `wss://api.elevenlabs.io`."
    )

    elevenlabs_model: str | None = Field(
        None, description="Model that speaks at ElevenLabs. Unset: `eleven_flash_v2_5`."
    )

    cartesia_api_key: SecretStr | None = Field(
        None, validation_alias="CARTESIA_API_KEY", description="Key for Cartesia."
    )

    cartesia_url: SocketUrl | None = Field(
        None, description="Where Cartesia's API is served. Unset: `wss://api.cartesia.ai`."
    )

    cartesia_model: str | None = Field(None, description="Model that speaks at Cartesia. Unset: `sonic-3`.")

    deepgram_api_key: SecretStr | None = Field(
        None, validation_alias="DEEPGRAM_API_KEY", description="Key for Deepgram."
    )

    deepgram_url: SocketUrl | None = Field(
        None, description="Where Deepgram's API is served. Unset: `wss://api.deepgram.com`."
    )

    deepgram_model: str | None = Field(None, description="Model that hears at Deepgram. Unset: `nova-3`.")
