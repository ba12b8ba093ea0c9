/** Keys of the worklist and of an item; typing in a field or pressing a button is never taken away. */

/** The row to go to from the one in focus. @param {number} step */
function move(step) {
  const covers = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".work .cover"))];
  const at = covers.findIndex((cover) => cover === document.activeElement);
  const next = covers[at < 0 ? 0 : Math.min(Math.max(at + step, 0), covers.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** @type {Record<string, () => void>} */
const moves = {
  j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {Element} */ (event.target);
  if (target.closest("input, select, textarea, audio, summary")) {
    if (event.key === "Escape") /** @type {HTMLElement} */ (target).blur();
    return;
  }
  const list = document.getElementById("list");
  const keyed = /** @type {HTMLElement | null} */ (document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  const back = /** @type {HTMLAnchorElement | null} */ (document.querySelector(".back a"));
  if (list && moves[event.key]) moves[event.key]();
  else if (keyed instanceof HTMLButtonElement) keyed.click();
  else if (keyed) keyed.focus();
  else if (event.key === "Escape" && back) back.click();
  else return;
  event.preventDefault();
});
