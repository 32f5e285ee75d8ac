/**
 * What was said and done in a call, in order, from the events of the Realtime protocol (docs/reference/door.md).
 * Pure: it touches neither network nor page.
 *
 * @typedef {object} Caption What one side said.
 * @property {"caption"} kind
 * @property {string} id Of the item.
 * @property {"caller" | "agent"} who
 * @property {string} agent Who was on duty.
 * @property {string} text All of it, as far as it is known.
 * @property {"partial" | "saying" | "heard" | "cut" | "lost"} status `saying`: its sound is not over; `cut`: the caller
 *   interrupted, or the connection was lost; `lost`: there is no transcript.
 * @property {number} heard Characters of `text` that were heard; all of them unless it was cut.
 *
 * @typedef {object} ToolCard One run of a tool.
 * @property {"tool"} kind
 * @property {string} id
 * @property {string} name
 * @property {string} agent
 * @property {string} arguments JSON, as the model wrote it.
 * @property {string} outcome Empty while it runs.
 * @property {string} output
 * @property {number} seconds
 *
 * @typedef {object} Handoff Another agent took over.
 * @property {"handoff"} kind
 * @property {string} id
 * @property {string} from
 * @property {string} to
 * @property {string} reason
 *
 * @typedef {Caption | ToolCard | Handoff} Entry
 * @typedef {{type: string, [field: string]: any}} WireEvent
 */

const UNSETTLED = new Set(["partial", "saying"]);
const TRANSCRIPT = "conversation.item.input_audio_transcription.";

export class Timeline {
  /** @param {string} agent Who is on duty at the start. */
  constructor(agent = "") {
    this.agent = agent;
    /** @type {Entry[]} */
    this.entries = [];
    /** @type {Map<string, string>} Response of each item that an agent says. */
    this._responses = new Map();
  }

  /**
   * Take an event in.
   * @param {WireEvent} event
   * @returns {Entry[]} What it changed; an entry that is no longer in `entries` was taken out.
   */
  take(event) {
    const kind = event.type;
    if (kind.startsWith(TRANSCRIPT)) return this._transcript(kind.slice(TRANSCRIPT.length), event);
    if (kind.startsWith("orchestrator.tool.")) return this._tool(event);
    const read = READERS[kind];
    return read ? read(this, event).filter(Boolean) : [];
  }

  /**
   * The caption of an item, made at the end when there is none.
   * @param {string} id
   * @param {"caller" | "agent"} who
   * @returns {Caption}
   */
  caption(id, who) {
    const found = this.entries.find((entry) => entry.kind === "caption" && entry.id === id);
    if (found?.kind === "caption") return found;
    /** @type {Caption} */
    const made = { kind: "caption", id, who, agent: this.agent, text: "", status: "partial", heard: 0 };
    this.entries.push(made);
    return made;
  }

  /** What agents said of which it is not known yet how much was heard. */
  unsettled() {
    return this.entries.filter((entry) => entry.kind === "caption" && entry.who === "agent" && UNSETTLED.has(entry.status));
  }

  /** @param {string | null} previous Put an entry behind its predecessor, and behind what was done in between. */
  _place(/** @type {Entry} */ entry, previous) {
    const before = this.entries.findIndex(({ kind, id }) => kind === "caption" && id === previous);
    if (before < 0) return;
    this.entries.splice(this.entries.indexOf(entry), 1);
    let place = this.entries.findIndex(({ kind, id }) => kind === "caption" && id === previous) + 1;
    while (place < this.entries.length && this.entries[place].kind !== "caption") place += 1;
    this.entries.splice(place, 0, entry);
  }

  _item(/** @type {WireEvent} */ { item, previous_item_id: previous }) {
    if (item.type !== "message" || item.role === "system") return [];
    const known = this.entries.some(({ kind, id }) => kind === "caption" && id === item.id);
    const caption = this.caption(item.id, item.role === "user" ? "caller" : "agent");
    const written = item.role === "user" && item.content?.some((part) => part.type === "input_text");
    if (written) say(caption, textOf(item), "heard");
    if (!known) this._place(caption, previous);
    return [caption];
  }

  /** An item is final; one that an agent said comes as far as it was heard. */
  _itemDone(/** @type {WireEvent} */ { item }) {
    const [caption] = this._item({ type: "", item, previous_item_id: null });
    if (caption?.kind === "caption" && caption.who === "agent" && item.status === "incomplete") cut(caption, textOf(item));
    return [caption];
  }

  _said(/** @type {WireEvent} */ event, spoken) {
    const caption = this.caption(event.item_id, "agent");
    this._responses.set(event.item_id, event.response_id);
    const whole = event.transcript ?? event.text;
    if (caption.status === "cut") caption.text = whole ?? caption.text + event.delta;
    else if (whole === undefined) say(caption, caption.text + event.delta, spoken ? "saying" : "partial");
    else say(caption, whole, spoken ? caption.status === "heard" ? "heard" : "saying" : "heard");
    return [caption];
  }

  /** The sound of a response was heard to its end. */
  _played(/** @type {WireEvent} */ { response_id: response }) {
    return this.entries.filter((entry) => {
      if (entry.kind !== "caption" || this._responses.get(entry.id) !== response) return false;
      if (entry.status === "saying") say(entry, entry.text, "heard");
      return true;
    });
  }

  _transcript(stage, event) {
    const caption = this.caption(event.item_id, "caller");
    if (stage === "delta") say(caption, caption.text + event.delta, "partial");
    else if (stage === "completed") say(caption, event.transcript, "heard");
    else if (stage === "failed") say(caption, caption.text, "lost");
    return [caption];
  }

  _retrieved(/** @type {WireEvent} */ { item }) {
    const caption = this.entries.find(({ kind, id }) => kind === "caption" && id === item.id);
    if (caption?.kind !== "caption" || caption.who !== "agent" || item.status === "in_progress") return [];
    cut(caption, textOf(item));
    return [caption];
  }

  _deleted(/** @type {WireEvent} */ { item_id: deleted }) {
    const gone = this.entries.filter(({ kind, id }) => kind === "caption" && id === deleted);
    this.entries = this.entries.filter((entry) => !gone.includes(entry));
    return gone;
  }

  _tool(/** @type {WireEvent} */ event) {
    let card = this.entries.find(({ kind, id }) => kind === "tool" && id === event.call_id);
    if (card?.kind !== "tool") {
      card = { kind: "tool", id: event.call_id, name: "", agent: "", arguments: "", outcome: "", output: "", seconds: 0 };
      this.entries.push(card);
    }
    const { name, agent, arguments: said, outcome = "", output = "", seconds = 0 } = event;
    return [Object.assign(card, { name, agent, arguments: said, outcome, output, seconds })];
  }

  _handedOver(/** @type {WireEvent} */ { event_id: id, from, to, reason }) {
    this.agent = to;
    /** @type {Handoff} */
    const made = { kind: "handoff", id: id ?? `handoff-${this.entries.length}`, from, to, reason };
    this.entries.push(made);
    return [made];
  }
}

/** @type {Record<string, (timeline: Timeline, event: WireEvent) => Entry[]>} */
const READERS = {
  "conversation.item.added": (timeline, event) => timeline._item(event),
  "conversation.item.done": (timeline, event) => timeline._itemDone(event),
  "conversation.item.retrieved": (timeline, event) => timeline._retrieved(event),
  "conversation.item.deleted": (timeline, event) => timeline._deleted(event),
  "response.output_text.delta": (timeline, event) => timeline._said(event, false),
  "response.output_text.done": (timeline, event) => timeline._said(event, false),
  "response.output_audio_transcript.delta": (timeline, event) => timeline._said(event, true),
  "response.output_audio_transcript.done": (timeline, event) => timeline._said(event, true),
  "output_audio_buffer.stopped": (timeline, event) => timeline._played(event),
  "orchestrator.handoff.committed": (timeline, event) => timeline._handedOver(event),
};

function say(/** @type {Caption} */ caption, text, status) {
  caption.text = text;
  caption.status = status;
  caption.heard = text.length;
}

/** Only the beginning was heard. What was said beyond it stays, to be shown as unheard. */
function cut(/** @type {Caption} */ caption, heard) {
  if (!caption.text.startsWith(heard)) caption.text = heard;
  caption.heard = heard.length;
  caption.status = heard.length < caption.text.length ? "cut" : "heard";
}

function textOf(item) {
  return (item.content ?? []).map((part) => part.text ?? part.transcript ?? "").join("");
}
