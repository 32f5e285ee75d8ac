/**
 * A caller of an agent, in a browser: modules without dependencies (docs/reference/browser-client.md).
 *
 *     import { connect } from "https://voice.example.com/client/orchestrator.js";
 *     const call = connect({ agent: "triage", secret: "ek_…", url: "https://voice.example.com" });
 *     call.addEventListener("caption", ({ detail }) => console.log(detail.who, detail.text));
 */
import { Connection } from "./connection.js";
import { Sound } from "./sound.js";
import { Timeline } from "./timeline.js";

export { CallError } from "./lines.js";
export { devices } from "./sound.js";
export { Timeline } from "./timeline.js";

/**
 * @typedef {object} Options
 * @property {string} [agent] Its name; the service's entry agent when there is none.
 * @property {string} [conversation] `conv_…`, to go on with one.
 * @property {string | (() => string | Promise<string>)} [secret] `ek_…`, or how to get one; asked again at each call.
 * @property {string} [url] Of the service; the one that this module came from when there is none.
 * @property {boolean | MediaStream | MediaTrackConstraints} [microphone] False: write and listen.
 * @property {HTMLAudioElement} [loudspeaker] What plays the agent's voice; made when there is none.
 * @property {"webrtc" | "websocket"} [transport] Without it WebRTC, and in writing where sound finds no way.
 * @property {boolean} [greet] Let the agent speak first: to greet, or to answer what was cut off. True unless said otherwise.
 * @property {boolean} [pushToTalk] The caller says when a turn begins and ends: `press`, `release`.
 * @property {string} [language] Of the caller, `en`, for the transcript.
 * @property {string} [transcription] The model that writes down what the caller says.
 * @property {RTCIceServer[]} [iceServers]
 *
 * @typedef {"connecting" | "connected" | "reconnecting" | "ended" | "failed"} State
 * @typedef {"listening" | "hearing" | "thinking" | "speaking"} Activity
 * @typedef {object} Status
 * @property {State} state
 * @property {Activity} activity
 * @property {string} words Both, for people.
 * @property {import("./lines.js").CallError | null} error Why it failed.
 */

/** Sound that is still on its way when the button is let go, in ms. */
const TAIL_MS = 150;
/** The shortest turn that an engine takes, in ms (Realtime protocol, section 9). */
const SHORTEST_MS = 100;
/** Ends by the service after which the conversation goes on in a new call. */
const PASSING = new Set(["shutdown", "moved", "internal_error", "slow_reader", "store_unavailable"]);
const ENDS = {
  replaced: "The call was taken over by another page.",
  duration_limit: "The call has reached its longest duration.",
  erased: "The conversation was erased.",
};
/** Answers to what was over already when the caller asked for it. */
const HARMLESS = new Set(["response_cancel_not_active", "item_retrieve_invalid_item_id"]);

/**
 * Call an agent.
 * @param {Options} [options]
 * @returns {Call} Not connected yet: listen to `status`.
 */
export function connect(options = {}) {
  return new Call(options);
}

/**
 * One call. It outlives its connection: when that is lost, another is made for the same conversation.
 *
 * Events, each with its `detail`: `status` (Status) · `caption` (Caption) · `tool` (ToolCard) · `handoff` (Handoff) ·
 * `state` ({state, revision, value}) · `agent` (its name) · `joined` ({conversation, agent, resumed, hears, speaks}) ·
 * `microphone` ({available, reason}) · `problem` ({code, message}) · `event` (any event, as it came).
 */
export class Call extends EventTarget {
  /** @param {Options} options */
  constructor(options) {
    super();
    this._options = options;
    this.timeline = new Timeline(options.agent);
    /** @type {Record<string, any>} The conversation's states by name, such as the cart. */
    this.states = {};
    /** @type {Status} */
    this.status = { state: "connecting", activity: "listening", words: "Calling …", error: null };
    this.muted = this._pressed = this._replying = this._playing = this._over = false;
    this.pushToTalk = options.pushToTalk ?? false;
    this._sound = new Sound(options.loudspeaker);
    this._pressedAt = 0;
    this._hears = true;
    /** A reply may be under way whose beginning this connection did not see. */
    this._unsure = false;
    /** @type {object | null | undefined} How the agent finds turns by itself. */
    this._detection = undefined;
    const url = (options.url ?? new URL("/", import.meta.url).origin).replace(/\/$/, "");
    this._connection = new Connection({ ...options, url }, this._owner(), options.conversation ?? "");
    // Not before whoever called has said what it listens to.
    queueMicrotask(() => this._start());
  }

  /** The conversation's id; empty until the call is connected. */
  get conversation() {
    return this._connection.conversation;
  }

  /** The name of the agent on duty. */
  get agent() {
    return this.timeline.agent;
  }

  /** Whether the call is in writing, because there is no way for sound. */
  get written() {
    return this._connection.written;
  }

  // --- what a caller does ---------------------------------------------------------------------------------

  /** Write instead of speaking; what the agent is saying is interrupted. @param {string} text */
  sendText(text) {
    this.interrupt();
    const item = { type: "message", role: "user", content: [{ type: "input_text", text }] };
    this.send({ type: "conversation.item.create", item });
    this.send({ type: "response.create" });
  }

  /** Stop the agent by a button, as speaking does. */
  interrupt() {
    if (this._replying || this._unsure) this.send({ type: "response.cancel" });
    if (this._playing || (this._unsure && !this.written)) this.send({ type: "output_audio_buffer.clear" });
    this._unsure = false;
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this._openOrShut();
    this._tell();
  }

  /** Whether a button makes the turns, or the caller's pauses do. @param {boolean} wanted */
  usePushToTalk(wanted) {
    this.pushToTalk = wanted;
    this._openOrShut();
    const input = { turn_detection: wanted ? null : (this._detection ?? { type: "server_vad" }) };
    this.send({ type: "session.update", session: { type: "realtime", audio: { input } } });
    this._tell();
  }

  /** The button goes down: the agent falls silent, and the caller is heard. */
  press() {
    if (!this.pushToTalk || this._pressed) return;
    this._pressed = true;
    this._pressedAt = performance.now();
    this.interrupt();
    this.send({ type: "input_audio_buffer.clear" });
    this._openOrShut();
    this._tell({ activity: "hearing" });
  }

  /** The button comes up: the turn is over, and the agent answers. */
  release() {
    if (!this._pressed) return;
    this._pressed = false;
    const long = performance.now() - this._pressedAt >= SHORTEST_MS;
    this._tell({ activity: long ? "thinking" : "listening" });
    setTimeout(() => {
      if (this._pressed) return;
      this._openOrShut();
      if (!long) return this.send({ type: "input_audio_buffer.clear" });
      this.send({ type: "input_audio_buffer.commit" });
      this.send({ type: "response.create" });
    }, TAIL_MS);
  }

  hangUp() {
    this._finish("ended", "The call is over.");
  }

  /** Send an event of the protocol. @param {object} event */
  send(event) {
    this._connection.send(event);
  }

  /** Speak into another microphone. @param {string} deviceId */
  async useMicrophone(deviceId) {
    await this._openMicrophone({ deviceId: { exact: deviceId } });
    await this._connection.useMicrophone(this._sound.track);
  }

  /** Hear through another loudspeaker, where the browser can. @param {string} deviceId */
  async useLoudspeaker(deviceId) {
    await this._sound.useLoudspeaker(deviceId);
  }

  /** How loud both sides are just now, each from 0 to 1. */
  levels() {
    return this._sound.levels();
  }

  // --- the connection -------------------------------------------------------------------------------------

  async _start() {
    if (!this.written) await this._openMicrophone(this._options.microphone ?? true);
    if (!this._over) await this._connection.start();
  }

  /** @returns {import("./connection.js").Owner} */
  _owner() {
    return {
      microphone: () => this._sound.track,
      session: () => this._session(),
      onEvent: (event) => this._take(event),
      onSound: (stream) => this._sound.play(stream),
      onReconnecting: (words) => {
        this._tell({ state: "reconnecting", activity: "listening", words });
      },
      onFailed: (error) => this._finish("failed", error.message, { error }),
    };
  }

  _session() {
    const { transcription = "gpt-4o-mini-transcribe", language } = this._options;
    const input = { transcription: { model: transcription, ...(language ? { language } : {}) } };
    if (this.pushToTalk) Object.assign(input, { turn_detection: null });
    const written = this.written ? { output_modalities: ["text"] } : {};
    return { type: "realtime", include: ["orchestrator.events"], audio: { input }, ...written };
  }

  async _openMicrophone(wanted) {
    const reason = await this._sound.open(wanted);
    this._openOrShut();
    this._emit("microphone", { available: this._sound.track !== null, reason });
  }

  _openOrShut() {
    this._sound.shut(this.muted || (this.pushToTalk && !this._pressed));
  }

  _finish(state, words, { error = null } = {}) {
    if (this._over) return;
    this._over = true;
    this._connection.close();
    this._sound.close();
    this._tell({ state, activity: "listening", words, error });
  }

  // --- what the service tells -----------------------------------------------------------------------------

  _take(event) {
    for (const entry of this.timeline.take(event)) this._emit(entry.kind, entry);
    ON_EVENT[event.type]?.(this, event);
    this._emit("event", event);
  }

  _joined({ conversation, agent, resumed, hears, speaks }) {
    this._connection.conversation = conversation;
    this.timeline.agent = agent;
    this._hears = hears;
    this._unsure = resumed;
    // A reply may go on over the new connection, but not its sound when there is none any more.
    this._playing &&= !this.written;
    // What of it was heard before the connection was lost, only the service knows.
    if (resumed) for (const { id } of this.timeline.unsettled()) this.send({ type: "conversation.item.retrieve", item_id: id });
    this._tell({ state: "connected", activity: this._playing ? "speaking" : "listening" });
    this._emit("joined", { conversation, agent, resumed, hears, speaks });
    this._emit("agent", agent);
  }

  _ended({ by, reason }) {
    if (by === "service" && PASSING.has(reason)) return this._connection.again("The service restarts.");
    if (reason in ENDS) return this._finish("ended", ENDS[reason]);
    if (by === "service") return this._finish("failed", "The agent cannot be reached. Call again in a moment.");
    this._finish("ended", by === "agent" ? "The agent ended the call." : "The call was ended.");
  }

  _problem({ code, message }) {
    if (!HARMLESS.has(code)) this._emit("problem", { code, message });
  }

  /** Tell how the call stands; the words are made from the rest unless they are given. */
  _tell(changes = {}) {
    const next = { ...this.status, error: null, ...changes };
    if (next.state === "connected") next.words = this._words(next.activity);
    this.status = next;
    this._emit("status", next);
  }

  _words(activity) {
    if (activity === "speaking") return `${this.agent} is speaking.`;
    if (activity === "thinking") return `${this.agent} is thinking …`;
    if (activity === "hearing") return "You are speaking.";
    if (this.written || !this._hears || !this._sound.track) return "Connected. Write to the agent.";
    if (this.pushToTalk) return "Connected. Hold the button to speak.";
    return this.muted ? "Connected. Your microphone is muted." : "Listening.";
  }

  _emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @type {Record<string, (call: any, event: any) => void>} */
const ON_EVENT = {
  "session.created": (call, { session }) => (call._detection ??= session.audio?.input?.turn_detection),
  "orchestrator.call.joined": (call, event) => call._joined(event),
  "orchestrator.call.ended": (call, event) => call._ended(event),
  "orchestrator.handoff.committed": (call, { to }) => (call._emit("agent", to), call._tell()),
  "orchestrator.state.updated": (call, { state, revision, value }) => {
    call.states[state] = value;
    call._emit("state", { state, revision, value });
  },
  "input_audio_buffer.speech_started": (call) => call._tell({ activity: "hearing" }),
  "input_audio_buffer.speech_stopped": (call) => call._tell({ activity: "thinking" }),
  "response.created": (call) => {
    call._replying = true;
    call._tell({ activity: "thinking" });
  },
  "response.done": (call) => {
    call._replying = false;
    if (!call._playing) call._tell({ activity: "listening" });
  },
  "output_audio_buffer.started": (call) => {
    call._playing = true;
    call._tell({ activity: "speaking" });
  },
  "output_audio_buffer.stopped": (call) => {
    call._playing = false;
    call._tell({ activity: call._replying ? "thinking" : "listening" });
  },
  "output_audio_buffer.cleared": (call) => {
    call._playing = false;
    if (call.status.activity === "speaking") call._tell({ activity: call._replying ? "thinking" : "listening" });
  },
  // The event itself does not say how much of the text was heard (Realtime protocol, section 8.5).
  "conversation.item.truncated": (call, { item_id }) => call.send({ type: "conversation.item.retrieve", item_id }),
  error: (call, { error }) => call._problem(error),
};
