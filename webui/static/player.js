/**
 * The player: the browser's own audio element, streamed by range requests, and a waveform drawn
 * from peaks the box made when it decoded the recording. Nothing is fetched whole.
 */

import WaveSurfer from "./vendor/wavesurfer.js-8.0.1/wavesurfer.esm.js";

/**
 * @typedef {object} Player
 * @property {(ms: number) => void} seek go to a moment
 * @property {(ms: number) => void} skip go by so much, back when negative
 * @property {() => void} play
 * @property {() => void} toggle
 * @property {(step: number) => void} faster next speed up or down
 * @property {(told: (ms: number, playing: boolean) => void) => void} onTime
 */

/** @param {number} ms @returns {string} 3:07 or 1:02:09 */
export function position(ms) {
  const seconds = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** @param {string} id @returns {HTMLElement} */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {HTMLElement} section @returns {Player} */
export function openPlayer(section) {
  const audio = /** @type {HTMLAudioElement} */ (part("audio"));
  const speed = /** @type {HTMLSelectElement} */ (part("speed"));
  const wave = part("wave");
  const total = Number(wave.dataset.duration);
  /** @type {((ms: number, playing: boolean) => void)[]} */
  const listeners = [];
  /** @type {WaveSurfer | undefined} */
  let drawn;

  const tell = () => {
    const ms = audio.currentTime * 1000;
    part("at").textContent = position(ms);
    wave.setAttribute("aria-valuenow", String(Math.round(ms / 1000)));
    wave.setAttribute("aria-valuetext", position(ms));
    for (const listener of listeners) listener(ms, !audio.paused);
  };
  const frame = () => {
    tell();
    if (!audio.paused) requestAnimationFrame(frame);
  };
  const name = () => {
    const word = audio.paused ? "Play" : "Pause";
    section.classList.toggle("playing", !audio.paused);
    part("toggle-name").textContent = word;
    part("toggle").title = word;
  };

  /** @type {Player} */
  const player = {
    seek(ms) {
      const seconds = Math.min(Math.max(ms, 0), total || Infinity) / 1000;
      audio.currentTime = seconds;
      drawn?.setTime(seconds); // before anything is loaded the element itself tells nobody
      tell();
    },
    skip(ms) { player.seek(audio.currentTime * 1000 + ms); },
    play() { audio.play().catch(() => {}); },  // a refusal shows in the button, which stays "Play"
    toggle() { if (audio.paused) player.play(); else audio.pause(); },
    faster(step) {
      const index = speed.selectedIndex + step;
      if (index < 0 || index >= speed.options.length) return;
      speed.selectedIndex = index;
      audio.playbackRate = Number(speed.value);
    },
    onTime(told) { listeners.push(told); },
  };

  audio.addEventListener("play", () => { name(); requestAnimationFrame(frame); });
  for (const event of ["pause", "ended"]) audio.addEventListener(event, name);
  for (const event of ["seeked", "timeupdate"]) audio.addEventListener(event, tell);
  audio.addEventListener("error", () => problem("The recording cannot be played. Reload the page; if that does not help, clinic IT should look at the disk of the box."));
  speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); });
  part("toggle").addEventListener("click", player.toggle);
  part("back").addEventListener("click", () => player.skip(-5000));
  part("forward").addEventListener("click", () => player.skip(5000));
  if (audio.error) audio.dispatchEvent(new Event("error"));
  draw(section, wave, audio, total).then((surfer) => {
    drawn = surfer;
    if (audio.currentTime) drawn?.setTime(audio.currentTime);
  });
  return player;
}

/** @param {string} text */
function problem(text) {
  part("player-problem").textContent = text;
  part("player-problem").hidden = false;
}

/**
 * Draw the waveform; without it the player still plays, so a failure only leaves the place empty.
 * @param {HTMLElement} section @param {HTMLElement} wave
 * @param {HTMLAudioElement} audio @param {number} total
 * @returns {Promise<WaveSurfer | undefined>}
 */
async function draw(section, wave, audio, total) {
  const answer = await fetch(/** @type {string} */ (wave.dataset.peaks)).catch(() => null);
  if (!answer?.ok) return undefined;
  const sides = (wave.dataset.sides ?? "").split(",");
  const peaks = loudness((await answer.json()).channels);
  if (!peaks.length) return undefined;
  const narrow = matchMedia("(max-width: 48rem)");
  const surfer = WaveSurfer.create({
    container: wave, media: audio, peaks, duration: total / 1000,
    barWidth: 2, barGap: 1, barRadius: 1, cursorWidth: 2, dragToSeek: true, hideScrollbar: true,
    cspNonce: section.dataset.nonce, ...look(sides, peaks.length, narrow.matches),
  });
  const again = () => surfer.setOptions(look(sides, peaks.length, narrow.matches));
  narrow.addEventListener("change", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  return surfer;
}

/**
 * @param {number[][]} channels per channel, lowest and highest sample for equal stretches of time
 * @returns {Float32Array[]} per channel, 0 to 1, the loudest stretch of the call being 1
 */
function loudness(channels) {
  let loudest = 1;
  for (const pairs of channels) for (const value of pairs) loudest = Math.max(loudest, Math.abs(value));
  return channels.filter((pairs) => pairs.length).map((pairs) =>
    Float32Array.from({ length: pairs.length / 2 }, (_, i) =>
      Math.max(Math.abs(pairs[2 * i]), Math.abs(pairs[2 * i + 1])) / loudest));
}

/**
 * Colors from the style sheet, so that dark mode and high contrast reach the canvas.
 * @param {string[]} sides @param {number} channels @param {boolean} narrow
 */
function look(sides, channels, narrow) {
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const waveColor = color("line-strong");
  const height = narrow ? (channels > 1 ? 26 : 44) : (channels > 1 ? 40 : 72);
  const lanes = Array.from({ length: channels }, (_, i) => ({
    waveColor, progressColor: color(sides[i] === "caller" ? "caller" : "accent"), height,
  }));
  return {
    waveColor, height, progressColor: color("accent"), cursorColor: color("ink"),
    splitChannels: channels > 1 ? lanes : undefined,
  };
}
