"""What the offline demo brain knows of English: actions, noise, topics. One lexicon for all of its parts."""

import re
from enum import Enum
from typing import Final

from orchestrator.engine.demo.words import stem


class Action(Enum):
    """What somebody may want done; a tool's name and a caller's clause are both read as one of these."""

    ADD = "add"
    REMOVE = "remove"
    CHANGE = "change"
    SHOW = "show"
    FINISH = "finish"
    CLEAR = "clear"
    CANCEL = "cancel"
    BOOK = "book"
    START = "start"
    STOP = "stop"
    FIND = "find"
    SEND = "send"
    CALL = "call"
    PLAY = "play"
    OPEN = "open"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Phrases of several words stand first in a clause's reading; single verbs after them.
CALLER_PHRASES: Final[tuple[tuple[str, Action], ...]] = (
    ("that is all", Action.FINISH),
    ("that is it", Action.FINISH),
    ("that will be all", Action.FINISH),
    ("that will be it", Action.FINISH),
    ("that would be all", Action.FINISH),
    ("that is everything", Action.FINISH),
    ("that will be everything", Action.FINISH),
    ("nothing else", Action.FINISH),
    ("check out", Action.FINISH),
    ("check me out", Action.FINISH),
    ("place the order", Action.FINISH),
    ("place my order", Action.FINISH),
    ("i am done", Action.FINISH),
    ("we are done", Action.FINISH),
    ("i am ready to order", Action.ADD),
    ("start over", Action.CLEAR),
    ("start again", Action.CLEAR),
    ("from scratch", Action.CLEAR),
    ("remove everything", Action.CLEAR),
    ("remove all", Action.CLEAR),
    ("delete everything", Action.CLEAR),
    ("delete all", Action.CLEAR),
    ("forget everything", Action.CLEAR),
    ("take off", Action.REMOVE),
    ("take out", Action.REMOVE),
    ("take away", Action.REMOVE),
    ("get rid of", Action.REMOVE),
    ("leave out", Action.REMOVE),
    ("do not want", Action.REMOVE),
    ("do not need", Action.REMOVE),
    ("look up", Action.FIND),
    ("look for", Action.FIND),
    ("search for", Action.FIND),
    ("looking for", Action.FIND),
    ("find out", Action.FIND),
    ("turn on", Action.START),
    ("switch on", Action.START),
    ("wake me", Action.START),
    ("remind me", Action.START),
    ("turn off", Action.STOP),
    ("switch off", Action.STOP),
    ("turn down", Action.CHANGE),
    ("turn up", Action.CHANGE),
    ("let me see", Action.SHOW),
    ("what do you have", Action.SHOW),
    ("what have you got", Action.SHOW),
    ("do you have", Action.SHOW),
    ("how much", Action.SHOW),
    ("how many", Action.SHOW),
    ("what is", Action.SHOW),
    ("what are", Action.SHOW),
    ("tell me", Action.SHOW),
    ("read me", Action.SHOW),
    ("give me a list", Action.SHOW),
    ("i would like to see", Action.SHOW),
    ("i want to see", Action.SHOW),
    ("i would like to book", Action.BOOK),
    ("i want to book", Action.BOOK),
    ("sign me up", Action.BOOK),
    ("leave a message", Action.SEND),
    ("take a message", Action.SEND),
    ("pass on", Action.SEND),
)

# Phrases with something in between, by pattern.
CALLER_PATTERNS: Final[tuple[tuple[re.Pattern[str], Action], ...]] = (
    (re.compile(r"\b(?:take|leave|get)\b.{2,40}\b(?:off|out|away)\b"), Action.REMOVE),
    (re.compile(r"\blet \w+ know\b"), Action.SEND),
    (re.compile(r"\b(?:send|write|leave|give) \w+ a (?:message|note|text)\b"), Action.SEND),
    (re.compile(r"\b(?:turn|switch)\b.{2,40}\bon\b"), Action.START),
    (re.compile(r"\b(?:turn|switch)\b.{2,40}\boff\b"), Action.STOP),
)

WISHES: Final = re.compile(
    r"\border\b|\b(?:i|we) (?:would like|will (?:have|take|get)|want|need)\b"
    r"|\b(?:can|could|may) (?:i|we) (?:get|have)\b|\b(?:give|get|bring) (?:me|us)\b"
)
"""How people ask for things, where "I have a rash" asks for nothing."""

VERBS: Final[dict[Action, frozenset[str]]] = {
    Action.ADD: _set("add order want like have get take give need put include bring grab buy fancy"),
    Action.REMOVE: _set("remove delete drop exclude subtract unadd"),
    Action.CHANGE: _set("change make update set modify replace adjust edit switch swap instead rename"),
    Action.SHOW: _set("show list see view read tell what which check describe get status display how"),
    Action.FINISH: _set("checkout pay finish submit complete finalize finalise confirm purchase done"),
    Action.CLEAR: _set("clear empty reset wipe erase forget"),
    Action.CANCEL: _set("cancel abort void revoke"),
    Action.BOOK: _set("book reserve reservation schedule appoint arrange enrol enroll register plan"),
    Action.START: _set("set start begin create turn remind wake"),
    Action.STOP: _set("stop end pause halt mute silence"),
    Action.FIND: _set("find lookup search locate google where when who"),
    Action.SEND: _set("send transfer write mail email text message tell forward leave deliver post notify"),
    Action.CALL: _set("call ring dial phone"),
    Action.PLAY: _set("play listen hear"),
    Action.OPEN: _set("open unlock launch"),
}

# How a tool's name is read: its first word that stands here, else its action is unknown.
TOOL_VERBS: Final[dict[str, Action]] = {
    **dict.fromkeys(_set("add append order put insert buy"), Action.ADD),
    **dict.fromkeys(_set("remove delete drop take"), Action.REMOVE),
    **dict.fromkeys(_set("change update set modify replace adjust edit switch rename"), Action.CHANGE),
    **dict.fromkeys(_set("show list get view read fetch describe display menu status tell"), Action.SHOW),
    **dict.fromkeys(
        _set("checkout pay finish submit complete finalize finalise confirm purchase"), Action.FINISH
    ),
    **dict.fromkeys(_set("clear empty reset wipe erase"), Action.CLEAR),
    **dict.fromkeys(_set("cancel abort void revoke"), Action.CANCEL),
    **dict.fromkeys(_set("book reserve schedule arrange register enroll enrol"), Action.BOOK),
    **dict.fromkeys(_set("start begin create make"), Action.START),
    **dict.fromkeys(_set("stop end pause mute"), Action.STOP),
    **dict.fromkeys(_set("find lookup search locate query look"), Action.FIND),
    **dict.fromkeys(_set("send write mail email text leave notify transfer"), Action.SEND),
    **dict.fromkeys(_set("call dial ring phone"), Action.CALL),
    **dict.fromkeys(_set("play"), Action.PLAY),
    **dict.fromkeys(_set("open unlock"), Action.OPEN),
}
TOOL_PHRASES: Final[dict[str, Action]] = {
    "check out": Action.FINISH,
    "place order": Action.FINISH,
    "submit order": Action.FINISH,
    "remove all": Action.CLEAR,
    "delete all": Action.CLEAR,
    "take message": Action.SEND,
    "leave message": Action.SEND,
    "make reservation": Action.BOOK,
    "make appointment": Action.BOOK,
    "turn on": Action.START,
    "turn off": Action.STOP,
    "look up": Action.FIND,
}

# A clause read as the first may mean a tool read as one of the others; with less certainty.
NEAR_ACTIONS: Final[dict[Action, frozenset[Action]]] = {
    Action.ADD: frozenset({Action.BOOK, Action.SHOW, Action.START, Action.PLAY}),
    Action.CHANGE: frozenset({Action.START}),
    Action.START: frozenset({Action.CHANGE, Action.BOOK, Action.ADD}),
    Action.STOP: frozenset({Action.CANCEL, Action.CHANGE, Action.REMOVE, Action.CLEAR}),
    Action.SHOW: frozenset({Action.FIND}),
    Action.FIND: frozenset({Action.SHOW}),
    Action.CANCEL: frozenset({Action.REMOVE, Action.CLEAR, Action.STOP}),
    Action.REMOVE: frozenset({Action.CANCEL, Action.CLEAR, Action.CHANGE}),
    Action.CLEAR: frozenset({Action.CANCEL, Action.REMOVE}),
    Action.SEND: frozenset({Action.CALL, Action.SHOW}),
    Action.BOOK: frozenset({Action.ADD, Action.START}),
    Action.PLAY: frozenset({Action.START, Action.SHOW}),
    Action.FINISH: frozenset(),
    Action.CALL: frozenset({Action.SEND}),
    Action.OPEN: frozenset({Action.START, Action.CHANGE}),
}

# Words of one group are taken for one another when a clause is compared with a tool.
_FOOD: Final = (
    "food eat hungry meal lunch dinner breakfast pizza pizzeria restaurant pasta burger salad sandwich snack "
    "drink coke cola beer wine juice dessert takeaway takeout pickup delivery topping cheese margherita "
    "pepperoni thirsty order"
)
_GROUPS: Final = (
    "cart basket order bag",
    "total cost bill sum much amount",
    "price cost fee much",
    "menu offer dish food eat card choice",
    _FOOD,
    "weather rain rainy sunny forecast temperature cold warm snow wind windy umbrella degree",
    "timer alarm countdown",
    "remind reminder",
    "appointment meeting calendar event slot",
    "table reservation seat party",
    "room hotel stay night suite",
    "message note voicemail",
    "light lamp",
    "music song track playlist album artist",
    "flight fly plane airport ticket",
    "train bus tram station",
    "invoice bill charge payment refund billing charged owe",
    "complaint complain problem wrong unhappy",
    "technical broken error internet router connection password login wifi crash bug",
    "account balance money bank savings dollar euro pound cash",
    "recipe cook ingredient",
    "parcel package shipment delivery tracking track",
    "doctor clinic nurse health medicine prescription",
    "book novel author library",
    "hour open opening close closed closing",
    "person human someone somebody operator representative agent staff employee colleague manager",
    "film movie cinema show",
    "translate translation language",
    "convert exchange currency rate",
)
RELATED: Final[dict[str, frozenset[str]]] = {}
for _group in _GROUPS:
    _members = frozenset(stem(word) for word in _group.split())
    for _member in _members:
        RELATED[_member] = RELATED.get(_member, frozenset()) | _members

POLITE: Final = _set(
    "please thanks thank you kindly hi hello hey ok okay well um uh so oh ah er just actually maybe perhaps "
    "now then also too yeah yes yep sure alright right great good fine perfect cool sorry madam sir"
)
DETERMINERS: Final = _set("a an the some any my your our this that these those another more of")
STOP_WORDS: Final = (
    POLITE
    | DETERMINERS
    | _set(
        "i me we us you it its he she they them is are was were be been am do does did can could would will "
        "shall should may might must to for with on in at by from up out off about into as if or and but not "
        "no have has had want like need get give take let there here what which who how when where why all "
        "everything anything something else one use used caller callers wants it's their when about only "
        "current currently new"
    )
)
NEGATIONS: Final = _set("not no never without don't cannot")
YES: Final = (
    "yes",
    "yeah",
    "yep",
    "yup",
    "sure",
    "ok",
    "okay",
    "of course",
    "please do",
    "go ahead",
    "do it",
    "correct",
    "right",
    "exactly",
    "sounds good",
    "that is right",
    "that is correct",
    "confirm",
    "confirmed",
    "absolutely",
    "definitely",
    "fine",
    "yes please",
    "certainly",
    "perfect",
    "great",
)
NO: Final = (
    "no",
    "nope",
    "nah",
    "do not",
    "not now",
    "never mind",
    "nevermind",
    "forget it",
    "leave it",
    "cancel that",
    "stop",
    "wait",
    "not yet",
    "rather not",
    "no thanks",
    "no thank you",
    "not really",
    "that is wrong",
    "that is not right",
    "wrong",
)
HUMAN: Final = _set("human person someone somebody operator representative agent staff employee manager real")


def related(first: str, second: str) -> bool:
    """Whether two stems are one, or of one group."""
    return first == second or second in RELATED.get(first, ())
