/* A look at a listed ticket: half a second over its number, or the key p. One request a ticket and version. The keys
   of rows and cards stand here too; they never act while somebody types, and are switched off with the list's. */
(function () {
  "use strict";

  const { el, t, attach, quick } = window.gongdan;
  const WAIT = 500;
  const LINGER = 250;
  const seen = new Map();
  const node = el("div", { class: "ticket-preview", role: "dialog", "aria-label": t("Preview"), tabindex: "-1", hidden: true, "data-testid": "preview" });
  let timer = 0;
  let asking = null;
  let shown = null;

  async function content(ticket) {
    const key = `${ticket.dataset.number}:${ticket.dataset.version}`;
    if (!seen.has(key)) {
      asking = new AbortController();
      const response = await fetch(`${ticket.dataset.href}/preview`, { signal: asking.signal, headers: { "HX-Request": "true" } });
      if (!response.ok || response.redirected) throw new Error(response.statusText);
      seen.set(key, await response.text());
    }
    return seen.get(key);
  }

  async function show(ticket, anchor, keyed) {
    try {
      const html = await content(ticket);
      if (!anchor.isConnected) return;
      node.innerHTML = html;
    } catch {
      return; // Left before it came, or it did not come: nothing is shown, nothing is lost.
    }
    shown = ticket;
    node.hidden = false;
    attach(node);
    const at = anchor.getBoundingClientRect();
    const below = at.bottom + 4 + node.offsetHeight <= innerHeight;
    node.style.left = `${Math.max(8, Math.min(at.right + 12, innerWidth - node.offsetWidth - 8))}px`;
    node.style.top = `${Math.max(8, below ? at.top : innerHeight - node.offsetHeight - 8)}px`;
    if (keyed) node.focus({ preventScroll: true });
  }

  function hide(back) {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
    const held = node.contains(document.activeElement);
    node.hidden = true;
    if ((back || held) && shown && shown.isConnected) shown.querySelector("[data-row-link]").focus({ preventScroll: true });
    shown = null;
  }

  const numberOf = (target) => target instanceof Element && target.closest("[data-ticket] .ticket-number");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const number = numberOf(event.target);
    if (number) {
      const ticket = number.closest("[data-ticket]");
      if (ticket === shown) { clearTimeout(timer); return; }
      hide(false);
      timer = setTimeout(() => show(ticket, number, false), WAIT);
    } else if (node.contains(event.target)) {
      clearTimeout(timer);
    }
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "mouse" || (!numberOf(event.target) && !node.contains(event.target))) return;
    if (node.contains(event.relatedTarget) || numberOf(event.relatedTarget)) return;
    clearTimeout(timer);
    timer = setTimeout(() => hide(false), node.hidden ? 0 : LINGER);
  });
  window.addEventListener("scroll", () => { if (!node.hidden || asking) hide(false); }, { passive: true, capture: true });
  document.addEventListener("pointerdown", (event) => { if (!node.contains(event.target)) hide(false); });

  function off() {
    try {
      return localStorage.getItem("gongdan.keys.off") === "1" || document.documentElement.dataset.keys === "off";
    } catch {
      return false;
    }
  }

  function typing(target) {
    return target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !node.hidden) { hide(true); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || typing(event.target)) return;
    if ((event.key !== "e" && event.key !== "p") || document.querySelector(".modal.show, .ticket-quick-box:not([hidden])")) return;
    const ticket = document.activeElement.closest("[data-ticket]") || document.querySelector("[data-ticket].is-current") || shown;
    if (!ticket) return;
    event.preventDefault();
    const open = ticket === shown;
    hide(open);
    if (event.key === "e") quick.box.open(ticket, "state", ticket.querySelector(".col-state") || ticket);
    else if (!open) show(ticket, ticket.querySelector(".ticket-number"), true);
  });

  window.gongdan.ready((root) => { if (root === document) document.body.append(node); });
})();
