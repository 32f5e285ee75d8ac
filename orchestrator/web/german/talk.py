"""The page to talk to an agent on, in German."""

from typing import Final

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
    "This was not heard": "Das wurde nicht gehört",
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
