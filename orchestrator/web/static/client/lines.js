/**
 * What carries a call: WebRTC with sound, or a WebSocket with text alone (docs/reference/door.md).
 *
 * @typedef {object} Place Where to call, and as whom.
 * @property {string} url Of the service, `https://…`.
 * @property {URLSearchParams} query
 * @property {string} [secret] `ek_…`; none where the door is open to this machine.
 *
 * @typedef {object} Hooks
 * @property {(event: any) => void} onEvent An event of the service.
 * @property {(reason: string) => void} onLost The connection is gone; told once, and not after `close`.
 * @property {(stream: MediaStream) => void} [onSound] The agent's voice.
 */

const CONNECT_MS = 10_000;
/** ICE often recovers from `disconnected` by itself; a call that does not within this is placed anew. */
const PATIENCE_MS = 3_000;

/** Why the service, or the network, let no call through. */
export class CallError extends Error {
  /**
   * @param {string} code `too_many_calls`, `invalid_api_key`, …, as in the door's reference; or `unreachable`, `no_media`.
   * @param {string} message
   * @param {{status?: number, retryAfter?: number}} [more] Seconds, where the service said when to try again.
   */
  constructor(code, message, { status = 0, retryAfter = 0 } = {}) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed a little later. */
  get passing() {
    return this.code === "unreachable" || [409, 429].includes(this.status) || this.status >= 500;
  }
}

/** A call over WebRTC: the microphone and the agent's voice as tracks, events on a data channel. */
export class WebRtcLine {
  /**
   * @param {Hooks} hooks
   * @param {MediaStreamTrack | null} microphone None: the caller writes and listens.
   * @param {RTCIceServer[]} iceServers
   */
  constructor(hooks, microphone, iceServers = []) {
    this._hooks = hooks;
    this._over = false;
    this._patience = 0;
    this._peer = new RTCPeerConnection({ iceServers });
    this._peer.ontrack = ({ streams, track }) => hooks.onSound?.(streams[0] ?? new MediaStream([track]));
    // With a place for a microphone even when there is none: one that comes later needs no new call.
    const sender = microphone ? this._peer.addTrack(microphone) : this._peer.addTransceiver("audio").sender;
    this._sender = sender;
    this._channel = this._peer.createDataChannel("oai-events");
    this._channel.onmessage = ({ data }) => hooks.onEvent(JSON.parse(data));
    this._peer.onconnectionstatechange = () => this._changed();
  }

  /**
   * Place the call.
   * @param {Place} place
   * @param {object} session What the call is to be like, as in `session.update`.
   */
  async open(place, session) {
    const body = new FormData();
    await this._peer.setLocalDescription();
    body.append("sdp", new Blob([this._peer.localDescription?.sdp ?? ""], { type: "application/sdp" }));
    body.append("session", new Blob([JSON.stringify(session)], { type: "application/json" }));
    const answer = await ask(`${place.url}/v1/realtime/calls?${place.query}`, place.secret, body);
    if (this._over) return this.close();
    await this._peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    await this._opened();
    this._channel.onclose = () => this._lost("The connection was closed.");
  }

  _opened() {
    if (this._channel.readyState === "open") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const fail = (reason) => () => reject(new CallError("no_media", reason));
      const timer = setTimeout(fail("No connection for sound was found: a firewall may block UDP."), CONNECT_MS);
      this._channel.onopen = () => (clearTimeout(timer), resolve(undefined));
      this._channel.onclose = fail("The call was closed before it was connected.");
    });
  }

  _changed() {
    const state = this._peer.connectionState;
    clearTimeout(this._patience);
    if (state === "failed") this._lost("The network changed, or was lost.");
    if (state === "disconnected") this._patience = setTimeout(() => this._lost("The network is away."), PATIENCE_MS);
  }

  _lost(reason) {
    if (this._over || this._channel.readyState === "connecting") return;
    this._end();
    this._hooks.onLost(reason);
  }

  /** @param {object} event */
  send(event) {
    if (this._channel.readyState === "open") this._channel.send(JSON.stringify(event));
  }

  /** @param {MediaStreamTrack | null} track Another microphone. */
  async useMicrophone(track) {
    await this._sender.replaceTrack(track);
  }

  /** End the call: the service notices at once, and needs no word of it. */
  async close() {
    this._end();
  }

  _end() {
    this._over = true;
    clearTimeout(this._patience);
    this._peer.close();
  }
}

/** A call in writing, where there is no way for sound. */
export class WebSocketLine {
  /** @param {Hooks} hooks */
  constructor(hooks) {
    this._hooks = hooks;
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {{code: string, message: string} | null} */
    this._refusal = null;
  }

  /**
   * Place the call.
   * @param {Place} place
   * @param {object} session What the call is to be like, as in `session.update`.
   */
  open(place, session) {
    const names = ["realtime", ...(place.secret ? [`openai-insecure-api-key.${place.secret}`] : [])];
    const socket = new WebSocket(`${place.url.replace(/^http/, "ws")}/v1/realtime?${place.query}`, names);
    this._socket = socket;
    return new Promise((resolve, reject) => {
      let open = false;
      const late = new CallError("unreachable", "The service does not answer.");
      const timer = setTimeout(() => (reject(late), this.close()), CONNECT_MS);
      socket.onmessage = ({ data }) => {
        const event = JSON.parse(data);
        if (event.type === "session.created") {
          open = true;
          clearTimeout(timer);
          this.send({ type: "session.update", session });
          resolve(undefined);
        } else if (event.type === "error") this._refusal = event.error;
        this._hooks.onEvent(event);
      };
      socket.onclose = ({ code }) => {
        clearTimeout(timer);
        const why = closed(code, this._refusal);
        if (!open) reject(why);
        else if (this._socket) this._hooks.onLost(why.message);
      };
    });
  }

  /** @param {object} event */
  send(event) {
    if (this._socket?.readyState === WebSocket.OPEN) this._socket.send(JSON.stringify(event));
  }

  async useMicrophone() {}

  /** End the call. */
  async close() {
    const socket = this._socket;
    this._socket = null;
    socket?.close(1000);
  }
}

/** Post a form; answers only what succeeded. */
async function ask(url, secret, body) {
  const request = { method: "POST", headers: authorization(secret), body, signal: AbortSignal.timeout(CONNECT_MS) };
  const answer = await fetch(url, request).catch(() => {
    throw new CallError("unreachable", "The service cannot be reached.");
  });
  if (answer.ok) return answer;
  const { error = {} } = await answer.json().catch(() => ({}));
  const more = { status: answer.status, retryAfter: Number(answer.headers.get("Retry-After")) || 0 };
  throw new CallError(error.code ?? "refused", error.message ?? `The service answered ${answer.status}.`, more);
}

function authorization(secret) {
  return secret ? { Authorization: `Bearer ${secret}` } : {};
}

/** What a close code of the door means (docs/reference/door.md, "Errors"). */
function closed(code, refusal) {
  const status = { 3000: 401, 4000: 400, 4429: 429 }[code] ?? 503;
  const lost = { code: "unreachable", message: code === 1012 ? "The service restarts." : "The connection was lost." };
  const { code: name, message } = status === 503 ? lost : refusal ?? lost;
  return new CallError(name, message, { status });
}
