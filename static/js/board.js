// Moving cards by drag, by keyboard and by menu: three ways to fill and send ONE form.
//
// What the template renders:
//   <div class="board" id="board" role="group" aria-label aria-describedby="board-help"
//        data-text-picked="{name} … {stage}" data-text-over="{stage} …" data-text-dropped="{name} … {stage}"
//        data-text-back="{name} … {stage}" data-text-arrived="{name} … {stage}" data-text-fixed="{name}">
//     <section class="board-lane" data-department="sales" aria-labelledby="lane-sales">
//       <header class="lane-head"> … <button class="lane-fold" data-lane-fold aria-expanded="true"> …
//       <div class="lane-columns">
//         <section class="board-column" id="stage-3" data-stage="3" aria-label="Negotiation">
//           <header class="column-head">…</header>
//           <div class="cards">
//             <article class="board-card" id="card-7" data-engagement="7" data-version="2" data-draggable tabindex="-1" aria-labelledby="card-7-name">
//               <a class="card-name" id="card-7-name" href="/clients/5">…</a>
//               <a class="card-menu" href="/engagements/7/stage" data-dialog aria-label="…">…</a>
//   <form id="move-form" method="post" hidden data-action="/engagements/0/stage">
//     csrf_token, <input type="hidden" name="version">, <input type="hidden" name="stage_id"></form>
//   <select class="board-chooser" id="board-chooser" aria-label="…" hidden></select>   (before the board; for the phone)
//
// A card carries no form of its own, so that 300 of them stay cheap: the shared form is filled here, and the menu is a
// link to a page with the form in plain HTML. Without data-draggable a card cannot be moved (no permission).
// The server answers 200 with partials for both heads and the card, whose data-place="4-12" says before which card of
// which stage it stands now; or 409 or 422 with partials for the columns concerned, which put a refused card back.
//
// Keyboard: arrows walk, Enter opens the client, M the menu, Space picks up; then left and right choose the stage,
// Space or Enter drops, Escape puts back. Moves are sent one after the other, so that quick drags lose none;
// live answers are held while a card is in the hand or a move is on its way.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { announce, fill } from "./announce.js";
import { openLink } from "./dialog.js";
import { hold } from "./live.js";

const board = document.getElementById("board");
const cardsIn = (column) => [...column.querySelectorAll(".board-card")];
const columnOf = (card) => card.closest(".board-column");
const laneOf = (card) => card.closest(".board-lane");
const columns = () => [...board.querySelectorAll(".board-column")].filter((column) => column.offsetParent);
const nameOf = (card) => card.querySelector(".card-name")?.textContent.trim() ?? "";
const stageOf = (column) => column.getAttribute("aria-label") ?? "";
const say = (key, card, column = columnOf(card)) =>
  announce(fill(board.dataset[key], { name: nameOf(card), stage: stageOf(column), count: cardsIn(column).length }));

// ---- Sending -------------------------------------------------------------------------------------------------------

let sending = Promise.resolve();
const waiting = new Map();
let inHand = 0;
let handEmpty = Promise.resolve();

/** Holds live answers, and those of moves on their way: a swap would take the card out of the hand. */
function take() {
  const free = hold();
  let emptied;
  inHand += 1;
  handEmpty = new Promise((resolve) => { emptied = resolve; });
  return () => { inHand -= 1; free(); emptied(); };
}

async function fetchAndWait(url, request) {
  const answer = await fetch(url, request);
  if (!inHand) return answer;
  // Read now: a card may be held for longer than the request may take.
  const body = await answer.text();
  while (inHand) await handEmpty;
  return new Response(body || null, answer);
}

/** Where a card stands, so that it can be put back there. */
function placeOf(card) {
  return { list: card.parentElement, next: card.nextElementSibling };
}

function putBack(card, { list, next }) {
  if (!list.isConnected) return;
  if (next?.parentElement === list) list.insertBefore(card, next);
  else list.append(card);
}

async function send(id, stage, place) {
  const form = document.getElementById("move-form");
  const card = document.getElementById(`card-${id}`);
  if (!form || !card) return;
  if (waiting.get(id) === stage) waiting.delete(id);
  const shown = document.activeElement === card;
  form.elements.version.value = card.dataset.version;
  form.elements.stage_id.value = stage;
  card.classList.add("card-saving");
  let status = 0;
  const seen = ({ detail }) => { status = detail.ctx.response?.status ?? 0; };
  form.addEventListener("htmx:after:request", seen);
  try {
    await htmx.ajax("POST", form.dataset.action.replace(/\/0(?=\/|$)/, `/${id}`), { source: form, target: board, swap: "none", fetch: fetchAndWait });
  } finally {
    form.removeEventListener("htmx:after:request", seen);
    const now = document.getElementById(`card-${id}`);
    now?.classList.remove("card-saving");
    if (now && (status === 0 || status >= 400) && columnOf(now)?.dataset.stage === stage) putBack(now, place);
    if (now && (status === 0 || status >= 400)) say("textBack", now);
    // A morph may have made the card anew, and the focus with it.
    if (now && shown && (document.activeElement === document.body || document.activeElement === null)) now.focus();
  }
}

/** Queues a move; `place` is where the card stood before. */
function move(card, stage, place) {
  const release = hold();
  const id = card.dataset.engagement;
  waiting.set(id, stage);
  sending = sending.then(() => send(id, stage, place)).catch(() => {}).finally(release);
}

/** The answer to one move shows cards whose own moves still wait where they came from: they stay where they were put. */
function keepWaiting() {
  for (const [id, stage] of waiting) {
    const card = document.getElementById(`card-${id}`);
    const column = board.querySelector(`[data-stage="${CSS.escape(stage)}"]`);
    if (card && column && columnOf(card) !== column) column.querySelector(".cards").prepend(card);
  }
}

/** A moved card comes alone: it goes where it says, before the next card or behind the last. */
function placeMoved() {
  for (const card of board.querySelectorAll(".board-card[data-place]")) {
    const [stage, follows] = card.dataset.place.split("-");
    delete card.dataset.place;
    const list = document.querySelector(`#stage-${CSS.escape(stage)} .cards`);
    if (!list) continue;
    const others = [...list.children].filter((other) => other !== card);
    const before = others.find((other) => other.id === `card-${follows}`);
    const last = others.findLast((other) => other.matches(".board-card"));
    const next = before ?? (last ? last.nextSibling : list.firstChild);
    if (list.moveBefore) list.moveBefore(card, next);
    else list.insertBefore(card, next);
  }
}

// ---- Drag ----------------------------------------------------------------------------------------------------------

let release = null;

const dragging = {
  draggable: ".board-card[data-draggable]",
  filter: ".card-menu",
  preventOnFilter: false,
  sort: false,
  // Not animated: Sortable does not hear a press on a card that still slides to its place.
  animation: 0,
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 5,
  delay: 220,
  delayOnTouchOnly: true,
  touchStartThreshold: 6,
  scrollSensitivity: 70,
  scrollSpeed: 14,
  // From the press on: an answer between it and the first movement would replace the card under the pointer.
  onChoose() {
    release?.();
    release = take();
  },
  onUnchoose() {
    release?.();
    release = null;
  },
  onStart({ item, from }) {
    item.placeBeforeDrag = placeOf(item);
    board.classList.add("dragging");
    const lane = from.closest(".board-lane");
    for (const other of board.querySelectorAll(".board-lane")) {
      if (other !== lane) for (const column of other.querySelectorAll(".board-column")) column.classList.add("drop-never");
    }
  },
  onMove({ to }) {
    mark(to.closest(".board-column"));
  },
  onEnd({ item, from, originalEvent }) {
    mark(null);
    board.classList.remove("dragging");
    for (const column of board.querySelectorAll(".drop-never")) column.classList.remove("drop-never");
    // Sortable looks under the pointer only now and then; a quick drop is where the pointer was let go.
    const target = dropColumn(originalEvent, from);
    if (target) {
      if (columnOf(item) !== target) target.querySelector(".cards").prepend(item);
      move(item, target.dataset.stage, item.placeBeforeDrag);
    } else {
      putBack(item, item.placeBeforeDrag);
    }
  },
};

/** The column of the same lane, other than the one the card came from, in which the pointer was let go. */
function dropColumn(event, from) {
  const { clientX, clientY } = event?.changedTouches?.[0] ?? event ?? {};
  const column = clientX === undefined ? null : document.elementFromPoint(clientX, clientY)?.closest(".board-column");
  return column && column !== columnOf(from) && laneOf(column) === laneOf(from) ? column : null;
}

function mark(column) {
  for (const marked of board.querySelectorAll(".drop-here")) if (marked !== column) marked.classList.remove("drop-here");
  column?.classList.add("drop-here");
}

// ---- Keyboard ------------------------------------------------------------------------------------------------------

let held = null;

function shift(card, list, next) {
  held.shifting = true;
  if (list.moveBefore) list.moveBefore(card, next);
  else list.insertBefore(card, next);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  held.shifting = false;
}

function pickUp(card) {
  if (!card.matches("[data-draggable]")) return say("textFixed", card);
  held = { card, place: placeOf(card), from: columnOf(card), release: take(), shifting: false };
  card.classList.add("card-held");
  say("textPicked", card);
}

function letGo(keep) {
  const { card, place, from, release: free } = held;
  const column = columnOf(card);
  if (!keep && column !== from) {
    shift(card, place.list, place.next?.parentElement === place.list ? place.next : null);
  }
  mark(null);
  card.classList.remove("card-held");
  held = null;
  if (keep && column !== from) {
    say("textDropped", card, column);
    move(card, column.dataset.stage, place);
  } else {
    say("textBack", card);
  }
  free();
}

function carry(step) {
  const { card } = held;
  const lane = [...laneOf(card).querySelectorAll(".board-column")];
  const column = lane[lane.indexOf(columnOf(card)) + step];
  if (!column) return;
  const list = column.querySelector(".cards");
  shift(card, list, list.firstElementChild);
  mark(column);
  say("textOver", card, column);
}

function walk(card, key) {
  const column = columnOf(card);
  const here = cardsIn(column);
  const at = here.indexOf(card);
  if (key === "ArrowUp") return here[at - 1];
  if (key === "ArrowDown") return here[at + 1];
  if (key === "Home") return here[0];
  if (key === "End") return here.at(-1);
  const filled = columns().filter((other) => other === column || cardsIn(other).length);
  const beside = filled[filled.indexOf(column) + (key === "ArrowLeft" ? -1 : 1)];
  const cards = beside ? cardsIn(beside) : [];
  return cards[Math.min(at, cards.length - 1)];
}

function onKey(event) {
  const { key, target: card } = event;
  if (!card.matches?.(".board-card") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (held) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (step) carry(step);
    else if (key === " " || key === "Enter") letGo(true);
    else if (key === "Escape") letGo(false);
    else if (key === "Tab") return letGo(false);
    event.preventDefault();
    return;
  }
  if (key === " ") pickUp(card);
  else if (key === "Enter") card.querySelector(".card-name")?.click();
  else if (key === "m" || key === "M" || key === "ь" || key === "Ь") {
    const menu = card.querySelector(".card-menu");
    if (!menu) return;
    openLink(menu);
  } else if (/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(key)) walk(card, key)?.focus();
  else return;
  event.preventDefault();
}

/** One card of each column is reached by Tab; the links of a card only while it has the focus. */
function rove(root) {
  for (const column of root.querySelectorAll(".board-column")) {
    const cards = cardsIn(column);
    const current = cards.find((card) => card.contains(document.activeElement)) ?? cards.find((card) => card.tabIndex === 0) ?? cards[0];
    for (const card of cards) {
      card.tabIndex = card === current ? 0 : -1;
      const open = card.contains(document.activeElement);
      for (const link of card.querySelectorAll("a, button")) link.tabIndex = open ? 0 : -1;
    }
  }
}

function onFocus({ target }) {
  const card = target.closest?.(".board-card");
  if (!card) return;
  for (const other of cardsIn(columnOf(card))) if (other !== card) other.tabIndex = -1;
  card.tabIndex = 0;
  for (const link of card.querySelectorAll("a, button")) link.tabIndex = 0;
}

function onBlur({ target, relatedTarget }) {
  const card = target.closest?.(".board-card");
  if (!card || card.contains(relatedTarget)) return;
  for (const link of card.querySelectorAll("a, button")) link.tabIndex = -1;
  if (held?.card === card && !held.shifting && card.isConnected) letGo(false);
}

// ---- What others did -----------------------------------------------------------------------------------------------

const standing = new Map();

function remember() {
  standing.clear();
  for (const card of board.querySelectorAll(".board-card")) standing.set(card.id, columnOf(card).id);
}

function showArrivals() {
  const arrived = [...board.querySelectorAll(".board-card")].filter((card) => standing.get(card.id) !== columnOf(card).id);
  for (const card of arrived) {
    card.classList.add("card-fresh");
    setTimeout(() => card.classList.remove("card-fresh"), 1700);
  }
  if (arrived.length === 1) say("textArrived", arrived[0]);
}

// ---- Phone: one column at a time -----------------------------------------------------------------------------------

function fillChooser(chooser) {
  chooser.replaceChildren(...[...board.querySelectorAll(".board-lane")].map((lane) => {
    const group = document.createElement("optgroup");
    group.label = document.getElementById(lane.getAttribute("aria-labelledby"))?.textContent.trim() ?? "";
    for (const column of lane.querySelectorAll(".board-column")) {
      const count = column.querySelector(".column-head .count")?.textContent.trim();
      group.append(new Option(count ? `${stageOf(column)} · ${count}` : stageOf(column), column.id));
    }
    return group;
  }));
}

function nearest() {
  const edge = board.getBoundingClientRect().left;
  const distance = (column) => Math.abs(column.getBoundingClientRect().left - edge);
  return columns().reduce((best, column) => (best && distance(best) <= distance(column) ? best : column), null);
}

function prepareChooser() {
  const chooser = document.getElementById("board-chooser");
  if (!chooser) return;
  chooser.hidden = false;
  fillChooser(chooser);
  let timer;
  const show = () => { const column = nearest(); if (column) chooser.value = column.id; };
  chooser.addEventListener("change", () => document.getElementById(chooser.value)?.scrollIntoView({ inline: "start", block: "nearest" }));
  board.addEventListener("scroll", () => { clearTimeout(timer); timer = setTimeout(show, 120); }, { passive: true });
  board.addEventListener("board:changed", () => { fillChooser(chooser); show(); });
}

// ---- Folded lanes --------------------------------------------------------------------------------------------------

function fold(lane, folded) {
  lane.classList.toggle("lane-folded", folded);
  lane.querySelector("[data-lane-fold]")?.setAttribute("aria-expanded", String(!folded));
}

function keptFolds() {
  try {
    return new Set(JSON.parse(localStorage.getItem("lanes-folded") ?? "[]"));
  } catch {
    return new Set();
  }
}

function onFold({ target }) {
  const lane = target.closest("[data-lane-fold]")?.closest(".board-lane");
  if (!lane) return;
  fold(lane, !lane.classList.contains("lane-folded"));
  const folded = [...board.querySelectorAll(".lane-folded")].map((one) => one.dataset.department);
  try {
    localStorage.setItem("lanes-folded", JSON.stringify(folded));
  } catch {
    // It then lasts as long as the page.
  }
}

// --------------------------------------------------------------------------------------------------------------------

function prepare() {
  for (const list of board.querySelectorAll(".board-column .cards")) {
    if (!Sortable.get(list)) Sortable.create(list, { ...dragging, group: laneOf(list).dataset.department });
  }
  rove(board);
}

if (board) {
  prepare();
  remember();
  prepareChooser();
  for (const department of keptFolds()) {
    const lane = board.querySelector(`.board-lane[data-department="${CSS.escape(department)}"]`);
    if (lane) fold(lane, true);
  }
  board.addEventListener("keydown", onKey);
  board.addEventListener("focusin", onFocus);
  board.addEventListener("focusout", onBlur);
  board.addEventListener("click", onFold);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    placeMoved();
    keepWaiting();
    prepare();
    if (ctx.sourceElement?.matches?.("[data-live]")) showArrivals();
    remember();
    board.dispatchEvent(new CustomEvent("board:changed"));
  });
}
