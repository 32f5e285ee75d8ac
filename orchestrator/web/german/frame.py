"""What is around every page, in German."""

from typing import Final

FRAME: Final = {
    "Skip to content": "Zum Inhalt",
    "Pages": "Seiten",
    "Overview": "Übersicht",
    "Conversations": "Gespräche",
    "Replays": "Wiederholungen",
    "Agents": "Agenten",
    "Talk": "Sprechen",
    "Role: {}": "Rolle: {}",
    "Sign in": "Anmelden",
    "Sign out": "Abmelden",
    "Keys": "Tasten",
    "this list": "diese Liste",
    "Close": "Schließen",
}
