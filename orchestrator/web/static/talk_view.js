// Entries of a call and states of its conversation as elements. Everything is set as text: none of it is trusted.

import { word } from "./words.js";

/** @param {string} name @param {Record<string, string>} [attributes] @param {(Node | string)[]} children */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** An agent's name in its hue, as on the other pages. @param {string} name */
export function agentElement(name) {
  const hue = document.querySelector(`#agent option[value="${CSS.escape(name)}"]`)?.getAttribute("data-hue") ?? "0";
  return element("span", { class: `agent hue-${hue}` }, element("span", { class: "spot", "aria-hidden": "true" }), name);
}

const FIGURES = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false });

/** A number with two places, as the language of the page writes it. @param {number} number */
function figure(number) {
  return FIGURES.format(number);
}

// --- what was said and done ------------------------------------------------------------------------------

const FAULTS = { failed: "failed", timed_out: "took too long", cancelled: "was cancelled", rejected: "was refused" };

/** The element of an entry, made anew. @param {any} entry */
export function entryElement(entry) {
  const made = { caption, tool, handoff }[entry.kind](entry);
  made.dataset.entry = `${entry.kind} ${entry.id}`;
  return made;
}

function caption({ who, agent, text, status, heard }) {
  const words = element("p", { class: "words", dir: "auto" });
  if (status === "lost") words.append(element("em", { class: "faint" }, text || word("was not understood")));
  else if (!text) words.append(element("span", { class: "faint" }, "…"));
  else words.append(text.slice(0, heard));
  if (status === "cut") {
    const rest = element("del", { title: word("This was not heard") }, text.slice(heard));
    words.append(element("span", { class: "visually-hidden" }, ` ${word("(not heard:)")} `), rest);
  }
  const name = element("span", { class: "name" }, who === "caller" ? word("You") : agentElement(agent || word("agent")));
  return element("li", { class: `caption by-${who} ${status}` }, name, words);
}

function handoff({ from, to, reason }) {
  const arrow = element("span", { "aria-label": word("hands over to") }, "→");
  const line = element("span", { class: "handed", title: reason ?? "" }, agentElement(from), " ", arrow, " ", agentElement(to));
  return element("li", { class: "handoff" }, line);
}

function tool({ name, arguments: said, outcome, output, seconds }) {
  const good = outcome === "completed";
  const mark = outcome ? (good ? "✓" : "✗") : "…";
  const how = outcome ? word("{} in {} s", word(good ? "done" : (FAULTS[outcome] ?? outcome)), figure(seconds)) : word("is running");
  const summary = element(
    "summary", {},
    element("span", { class: "mark", "aria-hidden": "true" }, mark), ` ${name} `,
    element("span", { class: "faint" }, shortly(said)), " ", element("span", { class: "how" }, how),
  );
  const more = element("div", { class: "more" }, element("pre", {}, pretty(said)), element("pre", { dir: "auto" }, pretty(output)));
  return element("li", { class: `tool ${outcome && !good ? "faulty" : ""}` }, element("details", {}, summary, more));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function shortly(text) {
  const value = parsed(text);
  if (value === null || typeof value !== "object") return String(text ?? "");
  return Object.entries(value).map(([name, each]) => `${name}=${inWords(each)}`).join(", ");
}

function pretty(text) {
  const value = parsed(text);
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

// --- states ----------------------------------------------------------------------------------------------

const SUMS = ["subtotal", "discount", "tax", "tip", "total"];
const THINGS = ["item", "name", "title", "product"];

/** A state: an order as lines and sums, any other as names and values. @param {string} name @param {any} value */
export function stateElement(name, value) {
  const shown = isOrder(value) ? order(value) : fields(value);
  const heading = element("h2", {}, name.replaceAll("_", " "));
  const made = element("section", { class: "panel state", "aria-label": name }, heading, shown);
  made.dataset.state = name;
  return made;
}

/** As the review pages tell one from other states (`orchestrator/web/review/orders.py`). */
function isOrder(value) {
  const { lines } = value;
  if (!Array.isArray(lines) || (!lines.length && !("total" in value))) return false;
  return lines.every((line) => thingOf(line) !== undefined && Number.isFinite(Number(line.quantity ?? NaN)));
}

function thingOf(line) {
  return THINGS.find((name) => typeof line?.[name] === "string");
}

function order(value) {
  const rows = value.lines.map(orderLine);
  if (!rows.length) rows.push(element("tr", {}, element("td", { colspan: "3", class: "faint" }, word("Nothing in it yet."))));
  const sums = SUMS.filter((name) => value[name] !== undefined && value[name] !== null).map((name) =>
    element("tr", { class: name }, element("th", { scope: "row", colspan: "2" }, word(name)), amount(value[name])));
  const table = element("table", { class: "order" }, element("tbody", {}, ...rows), element("tfoot", {}, ...sums));
  const rest = Object.fromEntries(Object.entries(value).filter(([name]) => name !== "lines" && !SUMS.includes(name)));
  return element("div", {}, table, fields(rest));
}

function orderLine(line) {
  const thing = thingOf(line);
  const price = line.unit_price ?? line.price;
  const more = Object.entries(line)
    .filter(([name, each]) => ![thing, "quantity", "unit_price", "price", "total"].includes(name) && typeof each !== "boolean")
    .map(([, each]) => inWords(each)).filter(Boolean).join(", ");
  return element(
    "tr", {},
    element("td", { class: "number" }, `${line.quantity} ×`),
    element("td", { dir: "auto" }, line[thing], more ? element("span", { class: "faint" }, ` ${more}`) : ""),
    price === undefined ? element("td", {}) : amount(Number(line.quantity) * Number(price)),
  );
}

function amount(value) {
  const number = Number(value);
  return element("td", { class: "number" }, Number.isFinite(number) ? figure(number) : String(value));
}

function fields(value) {
  const known = Object.entries(value).filter(([, each]) => inWords(each) !== "");
  if (!known.length) return "";
  const pairs = known.flatMap(([name, each]) => [
    element("dt", {}, name.replaceAll("_", " ")), element("dd", { dir: "auto" }, inWords(each))]);
  return element("dl", { class: "fields" }, ...pairs);
}

function inWords(value) {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(inWords).filter(Boolean).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
