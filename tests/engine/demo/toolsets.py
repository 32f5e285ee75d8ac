"""Toolsets for the offline demo brain's tests: those it was made with, and those it was not."""

from orchestrator.core.json_value import JsonObject, JsonValue

_MENU: list[JsonValue] = [
    "margherita",
    "pepperoni",
    "quattro_formaggi",
    "garlic_bread",
    "coke",
    "sparkling_water",
    "tiramisu",
]
_ITEM: JsonObject = {"type": "string", "enum": _MENU}
_DEFINITIONS: JsonObject = {"$defs": {"Item": _ITEM}}
_TEXT: JsonObject = {"type": "string"}
_DATE: JsonObject = {"type": "string", "format": "date"}
_WHOLE: JsonObject = {"type": "integer"}


def tool(
    name: str,
    description: str,
    properties: JsonObject | None = None,
    required: tuple[str, ...] = (),
    **more: JsonValue,
) -> JsonObject:
    """Declare a function tool as a session does."""
    parameters: JsonObject = {
        "type": "object",
        "properties": properties or {},
        "required": list(required),
        **more,
    }
    return {"type": "function", "name": name, "description": description, "parameters": parameters}


def transfer(target: str, about: str, when: str) -> JsonObject:
    """Declare a handoff the way the framework does."""
    description = f"Hand the caller over to {target}. {about} Use it when: {when}."
    return tool(f"transfer_to_{target}", description, {"reason": _TEXT}, ("reason",))


TRIAGE = (
    transfer("restaurant", "Takes pickup orders for the pizzeria.", "the caller wants to order food"),
    transfer("human", "Takes a message when no one is there.", "the caller asks for a person"),
)
PIZZERIA = (
    tool(
        "show_menu",
        "Shows the menu with sizes and prices.",
        {"section": {"type": "string", "enum": ["pizzas", "drinks", "desserts"]}},
    ),
    tool(
        "add_item",
        "Adds an item of the menu to the cart.",
        {
            "item": {"$ref": "#/$defs/Item"},
            "size": {
                "anyOf": [{"enum": ["small", "medium", "large"], "type": "string"}, {"type": "null"}],
                "default": None,
            },
            "quantity": {"type": "integer", "default": 1, "minimum": 1},
            "extras": {
                "type": "array",
                "items": {"type": "string", "enum": ["extra_cheese", "mushrooms", "olives"]},
                "default": [],
            },
        },
        ("item",),
        **_DEFINITIONS,
    ),
    tool("remove_item", "Removes an item from the cart.", {"item": _ITEM}, ("item",)),
    tool(
        "change_quantity",
        "Changes how many of an item are in the cart.",
        {"item": _ITEM, "quantity": _WHOLE},
        ("item", "quantity"),
    ),
    tool("show_cart", "Shows what is in the cart and the total."),
    tool("clear_cart", "Empties the cart."),
    tool(
        "checkout",
        "Places the order for pickup.",
        {"name": {"type": "string", "description": "Name for the pickup"}, "pickup_time": _TEXT},
        ("name",),
    ),
    transfer("human", "Takes a message when no one is there.", "the caller asks for a person"),
    transfer("triage", "Front desk.", "anything but ordering food"),
)
ASSISTANT = (
    tool("get_weather", "Get the current weather for a city.", {"city": _TEXT}, ("city",)),
    tool("set_timer", "Set a timer.", {"minutes": _WHOLE, "label": _TEXT}, ("minutes",)),
    tool("cancel_timer", "Cancel the running timer."),
    tool("lookup", "Look something up in the knowledge base.", {"query": _TEXT}, ("query",)),
    tool(
        "send_message",
        "Send a message to a contact.",
        {"recipient": _TEXT, "message": _TEXT},
        ("recipient", "message"),
    ),
    tool(
        "set_light",
        "Turn a light on or off.",
        {
            "room": {"type": "string", "enum": ["kitchen", "bedroom", "living_room"]},
            "on": {"type": "boolean"},
        },
        ("room", "on"),
    ),
    tool(
        "book_table",
        "Book a table at the restaurant.",
        {
            "party_size": {"type": "integer", "description": "number of people"},
            "date": _TEXT,
            "time": _TEXT,
            "name": _TEXT,
        },
        ("party_size", "time"),
    ),
)
_ROOM: JsonObject = {"type": "string", "enum": ["single", "double", "suite"]}
HOTEL = (
    tool(
        "find_rooms",
        "Finds free rooms.",
        {"room_type": _ROOM, "check_in": {**_DATE, "description": "date of arrival"}, "nights": _WHOLE},
        ("check_in", "nights"),
    ),
    tool(
        "book_room",
        "Books a room.",
        {"room_type": _ROOM, "check_in": _DATE, "nights": _WHOLE, "guest_name": _TEXT},
        ("room_type", "check_in", "nights", "guest_name"),
    ),
    tool(
        "cancel_booking",
        "Cancels a booking. This cannot be undone.",
        {"booking_number": _TEXT},
        ("booking_number",),
    ),
    tool(
        "request_service",
        "Sends a service to a room.",
        {
            "service": {"type": "string", "enum": ["towels", "housekeeping", "wake_up_call", "luggage_help"]},
            "room_number": _WHOLE,
        },
        ("service", "room_number"),
    ),
    tool("show_bill", "Shows the bill of a room.", {"room_number": _WHOLE}, ("room_number",)),
)
BANK = (
    tool(
        "get_balance",
        "Tells the balance of an account.",
        {"account": {"type": "string", "enum": ["checking", "savings"]}},
        ("account",),
    ),
    tool(
        "transfer_money",
        "Transfers money to somebody.",
        {"amount": {"type": "number"}, "recipient": _TEXT},
        ("amount", "recipient"),
        **{"x-confirm": True},
    ),
    tool(
        "block_card",
        "Blocks a card at once. Ask first.",
        {"card": {"type": "string", "enum": ["debit", "credit"]}},
        ("card",),
    ),
    tool("list_transactions", "Lists the latest transactions.", {"count": _WHOLE}),
)
HOME = (
    tool("play_music", "Plays music.", {"query": _TEXT}, ("query",)),
    tool("set_volume", "Sets the volume.", {"level": {**_WHOLE, "minimum": 0, "maximum": 100}}, ("level",)),
    tool("add_reminder", "Adds a reminder.", {"text": _TEXT, "when": _TEXT}, ("text",)),
    tool("open_garage", "Opens the garage door."),
    tool("search_recipes", "Searches recipes by ingredient.", {"ingredient": _TEXT}, ("ingredient",)),
)
LIBRARY = (
    tool("search_catalog", "Searches the catalogue of the library.", {"query": _TEXT}, ("query",)),
    tool("reserve_book", "Reserves a book.", {"title": _TEXT}, ("title",)),
    tool("renew_loans", "Renews all loans."),
    tool(
        "opening_hours",
        "Tells the opening hours of a branch.",
        {"branch": {"type": "string", "enum": ["central", "north", "harbour"]}},
    ),
)
