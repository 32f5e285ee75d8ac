// A link on another site leads here without the cookie, which travels with our own requests alone. Whoever is
// signed in goes on to the page that was linked.

const form = document.querySelector("form[data-next]");
const answer = await fetch("/sign-in/state", { headers: { accept: "application/json" } });
if (answer.ok && (await answer.json()).signed_in) location.replace(form.dataset.next);
