/** Keys of the call page; typing in a field or pressing a focused button is never taken away. */

/**
 * @param {import("./player.js").Player} player
 * @param {ReturnType<typeof import("./transcript.js").openTranscript>} transcript
 */
export function openKeys(player, transcript) {
  const help = /** @type {HTMLElement} */ (document.getElementById("help"));
  let now = 0;
  player.onTime((ms) => { now = ms; });

  /** @param {number} step */
  const sentence = (step) => {
    const ms = transcript.neighbor(now, step);
    if (ms === null) return;
    player.seek(ms);
    transcript.reveal(ms);
  };

  /** @type {Record<string, () => void>} */
  const acts = {
    " ": player.toggle,
    k: player.toggle,
    j: () => player.skip(-10_000),
    l: () => player.skip(10_000),
    ArrowLeft: () => player.skip(-5000),
    ArrowRight: () => player.skip(5000),
    ArrowUp: () => sentence(-1),
    ArrowDown: () => sentence(1),
    "<": () => player.faster(-1),
    ">": () => player.faster(1),
    "?": () => help.togglePopover(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("input, select, textarea, [contenteditable]")) return;
    const pressable = target.closest("button, a, summary");
    if (pressable && (event.key === " " || event.key === "Enter")) return;
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
