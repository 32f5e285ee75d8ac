"""The pages of the agents, in German."""

from collections.abc import Mapping
from typing import Final

LIST: Final = {
    "next and previous agent": "nächster und voriger Agent",
    "Agents, with figures: {}": "Agenten mit Zahlen: {}",
    "Voice": "Stimme",
    "Tools": "Werkzeuge",
    "Revision": "Fassung",
    "Handed on": "Übergeben",
    "Tool errors": "Werkzeugfehler",
    "Wait p50": "Wartezeit p50",
    "Wait p95": "Wartezeit p95",
    "takes calls": "nimmt Anrufe an",
    "switched off": "ausgeschaltet",
    "default": "Standard",
    "Who hands over to whom": "Wer an wen übergibt",
    "{} to {}": "{} an {}",
    "when {}": "Anlass: {}",
    "(goes back)": "(zurück)",
    "No agent hands over to another.": "Kein Agent übergibt an einen anderen.",
}

SETTINGS: Final = {
    "Figures: {}": "Zahlen: {}",
    "Settings": "Einstellungen",
    "Instructions": "Anweisungen",
    "The class computes them for each call; what is written here replaces that.": (
        "Die Klasse berechnet sie für jeden Anruf; was hier steht, ersetzt das."
    ),
    "As computed for a call that begins here": "Wie für einen Anruf berechnet, der hier beginnt",
    "Model": "Modell",
    "the engine's own": "das der Engine",
    "After a reload": "Nach einem Neuladen",
    "speak text (tts)": "Text (tts)",
    "native audio": "Audio des Modells",
    "Greeting": "Begrüßung",
    "none: the model begins by itself, or waits": "keine: Das Modell beginnt von selbst oder wartet",
    "Turn detection": "Erkennung des Redeendes",
    "JSON; empty for the default": "JSON; leer für den Standard",
    "Takes calls and handoffs": "Nimmt Anrufe und Übergaben an",
    "As the class says again": "Wieder wie in der Klasse",
    "Why": "Warum",
    "Put in force": "In Kraft setzen",
    "For calls to come and for those that are on. Every change is a revision that can be restored.": (
        "Für kommende und laufende Anrufe. Jede Änderung ist eine Fassung, die sich wiederherstellen lässt."
    ),
    "instructions": "Anweisungen",
    "voice": "Stimme",
    "model": "Modell",
    "engine": "Engine",
    "greeting": "Begrüßung",
    "reload": "nach einem Neuladen",
    "tts": "Sprachausgabe",
    "turn detection": "Erkennung des Redeendes",
    "enabled": "eingeschaltet",
    "Only administrators may read them.": "Nur Administratoren dürfen sie lesen.",
    "Revisions": "Fassungen",
    "in force": "in Kraft",
    "Only administrators may read what changed.": "Was sich geändert hat, dürfen nur Administratoren lesen.",
    "Nothing differs from the revision before.": "Kein Unterschied zur Fassung davor.",
    "the class, as it is written": "die Klasse, wie sie geschrieben ist",
    "Restore": "Wiederherstellen",
    "revision {}": "Fassung {}",
    "answered by clients": "vom Client beantwortet",
    "asks first": "fragt vorher",
    "needs approval": "braucht Genehmigung",
    "Details": "Einzelheiten",
    "of {}": "von {}",
    "{} run, {} failed, median {}": "{} Lauf, {} fehlgeschlagen, Median {}",
    "{} runs, {} failed, median {}": "{} Läufe, {} fehlgeschlagen, Median {}",
    "{} has no tools.": "{} hat keine Werkzeuge.",
    "Handoffs": "Übergaben",
    "history {}": "Verlauf: {}",
    "{} failed": "{} fehlgeschlagen",
    "Nobody hands over to {}, and it to nobody.": "Niemand übergibt an {}, und umgekehrt auch nicht.",
}

TOOL: Final = {
    "Answered by clients.": "Clients beantworten es.",
    "The agent asks the caller first.": "Der Agent fragt vorher den Anrufer.",
    "Waits for an operator's approval.": "Es wartet auf die Genehmigung eines Operators.",
    "Ends after {}.": "Es endet nach {}.",
    "Works on {}.": "Es arbeitet mit {}.",
    "Try it out": "Ausprobieren",
    "needed": "nötig",
    "usually {}": "sonst {}",
    "left out": "weggelassen",
    "Takes no arguments.": "Keine Argumente.",
    "It takes no arguments.": "Es hat keine Argumente.",
    "State": "Zustand",
    "Run": "Ausführen",
    "What it would change of a conversation is shown, never applied. "
    "What it does elsewhere, it does indeed.": (
        "Was es an einem Gespräch ändern würde, wird nur gezeigt. Was es anderswo tut, tut es wirklich."
    ),
    "Arguments": "Argumente",
    "Result": "Ergebnis",
    "completed": "erledigt",
    "failed": "fehlgeschlagen",
    "timed out": "zu langsam",
    "invalid": "falsche Argumente",
    "The model is told": "Dem Modell wird gesagt",
    "Said meanwhile: “{}”": "Währenddessen gesagt: „{}“",
    "afterwards": "danach",
    "Record it leaves": "Datensatz, den es ablegt",
    "{} further statement would have run.": "{} weitere Anweisung an die Datenbank wäre gelaufen.",
    "{} further statements would have run.": "{} weitere Anweisungen an die Datenbank wären gelaufen.",
    "The call would end: {}": "Der Anruf würde enden: {}",
}

ARGUMENTS: Final = {
    "text": "Text",
    "number": "Zahl",
    "whole number": "ganze Zahl",
    "yes or no": "ja oder nein",
    "from {}": "ab {}",
    "above {}": "über {}",
    "up to {}": "bis {}",
    "below {}": "unter {}",
    "up to {} letters": "bis zu {} Zeichen",
    "as a {}": "Format {}",
    "like {}": "Muster {}",
    "one of": "eines von",
    "any of": "beliebige von",
    "JSON, a list": "JSON, eine Liste",
    "JSON, an object": "JSON, ein Objekt",
    "{}, or nothing": "{} oder nichts",
}
"""What may be written for an argument of a tool."""

AGENTS: Final[Mapping[str, str]] = LIST | SETTINGS | TOOL | ARGUMENTS
