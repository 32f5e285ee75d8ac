"""Templates in one language: their sentences are looked up once, when a template is compiled.

A page of a long call has thousands of places with words of ours. Looked up as the page is made they would
cost as much again as the row that they stand in; so there is an environment for each language, and in its
templates `word("…")` is the sentence itself. What is known only when a page is made, such as `word(outcome)`,
is looked up then.
"""

from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from orchestrator.web.escaping import PageEnvironment
from orchestrator.web.wording import Wording


class TranslatedEnvironment(PageEnvironment):
    """An environment of templates in one language.

    Args:
        word: The sentences; templates, and the macros that they import, call them `word`.
        options: Jinja's.
    """

    def __init__(self, word: Wording, **options: Any) -> None:
        super().__init__(**options)
        self.globals["word"] = word
        self._translator = _Translator(word)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(self._translator.visit(source), name, filename, defer_init)


class _Translator(NodeTransformer):
    """Puts a sentence into the place of `word("…")`."""

    def __init__(self, word: Wording) -> None:
        self._word = word

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - named by Jinja
        match node:
            case nodes.Call(node=nodes.Name(name="word"), args=[nodes.Const(value=str() as english)]):
                return nodes.Const(self._word(english), lineno=node.lineno)
        return self.generic_visit(node)
