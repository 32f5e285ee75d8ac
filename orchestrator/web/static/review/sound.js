// What moves the playhead: the recordings where there are some, and a clock without sound between them.

/** Plays the recordings of a conversation on its one clock. */
export class Sound {
  #parts;
  #told;
  #part = null;
  #began = 0;
  #from = 0;
  #frame = 0;
  playing = false;

  /** `told` has `moved(ms)`, `ended()` and `length()`. */
  constructor(elements, told) {
    this.#told = told;
    this.#parts = elements.map((element) => ({
      element, begins: Number(element.dataset.begins), ends: Number(element.dataset.begins) + Number(element.dataset.length),
    }));
  }

  #at(ms) {
    return this.#parts.find((part) => part.begins <= ms && ms < part.ends) ?? null;
  }

  /** Goes to a place, playing on where it played. */
  seek(ms) {
    if (this.playing) this.#start(ms);
  }

  play(ms) {
    this.playing = true;
    this.#start(ms);
    this.#tick();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#part?.element.pause();
    this.#part = null;
  }

  #start(ms) {
    const part = this.#at(ms);
    if (this.#part !== null && this.#part !== part) this.#part.element.pause();
    this.#part = part;
    this.#began = performance.now();
    this.#from = ms;
    if (part === null) return;
    part.element.currentTime = (ms - part.begins) / 1000;
    part.element.play().catch(() => { this.#part = null; });
  }

  #place() {
    const silent = this.#from + performance.now() - this.#began;
    if (this.#part === null || this.#part.element.seeking) return this.#part === null ? silent : this.#from;
    if (this.#part.element.ended) return this.#part.ends;
    return this.#part.begins + this.#part.element.currentTime * 1000;
  }

  #tick() {
    if (!this.playing) return;
    const ms = this.#place();
    const part = this.#at(ms);
    if (part !== this.#part && (part !== null || this.#part !== null)) this.#start(ms);
    this.#told.moved(ms);
    if (ms >= this.#told.length()) {
      this.pause();
      this.#told.ended();
      return;
    }
    this.#frame = requestAnimationFrame(() => this.#tick());
  }
}
