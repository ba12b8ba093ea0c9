/** The review queue by keys: go through what waits, hear the place, say what holds, go on. */

import { openClip } from "./clips.js";

/** @type {(() => void) | undefined} */
let play;
let last = ""; // the flag judged last, for undo
let undoing = false;
let sending = false; // a verdict is on its way: a second stroke must not judge again

const card = () => /** @type {HTMLElement | null} */ (document.getElementById("card"));
/** @returns {HTMLElement[]} */
const items = () => [...document.querySelectorAll("#stack a[data-item]")].map((a) => /** @type {HTMLElement} */ (a));
/** @param {string} at */
const itemOf = (at) => items().find((a) => a.dataset.item === at);
/** @param {string} selector @returns {HTMLElement | null} */
const inCard = (selector) => card()?.querySelector(selector) ?? null;

/** Make the card that came ready, and show in the list where we are and what was said. */
function settle() {
  const shown = card();
  if (!shown) return;
  play = openClip(shown);
  for (const part of shown.querySelectorAll("[data-step], .chips")) /** @type {HTMLElement} */ (part).hidden = false;
  const here = itemOf(shown.dataset.item ?? "");
  for (const item of items()) item.toggleAttribute("aria-current", false);
  here?.setAttribute("aria-current", "true");
  here?.scrollIntoView({ block: "nearest" });
  const mark = /** @type {HTMLElement | null | undefined} */ (here?.querySelector(".mark"));
  if (mark) {
    mark.hidden = !shown.dataset.verdict;
    mark.textContent = shown.dataset.verdict ?? "";
    here?.classList.toggle("judged", !!shown.dataset.verdict);
  }
  shown.focus({ preventScroll: true });
}

/** @param {number} step */
function go(step) {
  const all = items();
  const at = all.findIndex((a) => a.dataset.item === card()?.dataset.item);
  const next = all[at + step];
  if (next) next.click();
  else if (step > 0) document.getElementById("more-stack")?.click();
}

/** On to the next that nobody has judged; at the end the next page, or the empty page. */
function goOn() {
  const all = items();
  const at = all.findIndex((a) => a.dataset.item === card()?.dataset.item);
  const next = [...all.slice(at + 1), ...all.slice(0, at)].find((a) => !a.classList.contains("judged"));
  if (next) next.click();
  else location.reload();
}

/** @param {string} verdict */
function say(verdict) {
  const button = /** @type {HTMLButtonElement | null} */ (inCard(`.judge button[value="${verdict}"]`));
  const why = /** @type {HTMLInputElement | null} */ (inCard(".judge input[name=reason]"));
  if (sending || !button || !why || inCard("details.again")) return;
  if (verdict !== "confirmed" && why.value.trim().length < 3) {
    why.dataset.then = verdict; // Enter in the field goes on with it
    why.placeholder = "Say why, then press Enter";
    why.focus();
    return;
  }
  button.click();
}

function correct() {
  const select = /** @type {HTMLSelectElement | null} */ (inCard(".judge select[name=value]"));
  if (!select || inCard("details.again")) return;
  if (select.value) say("corrected");
  else select.focus();
}

function undo() {
  const form = inCard("form.undo button");
  if (form) { form.click(); return; }
  undoing = !!last;
  itemOf(last)?.click();
}

/** @param {number} number */
function reason(number) {
  const chip = /** @type {HTMLElement | undefined} */ (card()?.querySelectorAll(".chip")[number]);
  const why = /** @type {HTMLInputElement | null} */ (inCard(".judge input[name=reason]"));
  if (!chip || !why) return;
  why.value = chip.dataset.reason ?? "";
  if (why.dataset.then) say(why.dataset.then);
}

/** @type {Record<string, () => void>} */
const acts = {
  " ": () => play?.(),
  j: () => go(1), ArrowRight: () => go(1), ArrowDown: () => go(1),
  k: () => go(-1), ArrowLeft: () => go(-1), ArrowUp: () => go(-1),
  y: () => say("confirmed"), n: () => say("rejected"), c: correct, u: undo,
  r: () => inCard(".judge input[name=reason]")?.focus(),
  1: () => reason(0), 2: () => reason(1), 3: () => reason(2), 4: () => reason(3),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const field = target.closest("input, select, textarea");
  if (field) {
    if (event.key === "Escape") card()?.focus();
    const then = /** @type {HTMLElement} */ (field).dataset.then;
    if (event.key === "Enter" && then) { event.preventDefault(); say(then); }
    if (event.key === "Enter" && field.matches("#card select")) { event.preventDefault(); say("corrected"); }
    return;
  }
  if (target.closest("button, a, summary") && (event.key === " " || event.key === "Enter")) return;
  const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || !card()) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const step = /** @type {HTMLElement | null} */ (target.closest("[data-step]"))?.dataset.step;
  const chip = /** @type {HTMLElement | null} */ (target.closest(".chip"));
  if (step) go(Number(step));
  if (chip) reason([...(card()?.querySelectorAll(".chip") ?? [])].indexOf(chip));
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig } = /** @type {CustomEvent} */ (event).detail;
  const { id } = /** @type {Element} */ (event.target);
  if (id !== "card" && id !== "queue") return; // the count beside them settles too
  settle();
  if (undoing && card()?.dataset.item === last) { undoing = false; undo(); return; }
  if (requestConfig?.verb === "post" && card()?.dataset.verdict) {
    last = card()?.dataset.item ?? "";
    goOn();
  }
});

for (const [name, now] of /** @type {const} */ ([["htmx:beforeRequest", true], ["htmx:afterRequest", false]])) {
  document.body.addEventListener(name, (event) => {
    if (/** @type {CustomEvent} */ (event).detail.requestConfig?.verb === "post") sending = now;
  });
}

/** What was judged had changed meanwhile: the message tells it, and the card shows how it stands. */
document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = /** @type {CustomEvent} */ (event).detail;
  if (xhr.status === 409) itemOf(card()?.dataset.item ?? "")?.click();
});

settle();
