// Polling that rests: [data-live="2000"] hears "baton:poll" every so many milliseconds while the tab is visible
// and nothing holds it. The element itself says what to ask:
//   <div data-live="2000" hx-get="/board/changes" hx-trigger="baton:poll" hx-swap="none" hx-ptag="{{ cursor }}">
// hx-ptag sends the cursor back; the server answers 304 or 204, or partials with a new HX-PTag.
// An answer that arrives while something is dragged, or that was asked before the last move ended, is dropped
// before its tag is kept: the next question gets it again.
import htmx from "htmx.org";

let holds = 0;
let epoch = 0;

/** Stops answers from being shown until the returned function is called. */
export function hold() {
  holds += 1;
  let held = true;
  return () => {
    if (held) { held = false; holds -= 1; epoch += 1; }
  };
}

function follow(element) {
  const pause = Number(element.dataset.live) || 2000;
  const offline = document.getElementById("offline");
  let timer;
  let failures = 0;
  let asked = null;

  const plan = () => {
    clearTimeout(timer);
    if (element.isConnected) timer = setTimeout(ask, Math.min(30_000, pause * 2 ** failures));
  };
  const ask = () => {
    if (document.hidden || holds || asked !== null) return plan();
    asked = epoch;
    htmx.trigger(element, "baton:poll");
  };
  const report = (lost) => {
    failures = lost ? failures + 1 : 0;
    if (!offline) return;
    offline.hidden = failures < 2;
    offline.textContent = failures < 2 ? "" : document.body.dataset.textOffline;
  };

  element.addEventListener("htmx:before:response", (event) => {
    if (event.target === element && (holds || asked !== epoch)) event.preventDefault();
  });
  element.addEventListener("htmx:finally:request", ({ target, detail: { ctx } }) => {
    if (target !== element) return;
    asked = null;
    report(!ctx.response || ctx.response.status >= 500);
    plan();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { clearTimeout(timer); ask(); } });
  window.addEventListener("online", ask);
  plan();
}

for (const element of document.querySelectorAll("[data-live]")) follow(element);
