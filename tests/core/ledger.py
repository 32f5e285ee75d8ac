"""Checks what a conversation machine asks for, command by command: the promises that it keeps."""

from collections import Counter
from dataclasses import dataclass, field

from orchestrator.core import commands as c
from orchestrator.core import engine_events as e
from orchestrator.core import events as h
from orchestrator.core import notices as n
from orchestrator.core.items import Item, ItemStatus

AFTER_THE_END = (c.Persist, c.CloseSession, c.CancelTool, c.RouteAudio)


@dataclass
class OpenItem:
    index: int
    parts: dict[int, list[str]] = field(default_factory=dict)
    done_parts: set[int] = field(default_factory=set)
    done: bool = False


@dataclass
class ToldReply:
    side: bool
    items: dict[str, OpenItem] = field(default_factory=dict)
    done: bool = False


class Ledger:
    """One life of a machine; `started` and `ended` bracket each feed."""

    def __init__(self) -> None:
        self.opened: set[int] = set()
        self.closed: set[int] = set()
        self.asked: dict[int, dict[str, bool]] = {}
        self.tagged = True
        self.in_call = False
        self.hung_up = False
        self.replies: dict[str, ToldReply] = {}
        self.added: set[str] = set()
        self.finished: set[str] = set()
        self.texts: dict[str, str] = {}
        self.checked: tuple[Item, ...] = ()
        self.spoken: set[str] = set()
        self.unspoken: set[str] = set()
        self.tools: Counter[tuple[str, int]] = Counter()
        self.requests_answered: Counter[str] = Counter()

    # --- events ---

    def event(self, event: h.Event) -> None:
        self.hung_up = False
        if isinstance(event, h.CallJoined):
            self.in_call = True
        elif isinstance(event, h.Spoken):
            self.unspoken.discard(event.item_id)
        elif isinstance(event, e.ResponseStarted):
            self.asked.get(event.epoch, {}).pop(event.metadata.get("orchestrator_request", ""), None)
        elif isinstance(event, e.EngineRefused):
            self.asked.get(event.epoch, {}).pop(event.event_id or "", None)

    # --- commands ---

    def command(self, command: c.Command) -> None:
        if not self.in_call or self.hung_up:
            assert isinstance(command, AFTER_THE_END), f"{command} after the call"
        if isinstance(command, c.OpenSession):
            assert command.epoch not in self.opened
            self.opened.add(command.epoch)
        elif (epoch := getattr(command, "epoch", None)) is not None:
            assert epoch in self.opened, f"{command} for a session that was never opened"
            assert epoch not in self.closed, f"{command} for a closed session"
        match command:
            case c.CloseSession(epoch):
                self.closed.add(epoch)
                self.asked.pop(epoch, None)
            case c.CreateResponse():
                self._create(command)
            case c.RouteAudio(hear, speak):
                assert set(hear) <= self.opened - self.closed
                assert len(hear) <= 1
                assert speak is None or speak in self.opened - self.closed
            case c.RunTool(tool_call_id, attempt):
                self.tools[tool_call_id, attempt] += 1
                assert self.tools[tool_call_id, attempt] == 1, f"{tool_call_id} was run twice"
            case c.SpeakText(item_id):
                if item_id not in self.spoken:
                    self.spoken.add(item_id)
                    self.unspoken.add(item_id)
            case c.StopSpeaking() | c.FlushPlayback():
                self.unspoken.clear()
            case c.HangUp():
                self.hung_up, self.in_call = True, False
                self._all_ended()
            case c.Announce(notice):
                self.notice(notice)
            case _:
                pass

    def _create(self, command: c.CreateResponse) -> None:
        outstanding = self.asked.setdefault(command.epoch, {})
        side = command.options.get("conversation") == "none"
        if not side and self.tagged:
            assert not any(not other for other in outstanding.values()), "two response.create at a time"
        outstanding[command.event_id] = side

    def left(self) -> None:
        self.in_call = False
        self._all_ended()

    def _all_ended(self) -> None:
        assert all(reply.done for reply in self.replies.values()), "a reply has no end"

    # --- notices ---

    def notice(self, notice: n.Notice) -> None:
        match notice:
            case n.ReplyNotice():
                self._reply(notice)
            case n.OutputItemNotice():
                self._output_item(notice)
            case n.ItemNotice():
                self._item(notice)
            case n.PartNotice():
                self._part(notice)
            case n.DeltaNotice():
                self._delta(notice)
            case n.AudioRouteNotice():
                assert not self._open_item(notice.reply_id, notice.item_id, notice.output_index).done
            case n.AudioCommittedNotice(previous_item_id=previous) if previous is not None:
                assert previous in self.added, f"{previous} was never told"
            case _:
                pass

    def _reply(self, notice: n.ReplyNotice) -> None:
        reply = notice.reply
        if notice.stage == "added":
            assert reply.id not in self.replies
            side = reply.conversation_id is None
            others = [told for told in self.replies.values() if not told.done and not told.side]
            assert side or not others, "two replies at a time"
            self.replies[reply.id] = ToldReply(side)
            return
        told = self.replies[reply.id]
        assert not told.done
        told.done = True
        assert all(item.done for item in told.items.values()), "an item of a reply has no end"
        assert [item.id for item in reply.output] == list(told.items)
        assert all(item.status is not ItemStatus.IN_PROGRESS for item in reply.output)

    def _output_item(self, notice: n.OutputItemNotice) -> None:
        told = self.replies[notice.reply_id]
        assert not told.done, "an item after the end of its reply"
        if notice.stage == "added":
            assert notice.item.id not in told.items
            assert notice.output_index == len(told.items)
            told.items[notice.item.id] = OpenItem(notice.output_index)
            return
        item = self._open_item(notice.reply_id, notice.item.id, notice.output_index)
        assert not item.done
        assert notice.item.id not in self.unspoken, "an item ended before its sound was made"
        item.done = True
        assert item.done_parts == set(item.parts), "a part has no end"
        assert notice.item.status is not ItemStatus.IN_PROGRESS
        text = "".join("".join(item.parts[index]) for index in sorted(item.parts))
        if notice.item.kind == "message":
            assert notice.item.text == text, "what is final is not what was told"
            self.texts[notice.item.id] = text
            self.checked = ()

    def _item(self, notice: n.ItemNotice) -> None:
        name, previous = notice.item.id, notice.previous_item_id
        if notice.stage == "added":
            self.added.add(name)
            self.finished.discard(name)
            self.texts.pop(name, None)
            assert previous is None or previous in self.added, f"{previous} was never told"
            return
        assert name in self.added
        assert name not in self.finished, f"{name} ended twice"
        self.finished.add(name)

    def _open_item(self, reply_id: str, item_id: str, index: int) -> OpenItem:
        told = self.replies[reply_id]
        assert not told.done
        item = told.items[item_id]
        assert item.index == index
        return item

    def _part(self, notice: n.PartNotice) -> None:
        item = self._open_item(notice.reply_id, notice.item_id, notice.output_index)
        assert not item.done
        if notice.stage == "added":
            assert notice.content_index not in item.parts
            item.parts[notice.content_index] = []
            return
        assert notice.content_index not in item.done_parts
        assert notice.item_id not in self.unspoken, "a part ended before its sound was made"
        item.done_parts.add(notice.content_index)
        assert "".join(item.parts[notice.content_index]) == notice.text

    def _delta(self, notice: n.DeltaNotice) -> None:
        item = self._open_item(notice.reply_id, notice.item_id, notice.output_index)
        assert not item.done
        if notice.kind != "arguments":
            assert notice.content_index not in item.done_parts
            item.parts[notice.content_index].append(notice.delta)

    # --- what is kept ---

    def items(self, items: tuple[Item, ...]) -> None:
        if items == self.checked:
            return
        self.checked = items
        assert len({item.sequence for item in items}) == len(items), "a sequence number was used twice"
        assert len({item.id for item in items}) == len(items)
        answers = [
            item.tool_call_id for item in items if item.kind == "function_call_output" and not item.deleted
        ]
        assert len(set(answers)) == len(answers), f"answered twice: {answers}"
        for item in items:
            if item.id in self.texts and item.kind == "message":
                assert item.text == self.texts[item.id], "what is stored is not what was told"
