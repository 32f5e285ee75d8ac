// Lets a reviewer hear a call in progress: pieces of sound as they pass, each side on its own ear.

import { say } from "../app.js";
import { word } from "../words.js";

const RATE = 24000;
const HEAD = 5; // one byte that says what a piece is, four of its length

/** Shows the button, which begins and ends it; nothing where there is none. */
export function offerListening(button) {
  if (button === null) return;
  let ending = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (ending !== null) {
      ending.abort();
      return;
    }
    ending = new AbortController();
    button.setAttribute("aria-pressed", "true");
    button.textContent = word("Stop listening");
    try {
      await listen(button, ending.signal);
    } catch (error) {
      if (error.name !== "AbortError") say(error.message);
    }
    ending = null;
    button.setAttribute("aria-pressed", "false");
    button.textContent = word("Listen in");
    delete button.dataset.heard;
  });
}

async function listen(button, signal) {
  const audio = new AudioContext({ sampleRate: RATE });
  try {
    await audio.audioWorklet.addModule(button.dataset.worklet);
    const node = new AudioWorkletNode(audio, "two-sides", { numberOfInputs: 0, outputChannelCount: [2] });
    node.connect(audio.destination);
    const answer = await fetch(button.dataset.listen, { signal });
    if (!answer.ok) throw new Error(word("The service does not let you hear this call."));
    await pass(answer.body.getReader(), (what, sound) => {
      button.dataset.heard = String(Number(button.dataset.heard ?? 0) + sound.length);
      node.port.postMessage({ what, sound }, [sound.buffer]);
    });
  } finally {
    await audio.close();
  }
}

/** Cuts what arrives into pieces; `take(what, samples)` gets each of them. */
async function pass(reader, take) {
  let rest = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const data = new Uint8Array(rest.length + value.length);
    data.set(rest);
    data.set(value, rest.length);
    let at = 0;
    while (data.length - at >= HEAD) {
      const length = new DataView(data.buffer, at + 1, 4).getUint32(0);
      if (data.length - at - HEAD < length) break;
      take(data[at], samples(data.subarray(at + HEAD, at + HEAD + length)));
      at += HEAD + length;
    }
    rest = data.slice(at);
  }
}

function samples(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, place) => view.getInt16(place * 2, true) / 32768);
}
