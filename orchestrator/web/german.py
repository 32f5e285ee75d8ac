"""Pages for callers in German: each sentence by its English, `{}` for a name or a number."""

from collections.abc import Mapping
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

SIGN_IN: Final = {
    "Key": "Schlüssel",
    "This key is not known, was revoked, or is expired.": (
        "Diesen Schlüssel gibt es nicht, er wurde widerrufen, oder er ist abgelaufen."
    ),
    "Please give a key.": "Bitte geben Sie einen Schlüssel ein.",
    "This link was used already, or its time is over. Sign in with a key.": (
        "Dieser Link wurde schon benutzt oder ist abgelaufen. Melden Sie sich mit einem Schlüssel an."
    ),
}

TALK: Final = {
    "Talk to an agent": "Mit einem Agenten sprechen",
    "The call": "Der Anruf",
    "Calling needs scripts. Without them, read conversations, or call with": (
        "Anrufen geht nur mit JavaScript. Ohne können Sie Gespräche lesen oder anrufen mit"
    ),
    "Agent": "Agent",
    "Call": "Anrufen",
    "Hang up": "Auflegen",
    "Go on": "Fortsetzen",
    "Not connected.": "Nicht verbunden.",
    "Not connected. Go on where you were.": "Nicht verbunden. Machen Sie weiter, wo Sie waren.",
    "You": "Sie",
    "Your microphone": "Ihr Mikrofon",
    "The agent's voice": "Die Stimme des Agenten",
    "Mute": "Stumm",
    "Interrupt": "Unterbrechen",
    "Push to talk": "Sprechtaste",
    "Hold to speak": "Zum Sprechen halten",
    "space": "Leertaste",
    "Devices and language": "Geräte und Sprache",
    "Microphone": "Mikrofon",
    "Loudspeaker": "Lautsprecher",
    "Default": "Standard",
    "I speak": "Ich spreche",
    "Any": "Beliebig",
    "Start a new conversation": "Ein neues Gespräch beginnen",
    "Review this conversation": "Dieses Gespräch ansehen",
    "Conversation": "Gespräch",
    "There is no such conversation of yours. A call begins a new one.": (
        "Dieses Gespräch von Ihnen gibt es nicht. Ein Anruf beginnt ein neues."
    ),
    "What was said": "Was gesagt wurde",
    "Nothing was said yet.": "Noch wurde nichts gesagt.",
    "Press Call and speak, or write below. What you say and what you hear is written down here.": (
        "Rufen Sie an und sprechen Sie, oder schreiben Sie unten. Was Sie sagen und hören, steht dann hier."
    ),
    "Write to the agent": "Dem Agenten schreiben",
    "Send": "Senden",
    "What the agents have noted": "Was die Agenten notiert haben",
    "hold to speak, with push to talk": "zum Sprechen halten, mit Sprechtaste",
    "mute your microphone": "Mikrofon stumm schalten",
    "interrupt the agent": "den Agenten unterbrechen",
    "write": "schreiben",
    "You are signed out. Load the page again.": "Sie sind abgemeldet. Laden Sie die Seite neu.",
    "The service refused this.": "Der Dienst hat das abgelehnt.",
    "The agent's engine is away. It is being called again …": (
        "Der Agent ist gerade nicht erreichbar. Er wird erneut gerufen …"
    ),
    "No connection for sound was found: this call is in writing.": (
        "Für Ton gibt es keine Verbindung: Dieser Anruf ist schriftlich."
    ),
    "This agent reads and writes: write to it, and read its answers.": (
        "Dieser Agent liest und schreibt: Schreiben Sie ihm, und lesen Sie seine Antworten."
    ),
    "This agent writes: its answers are read, not heard.": (
        "Dieser Agent schreibt: Seine Antworten liest man, man hört sie nicht."
    ),
    "This agent does not hear you: write to it.": "Dieser Agent hört Sie nicht: Schreiben Sie ihm.",
    "Write instead, and listen. To speak, allow the microphone and call again.": (
        "Schreiben Sie stattdessen, und hören Sie zu. Zum Sprechen: Mikrofon erlauben und neu anrufen."
    ),
    "Try again in {} s.": "Versuchen Sie es in {} s noch einmal.",
    "On duty:": "Am Apparat:",
    "agent": "Agent",
    "was not understood": "wurde nicht verstanden",
    "You interrupted: this was not heard": "Sie haben unterbrochen: Das wurde nicht gehört",
    "(not heard:)": "(nicht gehört:)",
    "hands over to": "übergibt an",
    "failed": "fehlgeschlagen",
    "took too long": "zu langsam",
    "was cancelled": "abgebrochen",
    "was refused": "abgelehnt",
    "done": "erledigt",
    "{} in {} s": "{} in {} s",
    "is running": "läuft",
    "Nothing in it yet.": "Noch nichts darin.",
    "subtotal": "Zwischensumme",
    "discount": "Rabatt",
    "tax": "Steuer",
    "tip": "Trinkgeld",
    "total": "Summe",
}

CLIENT: Final = {
    "{} is speaking.": "{} spricht.",
    "{} is thinking …": "{} überlegt …",
    "You are speaking.": "Sie sprechen.",
    "Listening.": "Hört zu.",
    "Calling …": "Verbindet …",
    "Connected. Hold the button to speak.": "Verbunden. Halten Sie die Taste, um zu sprechen.",
    "Connected. Write to the agent.": "Verbunden. Schreiben Sie dem Agenten.",
    "Connected. Your microphone is muted.": "Verbunden. Ihr Mikrofon ist stumm.",
    "No connection for sound was found: a firewall may block UDP.": (
        "Für Ton gibt es keine Verbindung: Vielleicht sperrt eine Firewall UDP."
    ),
    "Browsers give the microphone only to pages that came over HTTPS.": (
        "Browser geben das Mikrofon nur Seiten, die über HTTPS kamen."
    ),
    "No microphone is used.": "Kein Mikrofon wird benutzt.",
    "The agent cannot be reached. Call again in a moment.": (
        "Der Agent ist nicht erreichbar. Rufen Sie gleich noch einmal an."
    ),
    "The agent ended the call.": "Der Agent hat aufgelegt.",
    "The call has reached its longest duration.": "Der Anruf hat seine Höchstdauer erreicht.",
    "The call is over.": "Der Anruf ist beendet.",
    "The call was closed before it was connected.": "Der Anruf wurde getrennt, bevor er verbunden war.",
    "The call was ended.": "Der Anruf wurde beendet.",
    "The call was taken over by another page.": "Eine andere Seite hat den Anruf übernommen.",
    "The connection was closed.": "Die Verbindung wurde geschlossen.",
    "The connection was lost.": "Die Verbindung ging verloren.",
    "The conversation was erased.": "Das Gespräch wurde gelöscht.",
    "The microphone cannot be used.": "Das Mikrofon lässt sich nicht benutzen.",
    "The microphone is in use by another program.": "Ein anderes Programm benutzt das Mikrofon.",
    "The microphone was refused.": "Das Mikrofon wurde nicht erlaubt.",
    "The network changed, or was lost.": "Das Netz hat gewechselt oder ist weg.",
    "The network is away.": "Das Netz ist weg.",
    "The service cannot be reached.": "Der Dienst ist nicht erreichbar.",
    "The service does not answer.": "Der Dienst antwortet nicht.",
    "The service restarts.": "Der Dienst startet neu.",
    "There is no microphone.": "Es gibt kein Mikrofon.",
    "This microphone is not there any more.": "Dieses Mikrofon ist nicht mehr da.",
}

GERMAN: Final[Mapping[str, str]] = FRAME | SIGN_IN | TALK | CLIENT
