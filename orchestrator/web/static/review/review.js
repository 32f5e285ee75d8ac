// The page of one conversation: everything on it follows one playhead, a place on the clock in milliseconds.

import { isTyping, say } from "../app.js";
import { word } from "../words.js";
import { Sound } from "./sound.js";
import { follow } from "./live.js";
import { offerListening } from "./listen.js";
import { drawPeaks } from "./peaks.js";

const root = document.getElementById("review");
const byId = (id) => document.getElementById(id);
const state = { at: Number(root.dataset.at), length: Number(root.dataset.length), key: "", atEnd: false };

const POINT = (0.5).toLocaleString(document.documentElement.lang)[1];

/** A place on the clock in words, as the server writes it: `1:07.4`, or `1:07,4` in German. */
function words(ms) {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const seconds = Math.floor(tenths / 10);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = `${two(seconds % 60)}${POINT}${tenths % 10}`;
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

const rows = () => [...document.querySelectorAll("#transcript > .line")];

/** The row that is on at a place: the last one that has begun. */
function rowAt(ms) {
  let found = null;
  for (const row of rows()) {
    if (Number(row.dataset.at) <= ms && (found === null || Number(row.dataset.at) >= Number(found.dataset.at))) found = row;
  }
  return found;
}

function mark(elements, isCurrent) {
  for (const element of elements) {
    if (isCurrent(element)) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }
}

/** Shows everything as it was at the playhead. */
function show() {
  const at = state.at;
  byId("now").textContent = words(at);
  for (const element of document.querySelectorAll(".now-text")) element.textContent = words(at);
  const share = `${state.length > 0 ? Math.min(100, (at / state.length) * 100) : 0}%`;
  byId("playhead")?.setAttribute("x1", share);
  byId("playhead")?.setAttribute("x2", share);
  const named = state.key ? byId(state.key) : null;
  const current = named ?? rowAt(at);
  for (const row of rows()) row.classList.toggle("current", row === current);
  mark(rows(), (row) => row === current);
  for (const segment of document.querySelectorAll(".spoken")) segment.classList.toggle("current", segment.dataset.key === current?.id);
  for (const revision of document.querySelectorAll(".revision")) {
    const until = revision.dataset.until === "" ? Infinity : Number(revision.dataset.until);
    revision.hidden = !(Number(revision.dataset.from) <= at && at < until);
  }
  const turns = [...document.querySelectorAll("[data-turn]")];
  const turn = turns.filter((each) => Number(each.dataset.turn) <= at).at(-1);
  mark(turns, (each) => each === turn);
  mark(document.querySelectorAll("#latency [data-from]"), (each) => Number(each.dataset.from) <= at && at <= Number(each.dataset.until));
  return current;
}

let writing = 0;
/** The address names the place, so that a link is the finding. */
function address(current) {
  const made = new URL(location.href);
  made.searchParams.delete("note");
  made.searchParams.set("t", String(Math.round(state.at) / 1000));
  made.hash = current?.id.startsWith("item-") ? current.id : "";
  return made;
}
function keepPlace(current) {
  clearTimeout(writing);
  writing = setTimeout(() => history.replaceState(history.state, "", address(current)), 250);
}

/** Puts the playhead somewhere. `key` names the row that is meant where several begin together. */
function seek(ms, { key = "", scroll = true, sound: move = true } = {}) {
  state.at = Math.min(Math.max(0, ms), state.length);
  state.key = key;
  state.atEnd = state.at >= state.length;
  if (move) sound.seek(state.at);
  const current = show();
  if (scroll) current?.scrollIntoView({ block: "nearest" });
  keepPlace(current);
}

const sound = new Sound([...document.querySelectorAll("audio.recording")], {
  moved: (ms) => {
    state.at = Math.min(ms, state.length);
    state.key = "";
    const current = show();
    if (current !== shown) { current?.scrollIntoView({ block: "nearest" }); shown = current; keepPlace(current); }
  },
  ended: () => showPlaying(false),
  length: () => state.length,
});
let shown = null;

const play = byId("play");
function showPlaying(on) {
  play.textContent = on ? word("Pause") : word("Play");
  play.setAttribute("aria-pressed", String(on));
}
function toggle() {
  if (sound.playing) sound.pause();
  else {
    if (state.at >= state.length) seek(0);
    sound.play(state.at);
  }
  showPlaying(sound.playing);
}

/** Goes some rows ahead or back. */
function step(by) {
  const all = rows();
  const here = all.findIndex((row) => row.classList.contains("current"));
  const there = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  if (there === undefined) return;
  seek(Number(there.dataset.at), { key: there.id });
  there.focus({ preventScroll: true });
}

/** Goes to the next turn, or to the beginning of this one and then to the one before. */
function turn(by) {
  const places = [...document.querySelectorAll("[data-turn]")].map((each) => [Number(each.dataset.turn), each.dataset.key]);
  const there = by > 0 ? places.find(([ms]) => ms > state.at) : places.filter(([ms]) => ms < state.at).at(-1);
  if (there !== undefined) seek(there[0], { key: there[1] });
}

async function copyLink() {
  const link = address(document.querySelector("#transcript > .current")).href;
  try {
    await navigator.clipboard.writeText(link);
    say(word("The link to this moment is copied."));
  } catch {
    say(link);
  }
}

const KEYS = {
  " ": toggle,
  j: () => step(1),
  k: () => step(-1),
  "[": () => turn(-1),
  "]": () => turn(1),
  ArrowLeft: () => seek(state.at - 5000),
  ArrowRight: () => seek(state.at + 5000),
  c: copyLink,
};

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.defaultPrevented || byId("keys").open) return;
  const onControl = event.target.closest("button, a, summary") !== null;
  const act = KEYS[event.key];
  if (act === undefined || (event.key === " " && onControl && event.target !== play)) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const note = event.target.closest("[data-note]");
  if (note !== null) {
    event.preventDefault();
    noteAbout(note);
    return;
  }
  const link = event.target.closest("[data-seek], [data-turn]");
  if (link !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const row = link.closest(".line");
    seek(Number(link.dataset.seek ?? link.dataset.turn), { key: link.dataset.key ?? row?.id ?? "" });
    return;
  }
  const picture = event.target.closest(".lane-picture");
  if (picture !== null) {
    const box = picture.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * state.length, { key: event.target.dataset.key ?? "" });
  }
});

/** Aims the note form at a row. */
function noteAbout(link) {
  const form = byId("write-note");
  form.elements.item_id.value = link.dataset.note;
  const at = link.closest(".line").querySelector("time").textContent;
  form.querySelector("label").textContent = word("About the row at {}", at);
  form.elements.text.focus();
}

/** Where an address leads: to its row, its second, or the end. */
function arrive() {
  const key = decodeURIComponent(location.hash.slice(1));
  const row = key ? byId(key) : null;
  const seconds = new URL(location.href).searchParams.get("t");
  if (row?.classList.contains("line")) {
    const begins = Number(row.dataset.at);
    const asked = seconds === null ? begins : Number(seconds) * 1000;
    const inside = asked >= begins && asked <= Math.max(begins, Number(row.dataset.end));
    state.at = Math.min(inside ? asked : begins, state.length);
    state.key = row.id;
    sound.seek(state.at);
    show();
    row.scrollIntoView({ block: "center" });
  } else {
    state.atEnd = seconds === null;
    sound.seek(state.at);
    const current = show();
    if (seconds !== null) current?.scrollIntoView({ block: "center" });
  }
}

window.addEventListener("hashchange", arrive);
play.hidden = false;
byId("copy-link").hidden = false;
play.addEventListener("click", toggle);
byId("copy-link").addEventListener("click", copyLink);
document.body.addEventListener("htmx:afterSwap", show);

arrive();
drawPeaks(document.querySelectorAll("audio[data-peaks]"), () => state.length);

offerListening(byId("listen"));

if (root.dataset.live !== undefined) {
  const here = () => state.atEnd && !sound.playing;
  follow(root, {
    length: (ms) => {
      const stay = here();
      state.length = ms;
      byId("whole").textContent = words(ms);
      if (stay) state.at = ms;
    },
    changed: () => {
      byId("nothing-said").hidden = rows().length > 0;
      const current = show();
      if (here()) current?.scrollIntoView({ block: "nearest" });
    },
  });
}
