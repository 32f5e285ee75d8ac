/** The caller's microphone, the loudspeaker, and how loud either is. */

/** Why there is no microphone, by the name of the browser's error. */
const REASONS = {
  NotAllowedError: "The microphone was refused.",
  SecurityError: "The microphone was refused.",
  NotFoundError: "There is no microphone.",
  OverconstrainedError: "This microphone is not there any more.",
  NotReadableError: "The microphone is in use by another program.",
};
const INSECURE = "Browsers give the microphone only to pages that came over HTTPS.";

/**
 * What there is to choose from. Browsers tell of devices only to pages that were given the microphone.
 * @returns {Promise<{microphones: MediaDeviceInfo[], loudspeakers: MediaDeviceInfo[]}>}
 */
export async function devices() {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const named = found.filter(({ deviceId }) => deviceId);
  return {
    microphones: named.filter(({ kind }) => kind === "audioinput"),
    loudspeakers: named.filter(({ kind }) => kind === "audiooutput"),
  };
}

/** Both sides' sound of one call. */
export class Sound {
  /** @param {HTMLAudioElement} [loudspeaker] */
  constructor(loudspeaker = new Audio()) {
    this._loudspeaker = loudspeaker;
    this._loudspeaker.autoplay = true;
    /** @type {MediaStream | null} */
    this._microphone = null;
    this._given = false;
    /** @type {{caller?: Meter, agent?: Meter}} */
    this._meters = {};
  }

  /** What the microphone hears; null where there is none. */
  get track() {
    return this._microphone?.getAudioTracks()[0] ?? null;
  }

  /**
   * Open the microphone.
   * @param {boolean | MediaStream | MediaTrackConstraints} wanted
   * @returns {Promise<string>} Why there is none; empty when there is one.
   */
  async open(wanted) {
    if (wanted === false) return "No microphone is used.";
    if (!(wanted instanceof MediaStream) && !navigator.mediaDevices) return INSECURE;
    try {
      const stream = wanted instanceof MediaStream ? wanted : await navigator.mediaDevices.getUserMedia({ audio: wanted });
      this._release();
      this._given = wanted instanceof MediaStream;
      this._microphone = stream;
      return "";
    } catch (error) {
      return REASONS[/** @type {Error} */ (error).name] ?? "The microphone cannot be used.";
    }
  }

  /** @param {boolean} shut Whether the caller is not to be heard: silence is sent. */
  shut(shut) {
    if (this.track) this.track.enabled = !shut;
  }

  /** @param {MediaStream} stream The agent's voice. */
  play(stream) {
    this._loudspeaker.srcObject = stream;
    this._meters.agent?.close();
    delete this._meters.agent;
    // A page that nobody has touched yet may not make sound; the next touch lets it.
    this._loudspeaker.play().catch(() => addEventListener("pointerdown", () => this._loudspeaker.play(), { once: true }));
  }

  /** @param {string} deviceId */
  async useLoudspeaker(deviceId) {
    await /** @type {any} */ (this._loudspeaker).setSinkId?.(deviceId);
  }

  /** How loud both sides are just now, each from 0 to 1. */
  levels() {
    const voice = /** @type {MediaStream | null} */ (this._loudspeaker.srcObject);
    return { caller: this._level("caller", this._microphone), agent: this._level("agent", voice) };
  }

  /** Let go of both; a microphone that was given stays open. */
  close() {
    this._release();
    this._meters.agent?.close();
    this._meters = {};
    this._loudspeaker.srcObject = null;
    void this._context?.close();
    this._context = undefined;
  }

  _level(side, stream) {
    if (!stream) return 0;
    this._context ??= new AudioContext();
    this._meters[side] ??= new Meter(this._context, stream);
    return this._meters[side].level();
  }

  _release() {
    if (!this._given) this._microphone?.getTracks().forEach((track) => track.stop());
    this._meters.caller?.close();
    delete this._meters.caller;
    this._microphone = null;
  }
}

/** How loud a stream is. */
class Meter {
  /** @param {AudioContext} context @param {MediaStream} stream */
  constructor(context, stream) {
    this._source = context.createMediaStreamSource(stream);
    this._analyser = context.createAnalyser();
    this._analyser.fftSize = 1024;
    this._samples = new Float32Array(this._analyser.fftSize);
    this._source.connect(this._analyser);
  }

  /** From 0, silence, to 1, as loud as it gets; in between as the ear hears it, from -60 dB up. */
  level() {
    this._analyser.getFloatTimeDomainData(this._samples);
    const power = this._samples.reduce((sum, sample) => sum + sample * sample, 0) / this._samples.length;
    return Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-12)) / 60));
  }

  close() {
    this._source.disconnect();
  }
}
