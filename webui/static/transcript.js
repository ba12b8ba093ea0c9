/** The transcript: lights the spoken word, keeps it in view, marks evidence, finds silences. */

const LONG_SILENCE_MS = 2500;
const HANDS_OFF_MS = 4000; // after somebody scrolls, the page does not pull back for so long

/** @param {Element} element @param {string} name @returns {number} */
const number = (element, name) => Number(/** @type {HTMLElement} */ (element).dataset[name]);

/**
 * The last place whose start is not after the moment, or -1.
 * @param {number[]} starts ascending @param {number} ms
 */
export function lastBefore(starts, ms) {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= ms) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** @param {HTMLElement} section */
export function openTranscript(section) {
  /** @param {string} what */
  const inOrder = (what) => [...section.querySelectorAll(what)].sort((a, b) => number(a, "s") - number(b, "s"));
  let words = inOrder(".w"), segments = inOrder(".seg");
  let wordStarts = words.map((word) => number(word, "s"));
  let starts = segments.map((segment) => number(segment, "s"));
  const follow = /** @type {HTMLInputElement | null} */ (document.getElementById("follow"));
  /** @type {Element | null} */ let lit = null;
  /** @type {Element | null} */ let current = null;
  let touched = -Infinity;

  for (const event of ["wheel", "touchmove"]) {
    addEventListener(event, () => { touched = performance.now(); }, { passive: true });
  }

  /** @param {Element} element @param {boolean} [always] */
  function intoView(element, always = false) {
    const { top, bottom } = element.getBoundingClientRect();
    const upper = innerHeight * 0.25, lower = innerHeight * 0.72;
    if (!always && top > upper && bottom < lower) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "center", behavior: calm || always ? "auto" : "smooth" });
  }

  return {
    /** After a correction other elements stand there. @param {HTMLElement} renewed */
    renew(renewed) {
      section = renewed;
      [words, segments] = [inOrder(".w"), inOrder(".seg")];
      wordStarts = words.map((word) => number(word, "s"));
      starts = segments.map((segment) => number(segment, "s"));
      lit = current = null;
    },

    /** @param {number} ms @param {boolean} playing */
    light(ms, playing) {
      const word = words[lastBefore(wordStarts, ms)];
      const spoken = word && ms < number(word, "e") + 250 ? word : null;
      if (spoken !== lit) {
        lit?.classList.remove("lit");
        spoken?.classList.add("lit");
        lit = spoken;
      }
      const segment = spoken?.closest(".seg") ?? null;
      if (segment && segment !== current) {
        current?.classList.remove("current");
        segment.classList.add("current");
        current = segment;
        const left = performance.now() - touched > HANDS_OFF_MS;
        if (playing && follow?.checked && left) intoView(segment);
      }
    },

    /** Where to go on when the moment lies in a long silence, else null. @param {number} ms */
    afterSilence(ms) {
      const index = lastBefore(starts, ms);
      const next = starts[index + 1];
      const end = index < 0 ? 0 : Math.max(...segments.slice(Math.max(0, index - 3), index + 1).map((s) => number(s, "e")));
      if (next === undefined || next - end < LONG_SILENCE_MS) return null;
      return ms > end + 400 && ms < next - 600 ? next - 300 : null;
    },

    /**
     * Mark the sentences first to last as evidence and show them; their start in ms, or null.
     * @param {number} first @param {number} last
     */
    mark(first, last) {
      for (const old of section.querySelectorAll(".evidence")) old.classList.remove("evidence");
      const found = segments.filter((s) => number(s, "i") >= first && number(s, "i") <= last);
      for (const segment of found) segment.classList.add("evidence");
      if (!found.length) return null;
      intoView(found[0], true);
      touched = performance.now();
      return number(found[0], "s");
    },

    /** @param {number} ms */
    reveal(ms) {
      const segment = segments[Math.max(0, lastBefore(starts, ms))];
      if (segment) intoView(segment, true);
    },

    /** The start of the sentence before or after the moment. @param {number} ms @param {number} step */
    neighbor(ms, step) {
      const index = lastBefore(starts, ms);
      const early = step < 0 && ms - (starts[index] ?? 0) > 1500 ? 0 : step;
      return starts[Math.min(Math.max(index + early, 0), starts.length - 1)] ?? null;
    },

    /** @param {(ms: number) => void} picked */
    onPick(picked) {
      document.addEventListener("click", (event) => {
        const target = /** @type {Element} */ (event.target);
        if (!section.contains(target)) return;
        if (getSelection()?.toString()) return; // somebody copies text
        const word = target.closest(".w");
        const button = target.closest(".at");
        if (word) picked(number(word, "s"));
        else if (button) picked(number(/** @type {Element} */ (button.closest(".seg")), "s"));
      });
    },
  };
}
