"""A scripted baker: answers what is said with the tools that are named, then with words."""

from orchestrator.testing.turns import SessionView, Turn, calls, says


def baker(view: SessionView) -> Turn:
    """Decide by the last item alone, so that every test reads on its own."""
    last = view.last_item
    if last.get("type") == "function_call_output":
        return says(f"The answer was {view.last_output}")
    said = view.user_text
    for word, turn in TURNS.items():
        if word in said and all(name in view.tool_names for name, _ in turn.calls):
            return turn
    return says(f"You said: {said}")


TURNS = {
    "three loaves and the hours": Turn(
        calls=(("add_loaves", {"count": 3}), ("look_up_hours", {"day": "Monday"}))
    ),
    "loaf": calls("add_loaves", count=1),
    "loaves": calls("add_loaves", count=2),
    "many": calls("add_loaves", count="many"),
    "cake": calls("transfer_to_kitchen", reason="wants a cake"),
    "map": calls("show_map", to="the bakery"),
    "weather": calls("get_weather", city="Oslo"),
    "burn": calls("burn"),
    "break": calls("break_down"),
    "for ever": calls("wait_for_ever"),
}
