// Wall clock as the reader's own: the server writes UTC, since it does not know where they sit.

// As the reader's own country writes the language of the page.
const language = document.documentElement.lang;
const locale = navigator.languages.find((name) => name.toLowerCase().split("-")[0] === language) ?? language;
const month = { de: "2-digit" }[language] ?? "short";
const SHORT = new Intl.DateTimeFormat(locale, { day: "2-digit", month, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WHOLE = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });

/** Writes the times below a node: moments as such, places in a call on hover only. */
export function writeTimes(root) {
  for (const element of root.querySelectorAll("time[data-time]")) {
    const moment = new Date(element.dateTime);
    element.title = WHOLE.format(moment);
    if (element.dataset.time === "wall") element.textContent = SHORT.format(moment);
  }
}
