"""What callers, clients and operators do to a model world, each as one action."""

from collections.abc import Callable

from orchestrator.core import events as h
from orchestrator.core.engine_events import EngineItem
from orchestrator.core.items import Part
from tests.core.model_voice import MS_PER_CHARACTER
from tests.core.world import World

Action = Callable[[World], None]


def join(world: World) -> None:
    world.call_id = f"rtc_{next(world.calls)}"
    world.feed(h.CallJoined(world.call_id, "websocket", greet=world.random.random() < 0.5))


def move(world: World) -> None:
    if world.call_id is not None:
        world.call_id = f"rtc_{next(world.calls)}"
        world.feed(h.CallMoved(world.call_id, "webrtc"))


def leave(world: World) -> None:
    if world.call_id is not None:
        world.feed(h.CallLeft(world.call_id, "gone"))


def item(text: str, name: str = "", role: str = "user") -> EngineItem:
    return EngineItem(name, "message", role, "completed", (Part(text=text),))


def type_text(world: World) -> None:
    world.feed(h.CallerItem(item("typed")))
    if world.random.random() < 0.8:
        world.feed(h.CallerAskedResponse(event_id="asked"))


def insert(world: World) -> None:
    places = [None, "root", "nowhere", *world.told_items[-5:]]
    name = world.random.choice(["", *world.told_items[-3:], "mine_1", "mine_2"])
    world.feed(h.CallerItem(item("inserted", name), world.random.choice(places)))


def delete(world: World) -> None:
    world.feed(h.CallerDeletedItem(world.random.choice(["nothing", *world.told_items[-5:]])))


def ask(world: World) -> None:
    world.feed(h.CallerAskedResponse({"metadata": {"k": "v"}}, "asked"))


def ask_beside(world: World) -> None:
    world.feed(h.CallerAskedResponse({"conversation": "none", "metadata": {"k": "v"}}, "asked"))


def cancel(world: World) -> None:
    world.feed(h.CallerCancelled())


def answer(world: World) -> None:
    """The client answers one of its own tools, sometimes twice, sometimes one that nobody asked for."""
    names = ["call_9", *world.client_calls]
    name = world.random.choice(names)
    world.feed(h.CallerItem(EngineItem("", "function_call_output", tool_call_id=name, output='"yes"')))
    if world.random.random() < 0.7:
        ask(world)


def truncate(world: World) -> None:
    made = {
        ours: session.audio[theirs]
        for ours, theirs in world.heard_items.items()
        for session in world.sessions.values()
        if session.audio.get(theirs)
    }
    if made:
        name = world.random.choice(list(made))
        heard = world.random.randint(0, made[name] + 200)
        if world.random.random() < 0.5:
            world.feed(h.CallerTruncatedItem(name, heard, generated_ms=made[name]))
        else:
            world.feed(h.Played(name, heard, final=True, generated_ms=made[name]))


def listen(world: World) -> None:
    """Our own playout was stopped in the middle of what the text-to-speech said."""
    if world.voice.made:
        name = world.random.choice(list(world.voice.made))
        words = world.voice.made[name]
        heard = world.random.randint(0, words.made)
        made = words.made * MS_PER_CHARACTER
        played = h.Played(name, heard * MS_PER_CHARACTER, heard, final=True, generated_ms=made)
        world.feed(played)


def speak(world: World) -> None:
    if (own := world.own) is not None:
        if own.detection:
            world.feed(world.ear.go_on())
        return
    for epoch in world.hears:
        if world.sessions[epoch].state == "live":
            world.sessions[epoch].hear()


def commit(world: World) -> None:
    world.feed(h.CallerCommittedAudio("commit"))


def clear(world: World) -> None:
    world.feed(h.CallerClearedAudio("clear"))


def update(world: World) -> None:
    choices: list[dict[str, object]] = [
        {"output_modalities": ["text"]},
        {"output_modalities": ["audio"]},
        {"audio": {"input": {"turn_detection": None}}},
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "interrupt_response": False}}}},
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}},
        {"tools": [{"type": "function", "name": "open_page"}]},
        {"tools": [{"type": "function", "name": "lookup"}]},
        {"tools": []},
    ]
    world.feed(h.CallerUpdated(world.random.choice(choices), "updated"))  # type: ignore[arg-type]


def press(world: World) -> None:
    world.feed(h.KeyPressed("5"))


def approve(world: World) -> None:
    if world.approvals:
        world.feed(h.ToolApproved(world.approvals.pop(), approve=world.random.random() < 0.6))


def progress(world: World) -> None:
    if world.runs:
        world.feed(h.ToolProgressed(world.random.choice(list(world.runs)), "still looking"))


def operate(world: World) -> None:
    events: list[h.Event] = [
        h.OperatorSaid("This is the operator."),
        h.OperatorInjected("The caller is a regular."),
        h.OperatorInjected("Offer a drink.", respond=True),
        h.OperatorHandedOff("restaurant"),
        h.OperatorHandedOff("human"),
        h.OperatorReconnected(),
        h.DefinitionChanged("restaurant"),
    ]
    world.feed(world.random.choice(events))


def hang_up(world: World) -> None:
    world.feed(h.OperatorEnded("operator", "enough"))


def lose(world: World) -> None:
    alive = [session for session in world.sessions.values() if session.alive]
    if alive and world.faults:
        world.lose(world.random.choice(alive))


def crash(world: World) -> None:
    world.crash()


def steps(world: World) -> None:
    """Engines, tools and the store go on, one step."""
    ready = world.engine_steps()
    ready += [lambda name=name: world.finish_tool(name) for name in world.runs]  # type: ignore[misc]
    if world.writes:
        ready += [world.write] * min(3, len(world.writes))
    if ready:
        world.random.choice(ready)()


def hurry(world: World) -> None:
    for _ in range(8):
        steps(world)


def wait(world: World) -> None:
    world.pass_time(world.random.choice([0.01, 0.2, 1.0]))


def wait_long(world: World) -> None:
    """Until the machine wants to be woken; no engine is so slow that it takes minutes for one step."""
    far = (world.machine.deadline or 0.0) - world.now > 100.0
    if not (far and world.engine_steps()):
        world.reach_deadline()


WEIGHTS: dict[Action, int] = {
    steps: 60,
    hurry: 20,
    wait: 5,
    wait_long: 3,
    type_text: 8,
    speak: 8,
    ask: 2,
    ask_beside: 2,
    cancel: 3,
    answer: 4,
    insert: 2,
    delete: 1,
    truncate: 3,
    listen: 2,
    update: 1,
    press: 1,
    commit: 1,
    clear: 1,
    approve: 3,
    progress: 1,
    operate: 3,
    lose: 2,
    leave: 1,
    hang_up: 1,
    crash: 1,
    lambda world: world.stale(): 1,
}


def act(world: World) -> None:
    """Do one thing; a world without a caller waits for one, mostly."""
    if world.call_id is None and world.random.random() < 0.3:
        join(world)
        return
    world.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0](world)
