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
// By keyboard arrows walk, and choose the stage of a card that is held. Moves are sent one after the other, so that quick
// drags lose none; live answers are held while a card is in the hand or a move is on its way.
import htmx from "htmx.org";
import Sortable from "sortablejs";
import { announce, fill } from "./announce.js";
import { dragging, fetchAndWait, keyboard, mark, putBack, spotOf, take as takeInHand, under } from "./carrying.js";
import { hold } from "./live.js";

const CARD = ".board-card";
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

/** Holds live answers too. */
const take = () => takeInHand(hold());

async function send(id, stage, stood) {
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
    if (now && (status === 0 || status >= 400) && columnOf(now)?.dataset.stage === stage) putBack(now, stood);
    if (now && (status === 0 || status >= 400)) say("textBack", now);
    // A morph may have made the card anew, and the focus with it.
    if (now && shown && (document.activeElement === document.body || document.activeElement === null)) now.focus();
  }
}

/** Queues a move; `stood` is where the card was before. */
function move(card, column, stood) {
  const release = hold();
  const id = card.dataset.engagement;
  const { stage } = column.dataset;
  waiting.set(id, stage);
  sending = sending.then(() => send(id, stage, stood)).catch(() => {}).finally(release);
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

const options = {
  ...dragging(take),
  draggable: `${CARD}[data-draggable]`,
  filter: ".card-menu",
  scrollSpeed: 14,
  onStart({ item, from }) {
    item.stood = spotOf(item);
    board.classList.add("dragging");
    const lane = from.closest(".board-lane");
    for (const other of board.querySelectorAll(".board-lane")) {
      if (other !== lane) for (const column of other.querySelectorAll(".board-column")) column.classList.add("drop-never");
    }
  },
  onMove({ to }) { mark(to.closest(".board-column")); },
  onEnd({ item, from, originalEvent }) {
    mark(null);
    board.classList.remove("dragging");
    for (const column of board.querySelectorAll(".drop-never")) column.classList.remove("drop-never");
    const target = dropColumn(originalEvent, from);
    if (!target) return putBack(item, item.stood);
    if (columnOf(item) !== target) target.querySelector(".cards").prepend(item);
    move(item, target, item.stood);
  },
};

/** The column of the same lane, other than the one the card came from, in which the pointer was let go. */
function dropColumn(event, from) {
  const column = under(event, ".board-column");
  return column && column !== columnOf(from) && laneOf(column) === laneOf(from) ? column : null;
}

// ---- Keyboard ------------------------------------------------------------------------------------------------------

function follows(card, key) {
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

const { onKey, onBlur } = keyboard({
  card: CARD,
  name: ".card-name",
  menu: ".card-menu",
  list: ".cards",
  placeOf: columnOf,
  steps: { ArrowLeft: -1, ArrowRight: 1 },
  beside(card, step) {
    const lane = [...laneOf(card).querySelectorAll(".board-column")];
    return lane[lane.indexOf(columnOf(card)) + step];
  },
  say,
  taking: take,
  drop: move,
  walk(card, key) {
    const walks = /^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(key);
    if (walks) follows(card, key)?.focus();
    return walks;
  },
});

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

function onLeave({ target, relatedTarget }) {
  const card = target.closest?.(CARD);
  if (!card || card.contains(relatedTarget)) return;
  for (const link of card.querySelectorAll("a, button")) link.tabIndex = -1;
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
    if (!Sortable.get(list)) Sortable.create(list, { ...options, group: laneOf(list).dataset.department });
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
  board.addEventListener("focusout", onLeave);
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
