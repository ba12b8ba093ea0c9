/** Correcting a line where it stands: Enter saves, Escape brings the line back as it was. */

/** @param {(section: HTMLElement) => void} renewed called when lines were put in place */
export function openFixing(renewed) {
  /** Lines that gave way to a form, by their id. @type {Map<string, Element>} */
  const kept = new Map();
  let last = "";
  const section = () => /** @type {HTMLElement} */ (document.getElementById("transcript"));

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = /** @type {CustomEvent} */ (event).detail;
    if (!target?.matches(".seg:not(.fixing)")) return;
    const line = /** @type {Element} */ (target.cloneNode(true));
    line.querySelector(".htmx-request")?.classList.remove("htmx-request");
    kept.set(line.id, line);
  });

  document.body.addEventListener("htmx:afterSettle", () => {
    if (!section()) return;
    renewed(section());
    const field = document.activeElement;
    if (field instanceof HTMLTextAreaElement && field.matches(".fixing textarea")) {
      field.setSelectionRange(field.value.length, field.value.length);
    }
    const form = last ? document.getElementById(last) : null;
    if (form && !form.matches(".fixing")) { // it was saved
      /** @type {HTMLElement | null} */ (form.querySelector(".fix"))?.focus();
      last = "";
    }
  });

  /** @param {Element} form */
  function giveUp(form) {
    const line = kept.get(form.id);
    if (!line) return false;
    form.replaceWith(line);
    /** @type {any} */ (window).htmx.process(line);
    renewed(section());
    /** @type {HTMLElement | null} */ (line.querySelector(".fix"))?.focus();
    return true;
  }

  document.addEventListener("click", (event) => {
    const form = /** @type {Element} */ (event.target).closest(".cancel")?.closest(".fixing");
    if (form && giveUp(form)) event.preventDefault();
  });

  document.addEventListener("submit", (event) => {
    const form = /** @type {Element} */ (event.target);
    if (form.matches(".fixing")) last = form.id;
  });

  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    const form = /** @type {HTMLFormElement | null} */ (target.closest(".fixing"));
    if (!form || event.isComposing) return;
    if (event.key === "Escape") giveUp(form);
    if (event.key === "Enter" && !event.shiftKey && target.matches("textarea")) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}
