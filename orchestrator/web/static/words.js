// The sentences of a page's scripts in the reader's language, as the server chose it; in English there are none, and none
// are needed.

/** @type {Record<string, string>} */
const sentences = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** A sentence by its English; `{}` in it stands for the values. @param {string} english @param {(string | number)[]} values */
export function word(english, ...values) {
  return values.reduce((made, value) => made.replace("{}", () => String(value)), sentences[english] ?? english);
}

/** A sentence of the client, which may begin with an agent's name. @param {string} english @param {string} name */
export function sentence(english, name) {
  return name && english.startsWith(`${name} `) ? word(`{}${english.slice(name.length)}`, name) : word(english);
}
