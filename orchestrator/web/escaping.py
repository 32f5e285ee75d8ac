"""How templates become Python: as Jinja makes it, but for what takes most of the time of a long page.

Jinja makes a `Markup` of every value that a page shows, by markupsafe, only to join it with the others as
text; it asks a function for every attribute, since it might be an entry of a dictionary; and it asks of all
that is called whether it wants to know the context. The page of a long call shows ten thousand values, of
twenty thousand attributes. Here a value is escaped to plain text at once, and what is `Markup` already, such
as the result of a macro or of a filter, stays as it is. A dot is an attribute, as in Python: an entry of a
dictionary is written in brackets. A name that is called is called. And what a loop makes is passed on at
once, for every piece that is passed on goes through all the templates around its own.
"""

from typing import Final

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

LONG: Final = "review/"
"""The folder of the templates whose dots are attributes."""


def escaped(value: object) -> str:
    """A value as text of a page: the same to a browser as what `markupsafe.escape` makes of it."""
    if type(value) is str:
        # As `html.escape`, whose call is a fifth of its time.
        found = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return found.replace('"', "&quot;").replace("'", "&#x27;")
    if type(value) is Markup:
        return value
    return str(value) if type(value) is int else escape(value)


class _Generator(CodeGenerator):
    """Writes templates as Python that calls `escaped`, where Jinja's native types differ too."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.escaped(")
        if finalize.src is not None:
            self.write(finalize.src)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        if frame.buffer is not None:
            super().visit_For(node, frame)
            return
        self.buffer(frame)
        super().visit_For(node, frame)
        pieces, frame.buffer = frame.buffer, None
        self.simple_write(f"concat({pieces})", frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        if not (self.name or "").startswith(LONG):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(  # noqa: N802
        self,
        node: nodes.Call,
        frame: Frame,
        forward_caller: bool = False,
    ) -> None:
        plain = isinstance(node.node, nodes.Name) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        if forward_caller or not plain:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")


class PageEnvironment(Environment):
    """An environment of templates that escape by `escaped`; its arguments are Jinja's.

    No function that a template calls by its name may ask for the context (`jinja2.pass_context`).
    """

    code_generator_class = _Generator
    escaped = staticmethod(escaped)
