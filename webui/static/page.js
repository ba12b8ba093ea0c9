/** What every page needs: failed requests are told, and parts that tick are renewed while seen. */

const toast = /** @type {HTMLElement} */ (document.getElementById("toast"));
/** @type {number | undefined} */
let fading;

/** @param {string} text */
function tell(text) {
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.hidden = true; }, 8000);
}

document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = /** @type {CustomEvent} */ (event).detail;
  const plain = (xhr.getResponseHeader("content-type") || "").startsWith("text/plain");
  tell(plain && xhr.responseText ? xhr.responseText.trim() : "The box could not do that. Try again.");
});
document.body.addEventListener("htmx:sendError", () => {
  tell("The box does not answer. Check that this computer is on the clinic’s network.");
});

/** htmx has a trigger "every 3s", but its filter for hidden tabs would need eval. */
for (const part of document.querySelectorAll("[data-tick]")) {
  const tick = () => { if (!document.hidden) part.dispatchEvent(new CustomEvent("tick")); };
  setInterval(tick, Number(/** @type {HTMLElement} */ (part).dataset.tick));
  document.addEventListener("visibilitychange", tick);
}

/** "Show older" disappears under the hand that pressed it; go on at the first row it brought. */
let seen = 0;
const ROWS = ".cover, .hit";
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = /** @type {CustomEvent} */ (event).detail;
  seen = target?.id === "more" ? document.querySelectorAll(ROWS).length : 0;
});
document.body.addEventListener("htmx:afterSettle", () => {
  if (seen) /** @type {HTMLElement | undefined} */ (document.querySelectorAll(ROWS)[seen])?.focus({ preventScroll: true });
  seen = 0;
});
