"""What callers say to any agent, whatever it is for: greetings, answers, corrections, numbers, times.

Written for this project. `{number}`, `{hour}`, `{day}`, `{digit}` and `{name}` stand for any of their words.
"""

from typing import Final


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.replace("\n", " ").split("/"))


NUMBERS: Final = _phrases(
    """
one / two / three / four / five / six / seven / eight / nine / ten / eleven / twelve / thirteen / fourteen
/ fifteen / sixteen / seventeen / eighteen / nineteen / twenty / thirty / forty / fifty / sixty / seventy
/ eighty / ninety
"""
)
HOURS: Final = NUMBERS[:12]
DAYS: Final = _phrases(
    """
monday / tuesday / wednesday / thursday / friday / saturday / sunday / today / tomorrow / tonight
"""
)
DIGITS: Final = ("zero", "oh", *NUMBERS[:9])
NAMES: Final = _phrases(
    """
ada / adam / alex / alice / amy / andrew / anna / ben / brian / carlos / charles / chris / daniel / david /
diana / emily / emma / eric / frank / george / grace / hannah / helen / jack / james / jane / jessica / john
/ jose / julia / karen / kate / kevin / laura / leo / linda / lisa / lucy / maria / mark / martin / mary /
matthew / max / michael / nancy / nina / oliver / olivia / oscar / paul / peter / rachel / richard / robert /
rose / ruth / sam / sarah / sophia / steven / susan / thomas / tom / victor / brown / davis / garcia /
johnson / jones / miller / smith / taylor / williams / wilson
"""
)
"""First and last names that many callers have. A recogniser hears only names that it knows."""

SLOTS: Final = {"number": NUMBERS, "hour": HOURS, "day": DAYS, "digit": DIGITS, "name": NAMES}

ANSWERS: Final = _phrases(
    """
yes / yes please / yeah / yep / yes that's right / that's right / that's correct / correct / sure / okay /
ok / sounds good / that sounds good / that sounds great / perfect / great / great thank you / right /
exactly / of course / fine / that's fine / go ahead / please do / yes go ahead / i think so / no /
no thanks / no thank you / nope / no that's wrong / that's wrong / not that one / no not that / not really
/ i don't think so / i don't want that / no that's all / no that's it / nothing else
"""
)
"""Short answers to a question: by far the most that callers say, and the shortest to be told apart."""

NAME_ANSWERS: Final = _phrases(
    """
{name} / {name} please / {name} {name} / my name is {name} / my name is {name} {name} /
the name is {name} / it's {name} / it is {name} / this is {name} / i'm {name} / for {name} / under {name} /
no {name} / no it's {name} / no my name is {name} / yes {name}
"""
)
"""Answers to the question for a name, and to whether it was heard right."""

PHRASES: Final = _phrases(
    """
hello / hi /
hi there / good morning / good afternoon / good evening / hey / bye / goodbye / thank you / thanks /
thank you very much / thanks a lot / thank you bye / thanks bye / please / that's all /
that's all thank you / that's it / that's it for now / that will be all / that's everything / i'm done /
we're done / nothing else thank you / i think that's everything / that would be all / sorry / sorry what /
pardon / excuse me / what / what was that / what did you say / say that again / can you repeat that /
can you repeat that please / could you repeat that please / could you say that again / i didn't hear that
/ i didn't get that / i don't understand / can you hear me / are you there / can you speak slower /
can you speak up / slower please / wait / wait a moment / wait a minute / one moment / one moment please /
just a second / hold on / hang on / let me think / let me see / stop / cancel / cancel that / cancel it /
never mind / forget it / start over / start again / go back / undo that / actually / actually no /
actually yes / i mean / no wait / i changed my mind / i've changed my mind / scratch that /
i made a mistake / that was a mistake / make it {number} / make that {number} / can you make it {number} /
change it to {number} / just {number} / {number} / {number} please / {number} of them / {number} of those
/ only {number} / no {number} / {number} more / one more / another one / and another one / the same again
/ the same / both / both of them / the first one / the second one / the third one / the last one /
the other one / this one / that one / none / none of them / all of them / either / any / anything /
something else / it doesn't matter / i don't know / i'm not sure / maybe / i guess / not yet / later / now
/ right now / as soon as possible / at {hour} / at {hour} o'clock / around {hour} / for {hour} /
at half past {hour} / half past {hour} / quarter past {hour} / quarter to {hour} / at {hour} thirty /
at {hour} fifteen / at {hour} pm / at {hour} am / in the morning / in the afternoon / in the evening /
at noon / at midnight / in an hour / in half an hour / in {number} minutes / for {day} / on {day} / {day}
/ {day} at {hour} / {day} at half past {hour} / next {day} / this {day} / for {day} at {hour} /
{day} morning / {day} evening / {day} afternoon / how much is it / how much is that /
how much does it cost / how much will that be / what does it cost / what's the total / what is the total /
what's the price / how much do i owe you / is that all / how long does it take / how long will it take /
how long will that take / when will it be ready / when is it ready / is it ready / what time do you close
/ what time do you open / are you open / when are you open / where are you / what's your address /
what is the address / who is this / who am i speaking to / are you a robot / are you human /
i want to speak to a human / i would like to speak to a person / can i talk to somebody /
can i speak to someone please / let me speak to a person / transfer me please / put me through /
what can you do / what can i do / what do you have / what do you offer / what are my options / what else /
what else do you have / tell me more / tell me about it / help / can you help me / i need help /
i have a question / i have a problem / i'd like to ask something / what do you recommend / is it good /
i would like / i'd like / i want / i need / can i have / could i have / can i get / may i have / give me /
i'll have / i'll take / i would like to order / i'd like to order / i want to order / could i also have /
and also / also / and can i also get / can you add / could you add / please add / can you remove /
please remove / can you change / i want to change / i'd like to change that / what did i order /
what do i have / read it back / can you read that back / can i pay with a card / can i pay by card /
can i pay cash / i'll pay cash / i'll pay when i get there / i'll pick it up / i'll pick it up at {hour} /
i'll pick it up at half past {hour} / i'll come by at {hour} / can you deliver / do you deliver /
to my house / to go / for here / my name is {name} / my name is {name} {name} / the name is {name} /
the name is {name} {name} /
it's for {name} / it's under {name} / under the name {name} / for {name} / {name} / {name}
{name} / it's {name} / this is {name} / i'm {name} / my number is {digit} {digit} {digit}
{digit} {digit} {digit} {digit} / my phone number is {digit} {digit} {digit} {digit} {digit}
{digit} {digit} / {digit} {digit} {digit} {digit} {digit} {digit} {digit} / my address is / my
email is / spell it / that's spelled / do you need my name /
do you need my number
"""
)
