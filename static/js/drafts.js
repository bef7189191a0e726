// What somebody types into <form data-draft="task-7" data-draft-name="client"> survives a lost connection.
//
// It is kept in this browser under its user and form, with the word that makes the server obey it once, and forgotten
// when the server took it, after a week, and at log-out. A form that could not be sent is sent again when the connection
// is back: by its own page, or by any other page of this user when that one was closed; it says how many seconds it
// waited, so that what happened keeps its day. Files are not kept: only the page that they were chosen on still has
// them. [data-draft-lost], [data-draft-restored] and [data-draft-discard] in the page are what is said meanwhile.
import { ask } from "./confirm.js";
import { fill } from "./announce.js";
import { showToast } from "./toasts.js";

const PREFIX = "baton:draft:";
const KEPT = 7 * 24 * 3600 * 1000;
const AGAIN = 15_000;
const PATIENCE = 30_000;
const SECRET = new Set(["csrf_token"]);

const { dataset: words } = document.body;
const mine = words.user ? `${PREFIX}${words.user}:` : "";
const keyOf = (form) => mine + form.dataset.draft;
const formHere = () => document.querySelector("form[data-draft]");
const shown = (name, visible) => { for (const part of document.querySelectorAll(`[data-draft-${name}]`)) part.hidden = !visible; };

// ---- Keeping -------------------------------------------------------------------------------------------------------

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch { /* nothing is kept where nothing can be */ }
}

function keys() {
  try {
    return Object.keys(localStorage).filter((key) => mine && key.startsWith(mine));
  } catch {
    return [];
  }
}

function keep(form, queued = false) {
  if (!mine) return;
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !SECRET.has(name));
  const at = Date.now();
  const pressed = queued ? (read(keyOf(form))?.pressed ?? at) : undefined;
  write(keyOf(form), { at, pressed, name: form.dataset.draftName, page: location.pathname, action: form.action, fields, queued });
}

/** Adds to what is sent how many seconds ago somebody pressed the button. */
function dated(body, draft) {
  body.append("waited", Math.max(0, Math.round((Date.now() - (draft?.pressed ?? Date.now())) / 1000)));
  return body;
}

export function restore(form, fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || SECRET.has(field.name) || field.type === "file") continue;
    const found = values.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = found.includes(field.value);
    else if (found.length) [field.value] = found;
  }
  for (const details of form.querySelectorAll("details")) {
    details.open ||= [...details.querySelectorAll("input, select, textarea")].some((field) => field.value && field.value !== field.defaultValue && !field.matches("select, [type=file]"));
  }
}

// ---- Sending -------------------------------------------------------------------------------------------------------

/** Asks as htmx does, so that the server answers with an address instead of a page, and its message waits for that page. */
function post(action, body, page) {
  return fetch(action, {
    method: "POST",
    body,
    headers: { "HX-Request": "true", "HX-Current-URL": page },
    signal: AbortSignal.timeout(PATIENCE),
  });
}

let sending = false;
let timer;

async function send(form) {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const button = form.querySelector("button:not([type=button])");
  button?.setAttribute("aria-busy", "true");
  keep(form, true);
  try {
    const answer = await post(form.action, dated(new FormData(form), read(keyOf(form))), location.href);
    const next = answer.headers.get("HX-Redirect");
    if (answer.status === 401) location.assign(next ?? "/login");
    else if (next) { forget(keyOf(form)); location.assign(next); }
    else await refused(form, answer);
  } catch {
    shown("lost", true);
    timer = setTimeout(() => { if (form.isConnected) send(form); }, AGAIN);
  } finally {
    sending = false;
    button?.removeAttribute("aria-busy");
  }
}

/** The server is there and says what is wrong: its page takes the place of this one, with everything that was typed. */
async function refused(form, answer) {
  keep(form);
  shown("lost", false);
  const text = await answer.text();
  const main = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  if ((answer.status !== 422 && answer.status !== 409) || !main?.querySelector("form[data-draft]")) {
    showToast(words[answer.status === 413 ? "textLarge" : "textFailed"]);
    return;
  }
  document.getElementById("main").replaceChildren(...document.adoptNode(main).childNodes);
  document.querySelector(".form-summary")?.focus();
}

/** A form whose page is closed: sent in the background with this page's own token. */
async function deliver(key, draft) {
  const token = document.querySelector("input[name=csrf_token]")?.value;
  if (!token) return;
  const body = new FormData();
  body.append("csrf_token", token);
  for (const [name, value] of draft.fields) body.append(name, value);
  try {
    const answer = await post(draft.action, dated(body, draft), new URL(draft.page, location.href).href);
    if (answer.status === 401 || answer.status >= 500) return;
    if (answer.headers.get("HX-Redirect")) forget(key);
    else write(key, { ...draft, queued: false });
    const sent = Boolean(answer.headers.get("HX-Redirect"));
    showToast(fill(words[sent ? "textDraftSent" : "textDraftRefused"], { name: draft.name }), sent ? "toast-good" : "toast-bad");
  } catch { /* still no connection: the next page tries again */ }
}

async function deliverAll() {
  const open = formHere();
  for (const key of keys()) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > KEPT) forget(key);
    else if (draft.queued && !(open && keyOf(open) === key)) await deliver(key, draft);
  }
}

// ---- What happens in the page --------------------------------------------------------------------------------------

function start() {
  const form = formHere();
  const draft = form && mine && read(keyOf(form));
  if (draft && Date.now() - draft.at <= KEPT) {
    restore(form, draft.fields);
    shown("restored", true);
    if (draft.queued) send(form);
  }
  deliverAll();
}

document.addEventListener("input", ({ target }) => {
  const form = target.form?.matches?.("form[data-draft]") ? target.form : null;
  if (form) keep(form);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-draft]") && mine) {
    event.preventDefault();
    send(event.target);
  }
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-draft-discard]")) return;
  forget(keyOf(formHere()));
  location.reload();
});

window.addEventListener("offline", () => shown("lost", Boolean(formHere())));
window.addEventListener("online", () => {
  shown("lost", false);
  const form = formHere();
  if (form && read(keyOf(form))?.queued) send(form);
  deliverAll();
});

let leaving = false;
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (new URL(form.action).pathname !== "/logout" || leaving) return;
  if (keys().some((key) => read(key)?.queued)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(words.textDraftUnsent))) return;
  }
  keys().forEach(forget);
  leaving = true;
  if (event.defaultPrevented) form.requestSubmit();
}, true);

start();
