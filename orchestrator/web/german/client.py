"""What the browser client tells of a call, in German."""

from typing import Final

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
