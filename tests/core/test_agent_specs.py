from types import MappingProxyType

import pytest

from orchestrator.core.agent_specs import Workshop, class_path, compile_agent, description_of
from orchestrator.core.agents import Agent
from orchestrator.core.definition import AgentSpec, InstructionContext, Limits
from orchestrator.core.errors import DeclarationError
from orchestrator.core.handoffs import Handoff
from orchestrator.core.problems import errors_of
from orchestrator.core.state import State
from orchestrator.core.tools import Tool, ToolContext, tool

pytestmark = pytest.mark.unit

CONTEXT = InstructionContext(conversation_id="conv_1", agent="menu", states={})


class Cart(State):
    items: list[str] = []


class Guest(State):
    name: str = ""


class OtherCart(State, name="cart"):
    pass


class Needy(State):
    number: int
    text: str


class Odd(State, name="an odd name"):
    pass


class Broken(State):
    items: list[str] = [3]  # type: ignore[list-item]


@tool
def add_item(ctx: ToolContext, cart: Cart, item: str) -> Cart:
    """Add an item."""
    cart.items.append(f"{item} by {ctx.agent}")
    return cart


lookup = Tool(name="lookup", description="Look it up.", run=lambda _, __: None)


def plain() -> None: ...


def shop() -> Workshop:
    return Workshop({"menu": "Tells the menu.", "triage": "Answers the phone."})


def compiled(agent: type[Agent]) -> AgentSpec:
    used = shop()
    spec = compile_agent(agent, "menu", used)
    assert errors_of(used.problems) == []
    return spec


def problems_of(agent: type[Agent]) -> list[str]:
    used = shop()
    compile_agent(agent, "menu", used)
    where = class_path(agent)
    return [str(problem).removeprefix(f"{where}.").partition(" (/")[0] for problem in used.problems]


def declared(**attributes: object) -> type[Agent]:
    return type("Menu", (Agent,), {"__module__": __name__, "instructions": "Be kind.", **attributes})


def test_a_class_is_compiled_with_all_that_it_says() -> None:
    class Menu(Agent):
        """Tells the menu."""

        instructions = """
            Be kind.
              And brief.
        """
        voice = "marin"
        greeting = "Hello."
        state = Guest
        tools = [add_item, lookup]
        handoffs = [Handoff("triage", when="anything else")]
        engine = "openai"
        model = "gpt-realtime"
        turn_detection = "semantic_vad"
        reload = "native"
        tts = "embedded"
        limits = Limits(tool_steps=3)
        hints = {"add_item": ["a coke"], "triage": ["hello"], "transfer_to_triage": ["hi"], "*": ["yes"]}
        enabled = False

    spec = compiled(Menu)
    assert spec.name == "menu"
    assert spec.description == "Tells the menu."
    assert spec.instructions == "Be kind.\n  And brief."
    assert (spec.voice, spec.greeting, spec.engine, spec.model) == (
        "marin",
        "Hello.",
        "openai",
        "gpt-realtime",
    )
    assert spec.turn_detection == {"type": "semantic_vad"}
    assert (spec.reload, spec.tts, spec.enabled, spec.revision) == ("native", "embedded", False, 0)
    assert spec.limits == Limits(tool_steps=3)
    assert [state.name for state in spec.states] == ["guest", "cart"]
    assert spec.states[1].initial == {"items": []}
    assert [each.name for each in spec.tools] == ["add_item", "lookup"]
    assert [each.function for each in spec.handoffs] == ["transfer_to_triage"]
    assert spec.hints == {
        "add_item": ("a coke",),
        "transfer_to_triage": ("hello", "hi"),
        "*": ("yes",),
    }


def test_attributes_are_inherited_as_usual() -> None:
    class Base(Agent, abstract=True):
        instructions = "Be kind."
        voice = "marin"
        tools = [lookup]
        _private = 1
        CONSTANT = ["not", "a", "setting"]

    class Menu(Base):
        tools = [*Base.tools, add_item]
        hints = ["yes", "no"]

        def helper(self) -> str:
            return "not a setting"

        @property
        def computed(self) -> str:
            return "not a setting"

        @classmethod
        def made(cls) -> str:
            return "not a setting"

        @staticmethod
        def free() -> str:
            return "not a setting"

    spec = compiled(Menu)
    assert spec.voice == "marin"
    assert spec.instructions == "Be kind."
    assert [each.name for each in spec.tools] == ["lookup", "add_item"]
    assert spec.hints == {"*": ("yes", "no")}


def test_the_description_is_the_nearest_docstring() -> None:
    class Mixin:
        """No agent at all."""

    class Base(Agent, abstract=True):
        """The base."""

    class Menu(Mixin, Base):
        pass

    class Bare(Agent):
        pass

    assert description_of(Menu) == "The base."
    assert description_of(Bare) == ""


def test_instructions_may_be_a_method_of_the_context() -> None:
    class Menu(Agent):
        voice = "marin"

        def instructions(self, context: InstructionContext) -> str:
            return f"""
                You are {context.agent}, in {self.voice}.
            """

    instructions = compiled(Menu).instructions
    assert not isinstance(instructions, str)
    assert instructions(CONTEXT) == "You are menu, in marin."


def test_instructions_may_be_a_class_method_or_a_static_one() -> None:
    class OfClass(Agent):
        @classmethod
        def instructions(cls, context: InstructionContext) -> str:
            return context.agent + cls.__name__

    class Static(Agent):
        @staticmethod
        def instructions(context: InstructionContext) -> str:
            return context.agent

    for agent, expected in ((OfClass, "menuOfClass"), (Static, "menu")):
        instructions = compiled(agent).instructions
        assert not isinstance(instructions, str)
        assert instructions(CONTEXT) == expected


def test_instructions_that_return_no_text_are_an_error_of_the_class() -> None:
    agent = declared(instructions=lambda _self, _context: None)
    instructions = compiled(agent).instructions
    assert not isinstance(instructions, str)
    with pytest.raises(DeclarationError, match=r"test_agent_specs.Menu.instructions returned a NoneType"):
        instructions(CONTEXT)


async def asynchronous(_: object, __: object) -> str:
    return ""


def fails(_: object) -> None:
    raise RuntimeError("no")


def needs_more(_: object, number: int) -> None: ...


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        (
            {"voise": "marin"},
            "voise: is no setting of an agent. Write 'voice'; _voise or VOISE is left alone.",
        ),
        ({"handoff": []}, "handoff: is no setting of an agent. Write 'handoffs'; "),
        (
            {"zzz": 1},
            "zzz: is no setting of an agent. Known are enabled, engine, greeting, handoffs, hints, ",
        ),
        ({"voice": 3}, "voice: 3 is no text. Write text such as 'marin', or None."),
        ({"engine": "openia"}, "engine: 'openia' is no engine. Write 'openai'."),
        ({"limits": {"tool_steps": 3}}, "limits: {'tool_steps': 3} is no Limits. Write Limits(tool_steps=8)"),
        ({"reload": "mp3"}, "reload: 'mp3' is not known. Write 'tts' or 'native'."),
        (
            {"voice": "marine"},
            "voice: 'marine' is no voice of the Realtime protocol. Perhaps 'marin' is meant.",
        ),
        ({"instructions": ""}, "instructions: are missing. Tell the model what the agent does, and how."),
        (
            {"instructions": 3},
            "instructions: 3 is no text and no method. Write text, or def instructions(self",
        ),
        ({"instructions": asynchronous}, "instructions: are async. Write a plain def; a tool can fetch what"),
        (
            {"instructions": lambda _: ""},
            "instructions: cannot be called with the context alone. Write def instructions(self, context: ",
        ),
        (
            {"instructions": lambda _, __: "", "__init__": needs_more},
            "__init__: cannot be called without arguments (TypeError: needs_more() missing 1 required",
        ),
        (
            {"instructions": lambda _, __: "", "__init__": fails},
            "__init__: cannot be called without arguments (RuntimeError: no). Leave __init__ out.",
        ),
        ({"tools": lookup}, "tools: Tool('lookup') is no list. Write tools = [add_item, lookup]."),
        ({"tools": "lookup"}, "tools: 'lookup' is no list. Write tools = [add_item, lookup]."),
        ({"tools": [plain]}, "tools: <function plain at "),
        ({"tools": [3]}, "tools: 3 is no Tool. Write tools = [add_item, lookup]."),
        ({"tools": [lookup, lookup]}, "tools: two tools are named 'lookup'. Give one another name."),
        (
            {"tools": [Tool(name="transfer_to_x", description="d")]},
            "tools.transfer_to_x: has a name that only handoffs have. Give it a name that does not begin",
        ),
        ({"add": lookup}, "add: is a tool that no list names. Add it: tools = [add]."),
        (
            {"handoffs": ["triage"]},
            "handoffs: 'triage' is no Handoff. Write handoffs = [Handoff(\"triage\", ",
        ),
        (
            {"handoffs": [Handoff("triag", when="x")]},
            "handoffs.triag.target: there is no agent 'triag'. Write 'triage'.",
        ),
        (
            {"handoffs": [Handoff("menu", when="x")]},
            "handoffs.menu.target: hands over to itself. Take this handoff out.",
        ),
        (
            {"handoffs": [Handoff("triage", when="x"), Handoff("triage", when="y")]},
            "handoffs: 'transfer_to_triage' is also the name of another handoff. Give one another name: ",
        ),
        ({"state": int}, "state: <class 'int'> is no State class. Write a State class, or a list of them."),
        ({"state": [Cart, "x"]}, "state: 'x' is no State class."),
        (
            {"state": [Cart, OtherCart]},
            f"state.cart: {__name__}.OtherCart and {__name__}.Cart share a name. Rename one: class Other",
        ),
        (
            {"state": Needy},
            "state.needy: cannot start without a value for number and text. Give each a default.",
        ),
        ({"state": Odd}, "state.an odd name: has a name that cannot be an identifier. Use letters"),
        (
            {"state": Broken},
            "state.broken: The state 'broken' holds a value that does not fit its type, in: items.",
        ),
        (
            {"hints": {"ad_item": ["x"]}, "tools": [add_item]},
            "hints: 'ad_item' is no tool and no handoff of this",
        ),
        ({"hints": {"zzz": ["x"]}}, "hints: 'zzz' is no tool and no handoff of this agent. Name a tool or a"),
        ({"hints": {"*": "text"}}, "hints: '*' holds no list of phrases. Write a list of texts."),
        ({"hints": "text"}, "hints: '*' holds no list of phrases. Write a list of texts."),
        ({"hints": [3]}, "hints: '*' holds no list of phrases. Write a list of texts."),
    ],
)
def test_what_is_wrong_with_a_class_is_told(attributes: dict[str, object], problem: str) -> None:
    [found] = problems_of(declared(**attributes))
    assert found.startswith(problem)


def test_a_plain_function_among_the_tools_is_to_be_decorated() -> None:
    [found] = problems_of(declared(tools=[plain]))
    assert found.endswith("is no Tool. Decorate it with @tool: tools = [plain].")


def test_a_tool_of_the_class_body_that_a_list_names_is_no_problem() -> None:
    compiled(declared(look=lookup, tools=[lookup]))


def test_an_unknown_attribute_of_a_base_is_told_once() -> None:
    class Base(Agent, abstract=True):
        instructions = "Be kind."
        voise = "a"

    class Menu(Base):
        voise = "b"

    assert len(problems_of(Menu)) == 1


def test_everything_wrong_is_told_at_once() -> None:
    agent = declared(voise="x", voice=3, tools=3, handoffs=3, state=3, hints=3, limits=3)
    assert [problem.partition(":")[0] for problem in problems_of(agent)] == [
        "voise",
        "voice",
        "limits",
        "tools",
        "handoffs",
        "state",
        "hints",
    ]


def test_a_broken_tool_is_told_once_though_two_agents_list_it() -> None:
    @tool
    def broken(x) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Do it."""

    used = shop()
    compile_agent(declared(tools=[broken]), "menu", used)
    compile_agent(declared(tools=[broken]), "triage", used)
    assert [problem.attribute for problem in used.problems] == ["tools.broken.x"]


def test_hints_without_phrases_are_left_out() -> None:
    assert compiled(declared(hints=MappingProxyType({"*": []}))).hints == {}


def test_a_name_is_suggested_for_a_misspelt_hint() -> None:
    [found] = problems_of(declared(hints={"ad_item": ["x"]}, tools=[add_item]))
    assert found.endswith("Write 'add_item'.")
