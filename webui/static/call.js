/** The call page: ties player, transcript, evidence links, addresses and keys together. */

import { openFixing } from "./fixing.js";
import { openKeys } from "./keys.js";
import { openPlayer } from "./player.js";
import { openTranscript } from "./transcript.js";

const transcript = openTranscript(/** @type {HTMLElement} */ (document.getElementById("transcript")));
const section = document.getElementById("player");
const player = section ? openPlayer(section) : null;
const hush = /** @type {HTMLInputElement | null} */ (document.getElementById("hush"));

openFixing((renewed) => transcript.renew(renewed));

if (player) {
  player.onTime((ms, playing) => {
    transcript.light(ms, playing);
    if (!playing || !hush?.checked) return;
    const next = transcript.afterSilence(ms);
    if (next !== null) player.seek(next);
  });
  transcript.onPick((ms) => { player.seek(ms); player.play(); });
  openKeys(player, transcript);
}

document.addEventListener("click", (event) => { // the suggestions are renewed when one is judged
  const link = /** @type {Element} */ (event.target).closest("a.hear");
  if (!link) return;
  event.preventDefault();
  history.replaceState(null, "", /** @type {HTMLAnchorElement} */ (link).hash);
  show(location.hash, true);
});

/**
 * Go where an address points: "#t=12.3" a moment in seconds, "#s=7" or "#s=7-9" sentences.
 * @param {string} hash
 * @param {boolean} play
 */
function show(hash, play) {
  const wanted = new URLSearchParams(hash.replace(/^#/, ""));
  const [first, last] = (wanted.get("s") ?? "").split("-").map(Number);
  let ms = wanted.has("t") ? Number(wanted.get("t")) * 1000 : NaN;
  if (wanted.get("s")) {
    const start = transcript.mark(first, last ?? first);
    if (Number.isNaN(ms) && start !== null) ms = start;
  }
  if (Number.isNaN(ms)) return;
  player?.seek(ms);
  if (!wanted.get("s")) transcript.reveal(ms);
  if (play) player?.play();
}

window.addEventListener("hashchange", () => show(location.hash, true));
show(location.hash, false);
