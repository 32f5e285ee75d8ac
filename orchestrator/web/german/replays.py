"""The pages of replays, in German."""

from collections.abc import Mapping
from typing import Final

RUNS: Final = {
    "Stored conversations, lived again with today's agents. "
    "Begin one from the page of a conversation, or with": (
        "Gespeicherte Gespräche, mit den heutigen Agenten wiederholt. "
        "Beginnen Sie eine auf der Seite eines Gesprächs oder mit"
    ),
    "Replays, newest first": "Wiederholungen, neueste zuerst",
    "Begun": "Beginn",
    "By": "Von",
    "Note": "Notiz",
    "Engine": "Engine",
    "their own": "die eigenen",
    "No replays yet": "Noch keine Wiederholungen",
    "Replay conversations from a terminal:": "Gespräche vom Terminal aus wiederholen:",
    "The replay": "Die Wiederholung",
    "Cancel": "Abbrechen",
    "engine: {}": "Engine: {}",
    "the agents' own": "die eigenen der Agenten",
    "changed: {}": "geändert: {}",
    "All replays": "Alle Wiederholungen",
    "{} the same": "{} gleich",
    "{} different": "{} anders",
    "{} to go": "noch {}",
    "cancelled": "abgebrochen",
    "interrupted": "unterbrochen",
    "declined": "nicht genehmigt",
}

CASES: Final = {
    "Conversations of this replay": "Gespräche dieser Wiederholung",
    "First difference": "Erster Unterschied",
    "What differs": "Was anders ist",
    "turn {}": "Wortwechsel {}",
    "More": "Mehr",
    "waiting": "wartet",
    "running": "läuft",
    "same": "gleich",
    "different": "anders",
    "tool missing": "Werkzeug fehlt",
    "tool added": "Werkzeug neu",
    "arguments": "Argumente",
    "outcome": "Ausgang",
    "handoff missing": "Übergabe fehlt",
    "handoff added": "Übergabe neu",
    "payload": "Nutzlast",
    "state": "Zustand",
    "unanswered": "unbeantwortet",
    "turn missing": "Wortwechsel fehlt",
}

SIDES: Final = {
    "Side by side": "Nebeneinander",
    "and": "und",
    "its replay": "seine Wiederholung",
    "no replay yet": "noch keine Wiederholung",
    "from": "ab",
    "on": "an",
    "Turn by turn": "Wortwechsel für Wortwechsel",
    "The caller said": "Der Anrufer sagte",
    "As it was": "Damals",
    "As it is now": "Heute",
    "No words": "Keine Worte",
    "No such turn": "Diesen Wortwechsel gibt es hier nicht",
    "(nothing yet)": "(noch nichts)",
    "In the end": "Am Ende",
    "All states are the same.": "Alle Zustände sind gleich.",
    "Nothing to compare yet": "Noch nichts zu vergleichen",
    "This conversation has not been replayed.": "Dieses Gespräch wurde noch nicht wiederholt.",
    "The whole replay": "Die ganze Wiederholung",
    "The tool is no longer called": "Das Werkzeug wird nicht mehr aufgerufen",
    "The tool is called now": "Das Werkzeug wird jetzt aufgerufen",
    "The argument differs": "Das Argument ist anders",
    "The tool ends differently": "Das Werkzeug endet anders",
    "No longer handed over to": "Nicht mehr übergeben an",
    "Handed over now to": "Jetzt übergeben an",
    "The payload differs": "Die Nutzlast ist anders",
    "The state differs": "Der Zustand ist anders",
    "Not answered any more": "Nicht mehr beantwortet",
    "The turn is on one side only": "Den Wortwechsel gibt es nur auf einer Seite",
}

REPLAYS: Final[Mapping[str, str]] = RUNS | CASES | SIDES
