// Wall clock as the reader's own: the server writes UTC, since it does not know where they sit.

const SHORT = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** Writes the times below a node: moments as such, places in a call on hover only. */
export function writeTimes(root) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    element.title = WHOLE.format(moment);
    if (element.dataset.time === "wall") element.textContent = SHORT.format(moment);
  }
}
