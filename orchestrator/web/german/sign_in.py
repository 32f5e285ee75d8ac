"""The page to sign in on, in German."""

from typing import Final

SIGN_IN: Final = {
    "Key": "Schlüssel",
    "This key is not known, was revoked, or is expired.": (
        "Diesen Schlüssel gibt es nicht, er wurde widerrufen, oder er ist abgelaufen."
    ),
    "Keys begin with": "Schlüssel beginnen mit",
    "says where the admin key is, and": "sagt, wo der Schlüssel für die Verwaltung liegt, und",
    "makes another.": "macht einen weiteren.",
    "Please give a key.": "Bitte geben Sie einen Schlüssel ein.",
    "This link was used already, or its time is over. Sign in with a key.": (
        "Dieser Link wurde schon benutzt oder ist abgelaufen. Melden Sie sich mit einem Schlüssel an."
    ),
}
