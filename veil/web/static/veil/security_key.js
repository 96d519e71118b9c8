// Asks a security key (WebAuthn with the prf extension) and puts its answer into the form that needs it.
//
// The form has data-security-key='{"ask": "get", "options": {…}}' and, inside, what templates/veil/security_key.html has.
// With data-security-key-send on the form, it is sent as soon as the key has answered.
// Without this script, or in a browser without WebAuthn, the offer stays hidden and the form works as it is.
(function () {
  "use strict";

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  function text(buffer) {
    if (!buffer) return "";
    const letters = Array.from(new Uint8Array(buffer), (code) => String.fromCharCode(code));
    return btoa(letters.join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function ready(options) {
    const made = Object.assign({}, options, { challenge: bytes(options.challenge) });
    for (const list of ["allowCredentials", "excludeCredentials"]) {
      if (options[list]) made[list] = options[list].map((one) => Object.assign({}, one, { id: bytes(one.id) }));
    }
    if (options.user) made.user = Object.assign({}, options.user, { id: bytes(options.user.id) });
    const prf = options.extensions.prf;
    if (prf.eval) {
      made.extensions = Object.assign({}, options.extensions, { prf: { eval: { first: bytes(prf.eval.first) } } });
    }
    return made;
  }

  async function asked(question) {
    const given = await navigator.credentials[question.ask]({ publicKey: ready(question.options) });
    const prf = given.getClientExtensionResults().prf || {};
    return JSON.stringify({
      credential: text(given.rawId),
      client: text(given.response.clientDataJSON),
      proof: text(given.response.attestationObject || given.response.authenticatorData),
      signature: text(given.response.signature),
      prf: text(prf.results && prf.results.first),
      enabled: prf.enabled === true,
    });
  }

  function offer(form) {
    const part = (name) => form.querySelector("[data-security-key-" + name + "]");
    const button = part("ask");
    const told = part("told");
    const answer = form.querySelector("[name=security_key]");
    const say = (what) => { told.textContent = told.dataset[what]; };
    let asking = false;  // the button is never disabled: that would lose the place of who uses a keyboard
    part("offer").hidden = false;
    button.addEventListener("click", async () => {
      if (asking) return;
      asking = true;
      say("asking");
      try {
        answer.value = await asked(JSON.parse(form.dataset.securityKey));
        say("done");
        if ("securityKeySend" in form.dataset) form.requestSubmit();
      } catch (refused) {
        answer.value = "";
        say("failed");
      } finally {
        asking = false;
      }
    });
    // what the key said must not wait in a page that is left and come back to
    window.addEventListener("pagehide", () => { answer.value = ""; });
  }

  if (window.PublicKeyCredential && navigator.credentials) {
    document.querySelectorAll("form[data-security-key]").forEach(offer);
  }
})();
