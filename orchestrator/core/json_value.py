"""Names for JSON data, so that no `Any` is needed where JSON passes through."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    JsonValue: TypeAlias = "None | bool | int | float | str | list[JsonValue] | dict[str, JsonValue]"
else:
    JsonValue: TypeAlias = object
    """Whoever makes decoders of annotations, as msgspec does, cannot follow a name that contains itself."""
JsonObject: TypeAlias = dict[str, JsonValue]
