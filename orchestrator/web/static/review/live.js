// Follows a call in progress: pieces of the page come as events, each into the place of the one with its key.

import { say } from "../app.js";
import { writeTimes } from "../times.js";
import { word } from "../words.js";

/** Opens the stream; `told` has `length(ms)` and `changed()`. */
export function follow(root, told) {
  const address = `${root.dataset.live}?after=${encodeURIComponent(root.dataset.cursor)}`;
  const source = new EventSource(address);
  const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data), event));

  on("row", (row) => {
    put(row);
    told.changed();
  });
  on("gone", ({ key }) => {
    document.getElementById(key)?.remove();
    told.changed();
  });
  on("part", (part) => {
    replace(part);
    told.length(part.length);
    told.changed();
  });
  on("words", (words) => {
    if (write(words)) told.changed();
  });
  on("told", (cursor) => { root.dataset.cursor = cursor; });
  on("unavailable", (words) => say(words));
  on("ended", () => {
    source.close();
    root.dataset.ended = "yes";
    document.getElementById("operator")?.remove();
    document.getElementById("listen")?.remove();
    say(word("The call is over."));
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED && root.dataset.ended === undefined) {
      say(word("This page can no longer be kept up to date. Load it again."));
    }
  });
  return source;
}

function made(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const element = template.content.firstElementChild;
  writeTimes(element);
  return element;
}

/** Puts a row where it belongs: into the place of its older self, else behind the row before it. */
function put({ key, after, html }) {
  const list = document.getElementById("transcript");
  const row = made(html);
  const older = document.getElementById(key);
  const before = after === "" ? null : document.getElementById(after);
  keepOpen(older, row);
  older?.remove();
  if (after === "") list.prepend(row);
  else if (before !== null) before.after(row);
  else list.append(row);
}

/** Writes the words of a row that is not stored yet; the stored row takes its place. */
function write({ key, text }) {
  const said = document.querySelector(`#${CSS.escape(key)}.in-progress .said p`);
  if (said === null) return false;
  const heard = document.createElement("span");
  heard.className = "heard";
  heard.textContent = text;
  said.replaceChildren(heard);
  return true;
}

function replace({ key, html }) {
  const older = document.getElementById(key);
  if (older === null) return;
  const part = made(html);
  keepOpen(older, part);
  older.replaceWith(part);
}

/** What the reader opened stays open. */
function keepOpen(older, newer) {
  if (older === null) return;
  const details = (element) => [...(element.matches("details") ? [element] : []), ...element.querySelectorAll("details")];
  const open = details(older).map((each) => each.open);
  details(newer).forEach((each, place) => { if (open[place] !== undefined) each.open = open[place]; });
}
