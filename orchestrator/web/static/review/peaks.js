// Draws how loud each side was over its lane, where a recording has peaks.

const SVG = "http://www.w3.org/2000/svg";
const LANES = [[14, 12], [45, 12]]; // middle and half height of the caller's lane and the agent's

/** Draws the peaks of some recordings; `length()` is how long the clock is, in milliseconds. */
export async function drawPeaks(recordings, length) {
  for (const recording of recordings) {
    const answer = await fetch(recording.dataset.peaks);
    if (!answer.ok) continue;
    const { channels } = await answer.json();
    const box = document.createElementNS(SVG, "svg");
    const share = (ms) => `${(Number(ms) / Math.max(1, length())) * 100}%`;
    box.setAttribute("x", share(recording.dataset.begins));
    box.setAttribute("width", share(recording.dataset.length));
    box.setAttribute("height", "60");
    box.setAttribute("preserveAspectRatio", "none");
    box.setAttribute("viewBox", `0 0 ${Math.max(1, ...channels.map((channel) => channel.length))} 60`);
    channels.forEach((channel, side) => box.append(outline(channel, ...LANES[side])));
    document.getElementById("peaks")?.append(box);
    document.getElementById("lanes")?.classList.add("has-peaks");
  }
}

function outline(channel, middle, half) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", channel.map((peak, x) => `M${x} ${middle - peak * half}V${middle + peak * half}`).join(""));
  return path;
}
