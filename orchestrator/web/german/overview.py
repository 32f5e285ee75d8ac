"""The first page, in German."""

from collections.abc import Mapping
from typing import Final

OVERVIEW: Final[Mapping[str, str]] = {
    "Days": "Zeitraum",
    "today": "heute",
    "7 days": "7 Tage",
    "30 days": "30 Tage",
    "in the last {} days": "in den letzten {} Tagen",
    "Now and today": "Jetzt und heute",
    "Live now": "Jetzt live",
    "Calls today": "Anrufe heute",
    "Failed today": "Fehlgeschlagen heute",
    "Tool errors today": "Werkzeugfehler heute",
    "Wait today, p50 and p95": "Wartezeit heute, p50/p95",
    "Cost today": "Kosten heute",
    "Calls": "Anrufe",
    "calls, the failed ones at the foot": "Anrufe, unten die fehlgeschlagenen",
    "{} call": "{} Anruf",
    "{} calls": "{} Anrufe",
    ", {} failed": ", davon {} fehlgeschlagen",
    "Wait for a reply, p95": "Wartezeit auf eine Antwort, p95",
    "95 of 100 began sooner": "95 von 100 begannen früher",
    "no replies": "keine Antworten",
    "Cost": "Kosten",
    "US dollars for all that has a price": "US-Dollar für alles, was einen Preis hat",
    "Nothing {}.": "Nichts {}.",
    "Most on {}: {}": "Höchstwert am {}: {}",
    "Live conversations": "Laufende Gespräche",
    "Failed last": "Zuletzt fehlgeschlagen",
    "Conversations that failed, newest first": "Fehlgeschlagene Gespräche, neueste zuerst",
    "All that failed {}": "Alle Fehlschläge {}",
    "Nothing failed {}": "Kein Fehlschlag {}",
    "or call one from a terminal:": "oder einen vom Terminal aus anrufen:",
}
