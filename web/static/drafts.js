// Keeps what is typed into a form after a pause, as a draft at the desk: nothing stays in the browser.
"use strict";

for (const form of document.querySelectorAll("form[data-keeps]")) {
  const told = form.querySelector(".kept");
  let pause = 0;
  let last = "";
  let leaving = false;
  let asking = new AbortController();
  const content = () => new URLSearchParams(new FormData(form)).toString();
  const keep = async () => {
    const typed = content();
    if (leaving || typed === last) return;
    try {
      const answer = await fetch(form.dataset.keeps, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: typed,
        signal: asking.signal,
      });
      if (leaving) return;
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
        told.textContent = (await answer.json()).told;
        if (answer.ok) {
          last = typed;
          const here = new URL(location); // loaded again, the page gives the draft back
          here.searchParams.set("brouillon", form.elements.brouillon.value);
          history.replaceState(null, "", here);
        }
      } else told.textContent = form.dataset.notKept;
    } catch {
      if (leaving) return;
      told.textContent = form.dataset.notKept; // the connection is lost: the next pause tries again
    }
    if (typed !== last) pause = setTimeout(keep, 15000);
  };
  last = content();
  form.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(keep, 2500);
  });
  form.addEventListener("submit", () => {
    clearTimeout(pause);
    leaving = true;
    asking.abort();
    asking = new AbortController();
  });
  addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
}
