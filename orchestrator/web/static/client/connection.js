/** The connection of a call, placed again for the same conversation when it was lost. */
import { CallError, WebRtcLine, WebSocketLine } from "./lines.js";

/** Milliseconds before each attempt to call again after a connection was lost. */
const DELAYS = [300, 1000, 2000, 4000, 8000, 8000];
/** Where there is no way for sound. */
const NO_SOUND = ["no_media", "webrtc_unavailable"];

/**
 * @typedef {object} Wanted
 * @property {string} url
 * @property {string} [agent]
 * @property {string | (() => string | Promise<string>)} [secret]
 * @property {"webrtc" | "websocket"} [transport]
 * @property {boolean} [greet]
 * @property {RTCIceServer[]} [iceServers]
 *
 * @typedef {object} Owner What the connection asks of, and tells, whose it is.
 * @property {() => MediaStreamTrack | null} microphone
 * @property {() => object} session What the call is to be like.
 * @property {(event: any) => void} onEvent
 * @property {(stream: MediaStream) => void} onSound
 * @property {(words: string) => void} onReconnecting
 * @property {(error: CallError) => void} onFailed There will be no further attempt.
 */

export class Connection {
  /** @param {Wanted} wanted @param {Owner} owner @param {string} conversation */
  constructor(wanted, owner, conversation) {
    this._wanted = wanted;
    this._owner = owner;
    this._over = false;
    this._wake = () => {};
    /** @type {WebRtcLine | WebSocketLine | null} */
    this._line = null;
    /** To be gone on with; known once the service has told. */
    this.conversation = conversation;
    /** Whether the call is in writing. */
    this.written = wanted.transport === "websocket";
    this._online = () => this._wake();
    addEventListener("online", this._online);
  }

  /** @param {object} event */
  send(event) {
    this._line?.send(event);
  }

  /** @param {MediaStreamTrack | null} track */
  async useMicrophone(track) {
    await this._line?.useMicrophone(track);
  }

  /** Place the first call: what refuses it is final. */
  start() {
    return this._place(true);
  }

  /** Place a new call for the same conversation. @param {string} reason */
  again(reason) {
    if (this._over) return;
    void this._line?.close();
    this._owner.onReconnecting(reason);
    void this._place(false);
  }

  close() {
    this._over = true;
    this._wake();
    removeEventListener("online", this._online);
    void this._line?.close();
  }

  async _place(first) {
    for (let attempt = 0; !this._over; attempt += 1) {
      try {
        return await this._dial();
      } catch (error) {
        if (this._over) return;
        const why = error instanceof CallError ? error : new CallError("failed", String(error));
        void this._line?.close();
        if (this._goesOnInWriting(why)) continue;
        if (first || !why.passing || attempt >= DELAYS.length) return this._owner.onFailed(why);
        this._owner.onReconnecting(`${why.message} Calling again, ${attempt + 2} of ${DELAYS.length + 1} …`);
        await this._wait(Math.max(DELAYS[attempt], why.retryAfter * 1000));
      }
    }
  }

  async _dial() {
    const { url, agent, secret, greet = true } = this._wanted;
    const query = new URLSearchParams({ include: "orchestrator.events", greet: String(greet) });
    if (agent) query.set("model", agent);
    if (this.conversation) query.set("conversation", this.conversation);
    const key = typeof secret === "function" ? await secret() : secret;
    if (this._over) return;
    const line = this._newLine();
    this._line = line;
    await line.open({ url, query, secret: key }, this._owner.session());
  }

  _newLine() {
    const mine = () => line === this._line;
    /** @type {import("./lines.js").Hooks} */
    const hooks = {
      onEvent: (event) => mine() && this._owner.onEvent(event),
      onLost: (reason) => mine() && this.again(reason),
      onSound: (stream) => mine() && this._owner.onSound(stream),
    };
    /** @type {WebRtcLine | WebSocketLine} */
    const line = this.written
      ? new WebSocketLine(hooks)
      : new WebRtcLine(hooks, this._owner.microphone(), this._wanted.iceServers);
    return line;
  }

  /** Whether it does; a caller who asked for WebRTC by name is told instead. @param {CallError} why */
  _goesOnInWriting(why) {
    if (this.written || !NO_SOUND.includes(why.code) || this._wanted.transport === "webrtc") return false;
    this.written = true;
    return true;
  }

  /** Wait, but no longer than until the browser says that the network is back. */
  _wait(milliseconds) {
    return new Promise((resolve) => {
      this._wake = () => resolve(undefined);
      setTimeout(resolve, milliseconds);
    });
  }
}
