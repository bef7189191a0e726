// The clerk's queue by keyboard. A key opens the outcome that shows it ([data-key]) and puts the focus where one types;
// a digit chooses by place in a list, and Enter writes it. Keys are read by their place (KeyD), so that a Russian layout
// works the same, and only while the focus is inside the queue. After an outcome the next item's name has the focus and
// is said.
import { announce } from "./announce.js";

const work = () => document.getElementById("queue-work");
const TYPED = "input, select, textarea";

function rest() {
  work()?.querySelector("[data-queue-title]")?.focus();
}

function open(summary) {
  const { parentElement: details } = summary;
  details.open = true;
  const form = details.querySelector("form");
  (form.querySelector("[data-first]") ?? form.querySelector("button"))?.focus();
  form.querySelector("input[data-first]")?.select();
  details.scrollIntoView({ block: "nearest" });
}

// The list stays as it is while its items are looked at, one after the other.
function mark(queue, client) {
  for (const row of queue.querySelectorAll(".queue-list li")) {
    if (row.dataset.client === client) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function step(queue, ahead) {
  const rows = [...queue.querySelectorAll(".queue-list li")];
  const here = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  rows[here + ahead]?.querySelector("a")?.click();
}

document.addEventListener("keydown", (event) => {
  const queue = work();
  if (!queue?.contains(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    const details = event.target.closest("details[open]");
    if (details?.matches(".outcome")) { details.open = false; details.querySelector("summary").focus(); }
    return;
  }
  if (event.key === "Enter" && event.target.matches(".outcome-form select, .outcome-form [type=checkbox]")) {
    event.preventDefault();  // a list would open, and nothing be written
    event.target.form.requestSubmit();
    return;
  }
  const place = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (place && !event.shiftKey && event.target.matches(".outcome-form select")) {
    event.preventDefault();  // the browser would look for an option that begins with the digit
    if (place <= event.target.length) event.target.selectedIndex = place - 1;
    return;
  }
  if (event.target.matches(TYPED) || !/^Key[A-Z]$/.test(event.code)) return;
  const key = event.code.slice(3);
  const chosen = queue.querySelector(`[data-key="${key}"]`);
  if (!chosen && key !== "J" && key !== "K") return;
  event.preventDefault();
  if (!chosen) step(queue, key === "J" ? 1 : -1);
  else if (chosen.matches("summary")) open(chosen);
  else if (key === "C") chosen.focus();
  else chosen.click();
});

document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.matches?.(".outcome")) return;
  for (const other of work().querySelectorAll(".outcome[open]")) if (other !== target) other.open = false;
}, true);

document.addEventListener("htmx:after:swap", ({ target }) => {
  const queue = work();
  if (!queue?.contains(target)) return;
  const wrong = queue.querySelector("[role=alert]");
  if (wrong) {
    wrong.closest("form").querySelector("[data-first]")?.focus();
    return;
  }
  const title = queue.querySelector("[data-queue-title]");
  if (!title) { queue.focus(); return; }
  mark(queue, title.dataset.queueTitle);
  title.focus();
  announce(`${title.textContent.trim()}. ${queue.querySelector(".why-first")?.textContent.trim() ?? ""}`);
});

rest();
