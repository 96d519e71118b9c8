// A short sound when a new alarm appears on an open board, for whoever switched it on for this session. It is made
// here by the browser: no file is loaded, nothing is stored.
(function () {
  "use strict";

  let audio = null;

  function woken() {
    audio = audio || new AudioContext();
    if (audio.state === "suspended") audio.resume();
    return audio;
  }

  function ring() {
    const made = woken();
    [660, 880, 660].forEach((pitch, count) => {
      const tone = made.createOscillator();
      const level = made.createGain();
      const begins = made.currentTime + count * 0.25;
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.0001, begins);
      level.gain.exponentialRampToValueAtTime(0.4, begins + 0.02);
      level.gain.exponentialRampToValueAtTime(0.0001, begins + 0.22);
      tone.connect(level).connect(made.destination);
      tone.start(begins);
      tone.stop(begins + 0.24);
    });
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang || 0) + 1);
  }

  function alarms() {
    return new Set([...document.querySelectorAll("#board section.danger .due li")].map(
      (line) => (line.querySelector("a") || {}).href + " " + line.querySelector(".what").textContent));
  }

  for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, woken, { once: true });
  for (const button of document.querySelectorAll("[data-ring]")) {
    button.hidden = false;
    button.addEventListener("click", ring);
  }
  let known = alarms();
  document.addEventListener("htmx:afterSettle", () => {
    const now = alarms();
    if ([...now].some((line) => !known.has(line))) ring();
    known = now;
  });
})();
