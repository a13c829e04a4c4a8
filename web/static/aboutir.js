// Adds what plain forms cannot do: focus on the faults of a form, and passkeys. Every page works without it.
"use strict";

document.getElementById("faults")?.focus();

// Forms post once: the second click of a double click would only be refused.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

const post = (address, body) =>
  fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });

for (const place of document.querySelectorAll(".passkey")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  place.hidden = false;
  const told = place.querySelector(".fault");
  place.querySelector("button").addEventListener("click", async () => {
    told.hidden = true;
    try {
      const options = await (await post(place.dataset.passkey)).json();
      const makes = "makes" in place.dataset;
      const publicKey = makes
        ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
        : PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const shown = await navigator.credentials[makes ? "create" : "get"]({ publicKey });
      const answer = await post(place.dataset.answer, shown.toJSON());
      const content = await answer.json();
      const kept = document.getElementById("given-back");
      if (answer.ok && kept) kept.submit();
      else if (answer.ok) location.assign(content.address);
      else throw new Error(content.message);
    } catch (error) {
      if (error.name === "NotAllowedError") return; // whoever was asked chose not to
      told.textContent = error.message;
      told.hidden = false;
    }
  });
}

// What is done a few seconds at a time goes on by itself.
const going = document.querySelector("form[data-goes-on]");
if (going) setTimeout(() => going.requestSubmit(), 300);
