/** Clips: each plays just the place a suggestion rests on, from a second before to a second after. */

/** @param {Element} box @returns {(() => void) | undefined} plays or pauses the clip in the box */
export function openClip(box) {
  const audio = /** @type {HTMLAudioElement | null} */ (box.querySelector(".clip-audio"));
  const button = /** @type {HTMLButtonElement | null} */ (box.querySelector(".clip-play"));
  if (!audio || !button) return undefined;
  const [from, to] = [Number(audio.dataset.from) / 1000, Number(audio.dataset.to) / 1000];
  const word = /** @type {HTMLElement} */ (button.querySelector("span"));
  button.hidden = false;
  audio.controls = false;
  audio.addEventListener("play", () => { button.classList.add("playing"); word.textContent = "Pause"; });
  for (const event of ["pause", "ended", "error"]) {
    audio.addEventListener(event, () => { button.classList.remove("playing"); word.textContent = "Play this"; });
  }
  audio.addEventListener("error", () => { word.textContent = "It cannot be played"; });
  audio.addEventListener("timeupdate", () => { if (audio.currentTime >= to) audio.pause(); });
  const toggle = () => {
    if (!audio.paused) { audio.pause(); return; }
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    if (audio.currentTime < from || audio.currentTime >= to - 0.3) audio.currentTime = from;
    audio.play().catch(() => {}); // a refusal shows in the button, which stays "Play this"
  };
  button.addEventListener("click", toggle);
  return toggle;
}

for (const box of document.querySelectorAll(".clip")) if (!box.closest("#card")) openClip(box);
