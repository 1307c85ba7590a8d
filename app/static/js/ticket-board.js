/* The board: a card dragged to another column takes the step that leads there. Which columns it may go to is asked
   when the drag begins; where no step leads, the card goes back and the column says why. */
(function () {
  "use strict";

  const { t, el, say, toast, quick } = window.gongdan;
  const PHONE = "(max-width: 767.98px)";
  const known = new Map();
  let board = null;
  let dragged = null;

  const columnOf = (node) => node.closest("[data-column]");
  const columnFor = (card) => board.querySelector(`[data-column="${CSS.escape(card.dataset[board.dataset.board])}"]`);
  const labelOf = (column) => column.dataset.label;

  const keyOf = (card) => `${card.dataset.number}:${card.dataset.version}`;

  /* The steps out of the card's state, asked once a card and version. */
  function movesOf(card) {
    const key = keyOf(card);
    if (!known.has(key)) {
      const asked = window.gongdan.send(`${card.dataset.href}/moves?seen=${card.dataset.version}`);
      asked.catch(() => known.delete(key));
      known.set(key, asked);
    }
    return known.get(key);
  }

  function movesNow(card) {
    known.delete(keyOf(card));
    return movesOf(card);
  }

  const leadsTo = (column) => (move) => (board.dataset.board === "state" ? move.target : move.category) === column.dataset.column;

  function mark(moves, from) {
    board.querySelectorAll("[data-column]").forEach((column) => {
      const ways = moves.filter(leadsTo(column));
      const open = ways.some((one) => one.open);
      column.classList.toggle("is-target", column !== from && open);
      column.classList.toggle("is-closed", column !== from && !open);
    });
  }

  function unmark() {
    board.querySelectorAll("[data-column]").forEach((column) => column.classList.remove("is-target", "is-closed"));
  }

  function putBack(move) {
    if (!move.card.isConnected) return;
    if (move.next && move.next.parentNode === move.list) move.next.before(move.card);
    else move.list.prepend(move.card);
  }

  function explain(column, text) {
    const place = column.querySelector("[data-board-why]");
    place.textContent = text;
    place.hidden = false;
    clearTimeout(place.fading);
    place.fading = setTimeout(() => { place.hidden = true; }, 12000);
    say(text);
  }

  function why(moves, move, column) {
    const reasons = moves.filter(leadsTo(column)).flatMap((one) => one.reasons.map((each) => `${one.label}: ${each}`));
    const place = { number: move.card.dataset.number, from: labelOf(columnOf(move.list)), to: labelOf(column) };
    return reasons.length ? `${place.number}: ${reasons.join(" ")}` : t("%(number)s: no step leads from “%(from)s” to “%(to)s”.", place);
  }

  function count(column, by) {
    board.parentNode.querySelectorAll(`[data-board-count="${CSS.escape(column.dataset.column)}"]`).forEach((one) => {
      if (!/^\d+$/.test(one.textContent.trim())) return;
      one.textContent = Math.max(0, Number(one.textContent) + by);
    });
  }

  /* A card drawn anew stands in the column its ticket is in now, at its head unless it was dropped at a place. */
  function settle(card, from) {
    const column = card.classList.contains("is-gone") ? null : columnFor(card);
    count(from, -1);
    if (!column) { card.remove(); return; }
    count(column, 1);
    if (columnOf(card) !== column) column.querySelector("[data-board-cards]").prepend(card);
    say(t("%(card)s is now in “%(column)s”.", { card: card.dataset.number, column: labelOf(column) }));
  }

  /* Somebody else took the ticket elsewhere meanwhile: the card goes where it is now, and that is what is said. */
  async function follow(move, column, answer) {
    const said = await quick.ask(move.card);
    document.dispatchEvent(new CustomEvent("ticket-redrawn", { detail: said }));
    const facts = { number: move.card.dataset.number, state: answer.state_label, who: answer.moved_by };
    explain(column, answer.moved_by
      ? t("%(who)s moved %(number)s meanwhile: it is in “%(state)s” now.", facts)
      : t("%(number)s was moved meanwhile: it is in “%(state)s” now.", facts));
  }

  /* The steps as they are known; those that lead nowhere are asked for again, for somebody may have moved the ticket. */
  async function stepsTo(card, column) {
    const answer = await movesOf(card);
    return answer.moves.filter(leadsTo(column)).some((one) => one.open) ? answer : movesNow(card);
  }

  async function drop(move, column) {
    try {
      const answer = await stepsTo(move.card, column);
      if (answer.state === move.card.dataset.state) await take(move, column, answer);
      else { putBack(move); await follow(move, column, answer); }
    } catch (error) {
      putBack(move);
      toast(error.message, "bad");
    }
  }

  async function take(move, column, answer) {
    const open = answer.moves.filter(leadsTo(column)).filter((one) => one.open);
    if (!open.length) {
      putBack(move);
      explain(column, why(answer.moves, move, column));
    } else if (open.length > 1) {
      putBack(move);
      quick.box.open(move.card, "state", move.card);
    } else if (open[0].at_once) {
      const before = move.card;
      const said = await quick.ask(before, { step: open[0].key, version: answer.version });
      move.card = said.ticket;
      if (said.ok) {
        said.ticket.dataset.from = columnOf(move.list).dataset.column;
        quick.changed(said);
        return;
      }
      putBack(move);
      if (said.state && said.state !== before.dataset.state) await follow(move, column, await movesNow(before));
      else explain(column, said.refusals.join(" "));
    } else {
      putBack(move);
      quick.dialog(open[0].url);
    }
  }

  function draggable(list) {
    window.Sortable.create(list, {
      group: "board",
      draggable: "[data-card]",
      filter: "[data-fixed], button",
      preventOnFilter: false,
      animation: 120,
      delay: 120,
      delayOnTouchOnly: true,
      onStart: (event) => {
        dragged = { card: event.item, list: event.from, next: event.item.nextElementSibling };
        const mine = dragged;
        movesOf(event.item).then((answer) => { if (dragged === mine) mark(answer.moves, columnOf(event.from)); }, () => {});
      },
      onEnd: (event) => {
        const move = dragged;
        dragged = null;
        unmark();
        if (event.to === move.list) putBack(move);
        else drop(move, columnOf(event.to));
      },
    });
  }

  function tabs() {
    const bar = board.parentNode.querySelector(".ticket-board-tabs");
    const all = Array.from(bar.querySelectorAll("[data-board-tab]"));
    const choose = (tab) => {
      all.forEach((one) => {
        one.setAttribute("aria-selected", String(one === tab));
        one.tabIndex = one === tab ? 0 : -1;
        document.getElementById(one.getAttribute("aria-controls")).classList.toggle("is-shown", one === tab);
      });
      tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    };
    bar.addEventListener("click", (event) => { const tab = event.target.closest("[data-board-tab]"); if (tab) choose(tab); });
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
      next.focus();
      choose(next);
    });
    if (all.length) choose(all[0]);
  }

  // Whatever changed a card, it goes where its ticket is now.
  document.addEventListener("ticket-redrawn", (event) => {
    const card = event.detail.ticket;
    if (!board || !card || !card.matches("[data-card]")) return;
    const before = card.dataset.from;
    const from = before ? board.querySelector(`[data-column="${CSS.escape(before)}"]`) : columnOf(card);
    delete card.dataset.from;
    if (card.classList.contains("is-gone") || from !== columnFor(card)) settle(card, from);
  });

  window.gongdan.ready((root) => {
    const found = root.querySelector("[data-board]");
    if (!found || found.dataset.ready) return;
    found.dataset.ready = "1";
    board = found;
    tabs();
    if (window.Sortable && !window.matchMedia(PHONE).matches) board.querySelectorAll("[data-board-cards]").forEach(draggable);
    board.append(el("p", { class: "visually-hidden" }, t("Press e on a card to move it with the keyboard.")));
  });
})();
