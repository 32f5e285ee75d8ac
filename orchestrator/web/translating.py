"""Templates in one language: their sentences are looked up once, when a template is compiled.

A page of a long call has thousands of places with words of ours. Looked up as the page is made, they would
make it slower than it was in one language; so there is an environment for each language, and in its templates
`word("…")` is the sentence itself, in pieces where it has gaps. What is known only when a page is made, such
as `word(outcome)`, is looked up then.
"""

from collections.abc import Iterator
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from orchestrator.web.escaping import PageEnvironment
from orchestrator.web.wording import Wording

GAP = "{}"


class TranslatedEnvironment(PageEnvironment):
    """An environment of templates in one language.

    Args:
        word: The sentences; templates, and the macros that they import, call them `word`.
        options: Jinja's.
    """

    def __init__(self, word: Wording, **options: Any) -> None:
        super().__init__(**options)
        self.globals["word"] = word
        # Filters are called as they are; whatever else a template calls goes through Jinja's context.
        self.filters.update(word=word, filled=str.format)
        self._translator = _Translator(word)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        return super()._generate(self._translator.visit(source), name, filename, defer_init)


class _Translator(NodeTransformer):
    """Puts a sentence into the place of `word("…")`."""

    def __init__(self, word: Wording) -> None:
        self._word = word

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 - named by Jinja
        node.nodes = [piece for child in node.nodes for piece in self._pieces(child)]
        return self.generic_visit(node)

    def _pieces(self, child: nodes.Expr) -> Iterator[nodes.Expr]:
        """What is put out for an expression: of a sentence with gaps, its words and its values in turn."""
        match child:
            case nodes.Call(
                node=nodes.Name(name="word"), args=[nodes.Const(value=str() as english), *values]
            ):
                words = self._word(english).split(GAP)
                if len(words) == len(values) + 1:
                    yield nodes.Const(words[0], lineno=child.lineno)
                    for value, behind in zip(values, words[1:], strict=True):
                        yield value
                        yield nodes.Const(behind, lineno=child.lineno)
                    return
        yield child

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        match node:
            case nodes.Call(
                node=nodes.Name(name="word"), args=[nodes.Const(value=str() as english), *values]
            ):
                sentence = nodes.Const(self._word(english), lineno=node.lineno)
                filled = values or node.dyn_args is not None
                return self.generic_visit(_filter(sentence, "filled", values, node)) if filled else sentence
            case nodes.Call(node=nodes.Name(name="word"), args=[english, *values]):
                return self.generic_visit(_filter(english, "word", values, node))
        return self.generic_visit(node)


def _filter(subject: nodes.Expr, name: str, values: list[nodes.Expr], call: nodes.Call) -> nodes.Filter:
    """A filter in the place of a call."""
    return nodes.Filter(subject, name, values, [], call.dyn_args, None, lineno=call.lineno)
