// What somebody sent after their session had ended is not lost. It waits in this window (sessionStorage) while they log
// in, and stands in its form again afterwards: on the page they sent it from, in the dialog that was open there. The
// login page says that the session ended with [data-session-ended]; any other page forgets what was sent before it.
// What is typed and not sent yet stays where it is: an answer to the page's own questions that asks to log in takes the
// page away only where nothing is typed.
// Passwords, files and the form's tokens are not kept. Of several forms with one address it is the one with the same
// hidden fields: these say what a form does, and never come back into another. Those that say what its writer had seen
// come back with what was typed, so that somebody else's change since then is not overwritten. Forms with data-draft keep
// themselves (drafts.js).
import { openLink } from "./dialog.js";
import { restore } from "./drafts.js";
import { showToast } from "./toasts.js";

const KEY = "baton:sent";
const OWN = new Set(["csrf_token", "once"]);
const SEEN = /^(version|other_version|seen|opened|was(-.+)?)$/;
const MOST_LINES = 200;
const { dataset: words } = document.body;
const typedIn = new WeakSet();
const here = () => location.pathname + location.search;
const actionOf = (form) => new URL(form.getAttribute("hx-post") ?? form.action, location.href).pathname;

function keep(sent) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(sent));
  } catch { /* nothing is kept where nothing can be */ }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** The hidden fields of a form by which it is known from others with the same address. */
const marksOf = (form) => [...form.elements].filter(({ type, name }) => type === "hidden" && !OWN.has(name) && !SEEN.test(name)).map(({ name, value }) => [name, value]);

/** Rows of lines that the form lacks, so that each field that was sent has its place. */
function lengthen(form, fields) {
  const last = Math.max(-1, ...fields.map(([name]) => Number(/^lines-(\d+)-/.exec(name)?.[1] ?? -1)));
  const add = form.querySelector("[data-line-add]");
  for (let left = MOST_LINES; add && left && form.querySelectorAll("[data-lines-body] > [data-line]").length <= last; left -= 1) add.click();
}

async function giveBack({ action, opener, marks, fields }) {
  const link = opener && document.getElementById(opener);
  if (link) await openLink(link);
  const same = JSON.stringify(marks);
  const form = [...document.forms].find((each) => each.method === "post" && actionOf(each) === action && JSON.stringify(marksOf(each)) === same);
  if (!form) return;
  lengthen(form, fields);
  restore(form, fields);
  for (let around = form.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  form.closest("dialog")?.setAttribute("data-dirty", "");
  typedIn.add(form);
  showToast(words.textSentBack, "toast-warn");
}

document.addEventListener("submit", ({ target: form }) => {
  if (!words.user || form.method !== "post" || form.matches("[data-draft]") || form.querySelector("[type=password]")) return;
  const marks = marksOf(form);
  const fixed = new Set([...OWN, ...marks.map(([name]) => name)]);
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !fixed.has(name));
  keep({ user: words.user, page: here(), action: actionOf(form), opener: form.closest("dialog")?.dataset.opener, marks, fields });
}, true);

document.addEventListener("input", ({ target: { form } }) => { if (form?.method === "post") typedIn.add(form); });

const isTyping = () => [...document.forms].some((form) => typedIn.has(form) && !form.closest("dialog:not([open])"));
const sends = ({ sourceElement }) => sourceElement?.matches?.("form[method=post]");

document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx.response.status !== 401 || sends(ctx) || !isTyping()) return;
  event.preventDefault();
  showToast(words.textSessionEnded);
});

// What the server has answered is not waiting: only where it asks to log in is there anything to give back.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!sends(ctx) || ctx.response.status === 401) return;
  if (ctx.response.status < 300) typedIn.delete(ctx.sourceElement);
  if (kept()) sessionStorage.removeItem(KEY);
});

const sent = kept();
if (sent && !words.user && document.querySelector("[data-session-ended]")) keep({ ...sent, ended: true });
else if (sent && (words.user || !sent.ended)) {
  sessionStorage.removeItem(KEY);
  if (sent.ended && sent.user === words.user && sent.page === here()) giveBack(sent);
}
