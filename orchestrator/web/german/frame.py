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
    "The service refused this.": "Der Dienst hat das abgelehnt.",
    "The service cannot be reached. Trying again.": "Der Dienst ist nicht erreichbar. Neuer Versuch …",
    "The service takes long to answer. Trying again.": "Der Dienst lässt auf sich warten. Neuer Versuch …",
}
