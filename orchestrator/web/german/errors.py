"""What goes wrong, in German: headings, and what interfaces say of it in English."""

from collections.abc import Mapping
from typing import Final

PAGE: Final = {
    "That cannot be done": "Das geht nicht",
    "Please sign in": "Bitte melden Sie sich an",
    "Not with this key": "Nicht mit diesem Schlüssel",
    "There is nothing here": "Hier ist nichts",
    "Somebody was faster": "Jemand war schneller",
    "Too many attempts": "Zu viele Versuche",
    "Something went wrong on our side": "Bei uns ist etwas schiefgegangen",
    "The store is away": "Der Speicher ist weg",
    "Calls go on meanwhile: what they do is kept and stored later.": (
        "Anrufe gehen derweil weiter: Was in ihnen geschieht, wird behalten und später gespeichert."
    ),
    "Try again": "Erneut versuchen",
}

ACCESS: Final = {
    "This needs a key of the role {}; you are signed in as {}.": (
        "Das braucht einen Schlüssel der Rolle {}; Sie sind als {} angemeldet."
    ),
    "This form was made for another visit, or comes from elsewhere. "
    "Load the page again and repeat what you did.": (
        "Dieses Formular gehört zu einem anderen Besuch oder kommt von anderswo. "
        "Laden Sie die Seite neu, und wiederholen Sie, was Sie taten."
    ),
    "Too Many Requests": "Zu viele Anfragen. Warten Sie einen Augenblick.",
    "Method Not Allowed": "So wird diese Adresse nicht benutzt.",
    "Something went wrong on our side. The log has it as incident {}.": (
        "Bei uns ist etwas schiefgegangen. Im Log steht es als Vorfall {}."
    ),
    "Postgres cannot be used now ({}). Try again shortly.": (
        "Postgres ist gerade nicht zu benutzen ({}). Versuchen Sie es gleich noch einmal."
    ),
    "{} is not stored yet. Try again shortly.": (
        "{} ist noch nicht gespeichert. Versuchen Sie es gleich noch einmal."
    ),
}

MISSING: Final = {
    "No page has this address.": "Keine Seite hat diese Adresse.",
    "There is no conversation {}.": "Es gibt kein Gespräch {}.",
    "There is no conversation {} of yours.": "Es gibt kein Gespräch {} von Ihnen.",
    "There is no conversation {} in {}.": "Es gibt kein Gespräch {} in {}.",
    "There is no replay {}.": "Es gibt keine Wiederholung {}.",
    "There is no recording {}.": "Es gibt keine Aufnahme {}.",
    "There is no saved filter {}.": "Es gibt keinen gespeicherten Filter {}.",
    "There is no agent {}. Known agents: {}.": "Es gibt keinen Agenten {}. Bekannte Agenten: {}.",
    "There is no tool {}.": "Es gibt kein Werkzeug {}.",
    "Agent {} has no tool {}.": "Der Agent {} hat kein Werkzeug {}.",
    "Agent {} has no revision {}.": "Der Agent {} hat keine Fassung {}.",
    "Nothing of the id {} is live on this node.": "Auf diesem Knoten ist nichts mit der Kennung {} live.",
    "Nobody is connected to {} any more.": "Mit {} ist niemand mehr verbunden.",
    "This node keeps no recordings.": "Dieser Knoten hebt keine Aufnahmen auf.",
    "The cursor is not one of this list. Take it from the page before, unchanged.": (
        "Diese Stelle gibt es in der Liste nicht. Nehmen Sie die Links der Seite davor."
    ),
    "The cursor is not one of this list.": "Diese Stelle gibt es in der Liste nicht.",
}

FORMS: Final = {
    "A filter needs a name to be kept under.": "Der Filter braucht einen Namen.",
    "Choose something to filter by before keeping it.": (
        "Wählen Sie etwas, wonach gefiltert wird, bevor Sie den Filter speichern."
    ),
    "There are {} saved filters already. Remove one first.": (
        "Es gibt schon {} gespeicherte Filter. Löschen Sie zuerst einen."
    ),
    "This filter finds no conversation to replay.": (
        "Dieser Filter findet kein Gespräch, das sich wiederholen ließe."
    ),
    "The engine {} is not set up here. Take {}.": "Die Engine {} ist hier nicht eingerichtet. Nehmen Sie {}.",
    "The revision is no number. Load the page again.": "Die Fassung ist keine Zahl. Laden Sie die Seite neu.",
    "Agent {} is at revision {} now, not {}. Look again and repeat the change.": (
        "Der Agent {} ist jetzt bei Fassung {}, nicht {}. Sehen Sie nach, und wiederholen Sie die Änderung."
    ),
    "{} takes the calls that ask for nobody in particular and cannot be switched off. "
    "Set ORCHESTRATOR_DEFAULT_AGENT to another agent first.": (
        "{} nimmt die Anrufe an, die nach niemand Bestimmtem fragen, und lässt sich nicht ausschalten. "
        "Setzen Sie zuerst ORCHESTRATOR_DEFAULT_AGENT auf einen anderen Agenten."
    ),
    "Turn detection is no JSON: {}.": "Die Erkennung des Redeendes ist kein JSON: {}.",
    "The state {} is no JSON: {}.": "Der Zustand {} ist kein JSON: {}.",
    "The state {} is no JSON object.": "Der Zustand {} ist kein JSON-Objekt.",
    "{} is a client tool: clients answer it, there is nothing here to run.": (
        "{} beantworten Clients, hier gibt es nichts auszuführen."
    ),
    "Postgres cannot store this value ({}).": "Postgres kann diesen Wert nicht speichern ({}).",
}

CALLS: Final = {
    "There is nothing to say. Write something.": "Es gibt nichts zu sagen. Schreiben Sie etwas.",
    "The note is empty. Write something.": "Die Notiz ist leer. Schreiben Sie etwas.",
    "Give at most {} labels of at most {} letters each.": (
        "Geben Sie höchstens {} Schlagwörter mit je höchstens {} Zeichen an."
    ),
    "{} is switched off. Enable it first.": "{} ist ausgeschaltet. Schalten Sie ihn zuerst ein.",
    "{} is on duty already.": "{} ist schon am Apparat.",
    "A session is being opened for this call just now. Try again in a moment.": (
        "Für diesen Anruf wird gerade eine Sitzung geöffnet. Versuchen Sie es gleich noch einmal."
    ),
    "The sound of calls is not for reviewers here.": "Der Ton der Anrufe ist hier nicht für Prüfende.",
    "Listening in is switched off, or not for reviewers. ORCHESTRATOR_LISTEN_IN and "
    "ORCHESTRATOR_REVIEWERS_HEAR say who may.": (
        "Mithören ist ausgeschaltet oder nicht für Prüfende. Wer es darf, sagen ORCHESTRATOR_LISTEN_IN und "
        "ORCHESTRATOR_REVIEWERS_HEAR."
    ),
}

REPLAYED: Final = {
    "This node is about to stop. Ask again in a moment.": (
        "Dieser Knoten hält gerade an. Versuchen Sie es gleich noch einmal."
    ),
    "The agents asked for tools of the client {} times in one turn.": (
        "Die Agenten haben in einem Wortwechsel {}-mal nach Werkzeugen des Clients gefragt."
    ),
    "A turn was refused: {}.": "Ein Wortwechsel wurde abgelehnt: {}.",
    "A reply did not end within {} s.": "Eine Antwort endete nicht innerhalb von {} s.",
    "A reply failed at the engine. Its response says why.": (
        "Eine Antwort scheiterte in der Engine. Deren Antwort sagt, warum."
    ),
}
"""Why a conversation could not be replayed."""

ERRORS: Final[Mapping[str, str]] = PAGE | ACCESS | MISSING | FORMS | CALLS | REPLAYED
"""A name or a number in what interfaces say stands in its translation as well, in the same order."""
