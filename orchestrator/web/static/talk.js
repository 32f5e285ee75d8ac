// The page on which a person talks to an agent: joins the client to the page's elements.

import { isTyping } from "./app.js";
import { CallError, connect, devices } from "./client/orchestrator.js";
import { agentElement, entryElement, stateElement } from "./talk_view.js";
import { sentence, word } from "./words.js";

const at = (id) => document.getElementById(id);
const talk = at("talk");
const log = at("log");
let conversation = talk.dataset.conversation;
/** @type {import("./client/orchestrator.js").Call | null} */
let call = null;
let metering = 0;

// --- placing a call --------------------------------------------------------------------------------------

/** A secret for one call, made for whoever is signed in here. */
async function secret() {
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["x-csrftoken"];
  const headers = { accept: "application/json", "content-type": "application/json", "x-csrftoken": token };
  const body = JSON.stringify({ agent: at("agent").value, conversation });
  const answer = await fetch("/talk/secret", { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) })
    .catch(() => { throw new CallError("unreachable", "The service cannot be reached."); });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told.value;
  if ([401, 403].includes(answer.status)) throw new CallError("signed_out", word("You are signed out. Load the page again."));
  throw new CallError(told.code ?? "refused", told.detail ?? word("The service refused this."), { status: answer.status });
}

function start() {
  const microphone = at("microphone").value;
  tellProblem("");
  tellHint("");
  call = connect({
    agent: at("agent").value,
    conversation,
    secret,
    microphone: microphone ? { deviceId: { exact: microphone } } : true,
    loudspeaker: at("voice"),
    pushToTalk: at("manual").checked,
    language: at("language").value || undefined,
  });
  for (const [type, handle] of Object.entries(HANDLERS)) call.addEventListener(type, ({ detail }) => handle(detail));
  if (at("loudspeaker").value) void call.useLoudspeaker(at("loudspeaker").value);
  showStatus(call.status);
  meter();
}

/** @type {Record<string, (detail: any) => void>} */
const HANDLERS = {
  status: showStatus,
  caption: showCaption,
  tool: showEntry,
  handoff: showEntry,
  agent: showAgent,
  state: ({ state, value }) => showState(state, value),
  problem: ({ message }) => tellProblem(word(message)),
  event({ type }) {
    if (type === "orchestrator.engine.lost") tellProblem(word("The agent's engine is away. It is being called again …"));
    if (type === "orchestrator.engine.restored") tellProblem("");
  },
  joined(told) {
    conversation = told.conversation;
    history.replaceState(null, "", `/talk?${new URLSearchParams({ agent: at("agent").value, conversation })}`);
    at("review").firstChild.href = `/conversations/${encodeURIComponent(conversation)}`;
    at("review").hidden = talk.dataset.review !== "yes";
    at("anew").hidden = true;
    if (call?.written) tellHint(word("No connection for sound was found: this call is in writing."));
    else if (!told.hears && !told.speaks) tellHint(word("This agent reads and writes: write to it, and read its answers."));
    else if (!told.speaks) tellHint(word("This agent writes: its answers are read, not heard."));
    else if (!told.hears) tellHint(word("This agent does not hear you: write to it."));
    void listDevices();
  },
  microphone({ available, reason }) {
    const instead = word("Write instead, and listen. To speak, allow the microphone and call again.");
    if (!available) tellHint(`${word(reason)} ${instead}`);
  },
};

// --- how the call stands ---------------------------------------------------------------------------------

function showStatus({ state, words, error }) {
  const over = state === "ended" || state === "failed";
  const ready = state === "connected";
  const told = sentence(words, call?.agent);
  at("status").textContent = state === "failed" ? word("Not connected.") : told;
  talk.dataset.state = state;
  if (state === "failed") tellProblem(`${told}${error?.retryAfter ? ` ${word("Try again in {} s.", error.retryAfter)}` : ""}`);
  at("start").textContent = over ? word(conversation ? "Go on" : "Call") : word("Hang up");
  at("start").classList.toggle("primary", over);
  at("start").classList.toggle("danger", !over);
  at("agent").disabled = !over;
  at("about").hidden = !over;
  for (const field of [...at("write").elements, at("stop"), at("mute"), at("hold")]) field.disabled = !ready;
  at("hold").hidden = !at("manual").checked;
  // The space bar is to speak by, and no longer the button's that placed the call.
  if (ready && at("manual").checked && document.activeElement === at("start")) at("hold").focus();
  if (!over) return;
  at("anew").firstChild.href = `/talk?${new URLSearchParams({ agent: at("agent").value })}`;
  at("anew").hidden = !conversation;
  at("mute").setAttribute("aria-pressed", "false");
  call = null;
}

function showAgent(name) {
  at("duty").hidden = false;
  at("duty").replaceChildren(`${word("On duty:")} `, agentElement(name));
}

function tellProblem(words) {
  at("problem").textContent = words;
  at("problem").hidden = !words;
}

function tellHint(words) {
  at("hint").textContent = words;
  at("hint").hidden = !words;
}

function meter() {
  cancelAnimationFrame(metering);
  const { caller, agent } = call?.levels() ?? { caller: 0, agent: 0 };
  at("level-caller").value = caller;
  at("level-agent").value = agent;
  if (call) metering = requestAnimationFrame(meter);
}

// --- what was said and done ------------------------------------------------------------------------------

function showEntry(entry) {
  if (isHandingOver(entry)) return;
  const made = entryElement(entry);
  const shown = [...log.children].find((child) => child.dataset.entry === made.dataset.entry);
  if (shown?.querySelector("details")?.open) made.querySelector("details").open = true;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  if (call && !call.timeline.entries.includes(entry)) shown?.remove();
  else if (shown) shown.replaceWith(made);
  else log.insertBefore(made, successorOf(entry));
  at("nothing").hidden = log.childElementCount > 0;
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** A handoff is shown as such; the function by which the model asked for it only when nothing came of it. */
function isHandingOver({ kind, name, outcome }) {
  return kind === "tool" && name.startsWith("transfer_to_") && ["", "completed"].includes(outcome);
}

/** The element before which an entry belongs: a transcript may come when the answer is there already. */
function successorOf(entry) {
  const entries = call?.timeline.entries ?? [];
  const later = entries.slice(entries.indexOf(entry) + 1).map(({ kind, id }) => `${kind} ${id}`);
  return [...log.children].find((child) => later.includes(child.dataset.entry)) ?? null;
}

function showCaption(caption) {
  showEntry(caption);
  const { who, agent, text, heard, status } = caption;
  const said = `${who === "caller" ? word("You") : agent}: ${text.slice(0, heard)}`;
  // Read out once it is complete, not at every word.
  if (heard && ["heard", "cut"].includes(status) && at("spoken").textContent !== said) at("spoken").textContent = said;
}

function showState(name, value) {
  const made = stateElement(name, value);
  const shown = [...at("states").children].find((child) => child.dataset.state === name);
  if (shown) shown.replaceWith(made);
  else at("states").append(made);
}

// --- what a caller does ----------------------------------------------------------------------------------

async function listDevices() {
  const { microphones, loudspeakers } = await devices();
  for (const [id, found] of [["microphone", microphones], ["loudspeaker", loudspeakers]]) {
    const { value } = at(id);
    const options = found.filter(({ deviceId }) => deviceId !== "default").map(({ deviceId, label }) => new Option(label, deviceId));
    at(id).replaceChildren(new Option(word("Default"), ""), ...options);
    at(id).value = value;
  }
}

function mute() {
  if (!call) return;
  call.mute(!call.muted);
  at("mute").setAttribute("aria-pressed", String(call.muted));
}

function describe() {
  at("about").textContent = at("agent").selectedOptions[0]?.dataset.about ?? "";
}

at("start").addEventListener("click", () => (call ? call.hangUp() : start()));
at("mute").addEventListener("click", mute);
at("stop").addEventListener("click", () => call?.interrupt());
at("agent").addEventListener("change", describe);
at("microphone").addEventListener("change", ({ target }) => call?.useMicrophone(target.value));
at("loudspeaker").addEventListener("change", ({ target }) => call?.useLoudspeaker(target.value));
at("manual").addEventListener("change", ({ target }) => {
  at("hold").hidden = !target.checked;
  call?.usePushToTalk(target.checked);
  if (call && target.checked) at("hold").focus();
});
at("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text || !call) return;
  call.sendText(text);
  at("text").value = "";
});
at("hold").addEventListener("pointerdown", (event) => {
  at("hold").setPointerCapture(event.pointerId);
  call?.press();
});
for (const type of ["pointerup", "pointercancel"]) at("hold").addEventListener(type, () => call?.release());
addEventListener("blur", () => call?.release());
navigator.mediaDevices?.addEventListener("devicechange", () => call && listDevices());

/** Whether the space bar is the caller's button, and no other button's. */
function isSpaceToSpeak(event) {
  const elsewhere = event.target.closest("button, summary, a, input[type=checkbox]");
  return event.code === "Space" && at("manual").checked && !isTyping(event) && (!elsewhere || elsewhere === at("hold"));
}

document.addEventListener("keydown", (event) => {
  if (isSpaceToSpeak(event)) {
    event.preventDefault();
    if (!event.repeat) call?.press();
  } else if (event.key === "Escape") call?.interrupt();
  else if (isTyping(event)) return;
  else if (event.key === "m") mute();
  else if (event.key === "w") {
    event.preventDefault();
    at("text").focus();
  }
});
document.addEventListener("keyup", (event) => {
  if (isSpaceToSpeak(event)) {
    event.preventDefault();
    call?.release();
  }
});

// --- when the page opens ---------------------------------------------------------------------------------

describe();
for (const entry of JSON.parse(at("before").textContent)) showEntry(entry);
log.scrollTop = log.scrollHeight;
