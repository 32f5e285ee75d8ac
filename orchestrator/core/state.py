"""State: typed data that a conversation carries from agent to agent and from call to call."""

import re
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from orchestrator.core.errors import OrchestratorError
from orchestrator.core.json_value import JsonObject, JsonValue


class StateMismatchError(OrchestratorError):
    """A stored value does not fit its class, most often because the class was changed since."""

    code = "state_mismatch"


def snake_case(name: str) -> str:
    """Turn a class name into words joined by underscores: `OrderCart` to `order_cart`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return words.strip("_").lower()


class State(BaseModel):
    """Base of a conversation's typed data, such as a cart; a pydantic model.

    Every field needs a default, since a conversation starts with none of it. A tool is given the present
    value by a parameter of this type; how it leaves it, or what it returns of this type, is stored as a
    revision together with the tool's output. Its name is that of the class in snake case, or given:
    `class Cart(State, name="basket")`.

    Values are stored as JSON (pydantic's JSON mode), so decimals are kept exactly, as text.
    """

    model_config = ConfigDict(allow_inf_nan=False, validate_assignment=True)

    __state_name__: ClassVar[str] = "state"

    def __init_subclass__(cls, *, name: str | None = None, **options: object) -> None:
        super().__init_subclass__(**options)  # type: ignore[arg-type]
        cls.__state_name__ = name or snake_case(cls.__name__)

    @classmethod
    def state_name(cls) -> str:
        """The name under which it is stored and shown."""
        return cls.__state_name__

    @classmethod
    def initial_value(cls) -> JsonObject:
        """Its value before any revision.

        Raises:
            ValidationError: A field has no default.
        """
        return cls().to_stored()

    @classmethod
    def from_stored(cls, value: JsonObject) -> Self:
        """Read a stored value.

        Args:
            value: What `to_stored` made, perhaps of an older version of the class.

        Raises:
            StateMismatchError: It does not fit the class.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}"
                for entry in error.errors(include_input=False, include_url=False)[:5]
            )
            raise StateMismatchError(
                f"The stored state {cls.state_name()!r} does not fit the class {cls.__qualname__}: {wrong}. "
                "Give new fields a default, or migrate the stored values.",
                param=cls.state_name(),
            ) from None

    def to_stored(self) -> JsonObject:
        """Its value as JSON data, checked to be readable again.

        Raises:
            StateMismatchError: A field holds a value of another type, or one that JSON cannot say.
        """
        try:
            value: JsonObject = self.model_dump(mode="json", warnings="error")
        except PydanticSerializationError as error:
            fields = ", ".join(sorted(set(re.findall(r"field_name='(\w+)'", str(error))))) or "a field"
            raise StateMismatchError(
                f"The state {self.state_name()!r} holds a value that does not fit its type, in: {fields}. "
                "Give every field a value of the type that the class declares.",
                param=self.state_name(),
            ) from None
        self.from_stored(value)
        return value

    def for_model(self) -> JsonValue:
        """What the model is told when a tool returns this state; all of it, unless overridden.

        Override it to answer with something short enough to be spoken.
        """
        return self.to_stored()
