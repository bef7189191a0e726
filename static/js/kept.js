// What somebody sent after their session had ended is not lost. It waits in this window (sessionStorage) while they log
// in, and stands in its form again afterwards: on the page they sent it from, in the dialog that was open there. The
// login page says that the session ended with [data-session-ended]; any other page forgets what was sent before it.
// Passwords, files and the form's tokens are not kept. Forms with data-draft keep themselves (drafts.js).
import { openLink } from "./dialog.js";
import { restore } from "./drafts.js";
import { showToast } from "./toasts.js";

const KEY = "baton:sent";
const OWN = new Set(["csrf_token", "once"]);
const MOST_LINES = 200;
const { dataset: words } = document.body;
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

/** Rows of lines that the form lacks, so that each field that was sent has its place. */
function lengthen(form, fields) {
  const last = Math.max(-1, ...fields.map(([name]) => Number(/^lines-(\d+)-/.exec(name)?.[1] ?? -1)));
  const add = form.querySelector("[data-line-add]");
  for (let left = MOST_LINES; add && left && form.querySelectorAll("[data-lines-body] > [data-line]").length <= last; left -= 1) add.click();
}

async function giveBack({ action, opener, fields }) {
  const link = opener && document.getElementById(opener);
  if (link) await openLink(link);
  const form = [...document.forms].find((each) => each.method === "post" && actionOf(each) === action);
  if (!form) return;
  lengthen(form, fields);
  restore(form, fields);
  form.closest("dialog")?.setAttribute("data-dirty", "");
  showToast(words.textSentBack, "toast-warn");
}

document.addEventListener("submit", ({ target: form }) => {
  if (!words.user || form.method !== "post" || form.matches("[data-draft]") || form.querySelector("[type=password]")) return;
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OWN.has(name));
  keep({ user: words.user, page: here(), action: actionOf(form), opener: form.closest("dialog")?.dataset.opener, fields });
}, true);

const sent = kept();
if (sent && !words.user && document.querySelector("[data-session-ended]")) keep({ ...sent, ended: true });
else if (sent && (words.user || !sent.ended)) {
  sessionStorage.removeItem(KEY);
  if (sent.ended && sent.user === words.user && sent.page === here()) giveBack(sent);
}
