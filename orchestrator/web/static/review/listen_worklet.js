// Plays two sides as their sound comes: the caller on the left, the agent on the right.

const CALLER = 0;
const AGENT = 1;

class TwoSides extends AudioWorkletProcessor {
  #queues = [[], []];
  #at = [0, 0];

  constructor() {
    super();
    this.port.onmessage = ({ data: { what, sound } }) => {
      if (what === CALLER || what === AGENT) this.#queues[what].push(sound);
      else this.#cut();
    };
  }

  /** The agent was cut off: what is left of its sound is heard by nobody. */
  #cut() {
    this.#queues[AGENT] = [];
    this.#at[AGENT] = 0;
  }

  process(inputs, [output]) {
    output.forEach((channel, side) => this.#fill(channel, side));
    return true;
  }

  #fill(channel, side) {
    const queue = this.#queues[side];
    for (let place = 0; place < channel.length && queue.length > 0; place += 1) {
      channel[place] = queue[0][this.#at[side]] ?? 0;
      this.#at[side] += 1;
      if (this.#at[side] >= queue[0].length) {
        queue.shift();
        this.#at[side] = 0;
      }
    }
  }
}

registerProcessor("two-sides", TwoSides);
