// The way out, and the lock: Escape twice (or "Quick exit") leaves no page to go back to; a screen that nobody sits
// before goes dark, and what stood unsent in it is sealed on the other side first. All of it works without scripts
// too, only less: then the exit is a button, and what is sent after the lock is kept.
(function () {
  "use strict";

  const told = document.currentScript.dataset;
  const idle = Number(told.idle) * 1000;
  let escaped = 0;
  let active = Date.now();
  let reported = Date.now();
  let typed = null;
  let leaving = false;

  function out() {
    leaving = true;
    document.documentElement.hidden = true;
    location.replace(told.exit);
  }

  function token() {
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    return field ? field.value : "";
  }

  function send(where, body) {
    body.set("csrfmiddlewaretoken", token());
    return fetch(where, { method: "POST", body: body, credentials: "same-origin", keepalive: true });
  }

  async function lock() {
    leaving = true;
    document.documentElement.hidden = true;
    try {
      if (typed) {
        const body = new URLSearchParams();
        for (const [name, value] of new FormData(typed)) if (typeof value === "string") body.append(name, value);
        body.set("kept_path", new URL(typed.action, location.href).pathname);
        await send(told.keep, body);
      }
    } finally {
      location.replace(told.lock);
    }
  }

  function seen() {
    active = Date.now();
    if (active - reported > 60000) {
      reported = active;
      send(told.here, new URLSearchParams()).catch(() => {});
    }
  }

  document.addEventListener("keydown", (key) => {
    seen();
    if (key.key !== "Escape") return;
    if (key.timeStamp - escaped < 700) out();
    escaped = key.timeStamp;
  });
  for (const what of ["pointerdown", "wheel", "touchstart"]) document.addEventListener(what, seen, { passive: true });
  document.addEventListener("input", (event) => {
    seen();
    const form = event.target.form;
    if (form && form.method === "post" && !form.querySelector("[type=password]")) typed = form;
  });
  document.addEventListener("submit", (event) => {
    if (event.target.classList.contains("exit")) {
      event.preventDefault();
      out();
    }
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.setInterval(() => { if (!leaving && Date.now() - active > idle) lock(); }, 5000);
})();
