// `j` and `k` go through the rows of a page's tables; Enter opens one, since a link has the focus.

import { isTyping } from "./app.js";

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (step === undefined || isTyping(event)) return;
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  const place = links.indexOf(document.activeElement);
  const next = links[place < 0 ? (step > 0 ? 0 : links.length - 1) : place + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.closest("tr").scrollIntoView({ block: "nearest" });
});
