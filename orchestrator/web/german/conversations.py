"""The list of conversations, in German."""

from collections.abc import Mapping
from typing import Final

FILTERS: Final = {
    "next and previous conversation": "nächstes und voriges Gespräch",
    "open it": "öffnen",
    "search": "suchen",
    "Words or tools": "Wörter oder Werkzeuge",
    "any": "alle",
    "Outcome": "Ausgang",
    "live now": "gerade live",
    "caller left": "Anrufer gegangen",
    "ended by the agent": "vom Agenten beendet",
    "ended by an operator": "von einem Operator beendet",
    "Errors": "Fehler",
    "with or without": "mit oder ohne",
    "any error": "mit Fehler",
    "a tool failed": "mit Werkzeugfehler",
    "no error": "ohne Fehler",
    "Slower than (s)": "Langsamer als (s)",
    "From": "Von",
    "Until": "Bis",
    "Label": "Schlagwort",
    "Verdict": "Urteil",
    "Find": "Suchen",
    "Clear": "Zurücksetzen",
    "Choose one of {}.": "Wählen Sie eines von: {}.",
    "Write a day as 2026-11-27.": "Schreiben Sie den Tag wie 2026-11-27.",
    "Write seconds, such as 2.5.": "Schreiben Sie Sekunden, etwa 2.5.",
    "Saved filters": "Gespeicherte Filter",
    "Saved": "Gespeichert",
    "Forget the filter {}": "Filter {} löschen",
    "Forget": "Löschen",
    "Keep this filter as": "Diesen Filter speichern als",
    "Keep": "Speichern",
    "Replay these": "Diese wiederholen",
    "Live up to 100 of these again with today's agents, the newest first, and see what differs": (
        "Bis zu 100 davon mit den heutigen Agenten wiederholen, die neuesten zuerst, und die Unterschiede "
        "sehen"
    ),
    "Engine of the replay": "Engine der Wiederholung",
    "on their own engines": "auf den eigenen Engines",
    "on {}": "auf {}",
}

ROWS: Final = {
    "Conversations, newest first": "Gespräche, neueste zuerst",
    "Started": "Beginn",
    "Length": "Dauer",
    "Turns": "Wortwechsel",
    "Slowest": "Wartezeit",
    "Tool err.": "Fehler",
    "Tool errors": "Werkzeugfehler",
    "Interr.": "Unterbr.",
    "Interruptions": "Unterbrechungen",
    "Labels": "Schlagwörter",
    "Conversation of {}": "Gespräch vom {}",
    "live": "live",
    "error": "Fehler",
    "no call yet": "noch kein Anruf",
    "Nobody is on the line now.": "Gerade ist niemand in der Leitung.",
    "No conversation has been stored yet": "Noch ist kein Gespräch gespeichert",
    "Nothing matches": "Nichts gefunden",
    "Show all conversations": "Alle Gespräche zeigen",
    "Pages of the list": "Seiten der Liste",
    "Newest": "Neueste",
    "Older": "Ältere",
}

CONVERSATIONS: Final[Mapping[str, str]] = FILTERS | ROWS
