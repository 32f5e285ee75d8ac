// What every page has: words when a request fails, the list of keys, and the reader's own wall clock.

import { writeTimes } from "./times.js";
import { word } from "./words.js";

const notice = document.getElementById("notice");
let hiding = 0;

/** Says something for a while, to eyes and to screen readers. */
export function say(words) {
  clearTimeout(hiding);
  notice.textContent = words;
  notice.hidden = false;
  hiding = setTimeout(() => { notice.hidden = true; }, 8000);
}

document.body.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  say(page.querySelector("main p")?.textContent ?? word("The service refused this."));
});
document.body.addEventListener("htmx:sendError", () => say(word("The service cannot be reached. Trying again.")));
document.body.addEventListener("htmx:timeout", () => say(word("The service takes long to answer. Trying again.")));
document.body.addEventListener("htmx:load", (event) => writeTimes(event.detail.elt));
writeTimes(document);

/** Whether somebody types, so that letters are theirs. */
export function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey
    || event.target.closest("input, textarea, select, [contenteditable]") !== null;
}

const keys = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (event.key === "?") {
    if (!keys.open) keys.showModal();
  } else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search === null) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
});
