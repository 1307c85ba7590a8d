/* Changing a ticket where it is listed: a small box beside its row or card. What may be done the server says, a
   change goes the ticket's own way over the version that was read, and only that row or card is drawn anew. */
(function () {
  "use strict";

  const { t, el, token, toast, say, attach, bring } = window.gongdan;
  const COLUMNS = { "col-state": "state", "col-priority": "priority", "col-assignee": "assignee", "col-tags": "tags" };
  const CHOICES = ".ticket-quick-choice";

  const listed = (number) => document.querySelector(`[data-ticket][data-number="${CSS.escape(number)}"]`);
  const address = (ticket, part) => `${ticket.dataset.href}/${part}${location.search}`;

  /* The ticket's row or card as the server draws it now; what was ticked, current or focused in it stays so. */
  function redraw(ticket, html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const drawn = holder.content.firstElementChild;
    if (!drawn) {
      ticket.classList.add("is-gone");
      return ticket;
    }
    const box = ticket.querySelector("[data-row-select]");
    if (box && box.checked) drawn.querySelector("[data-row-select]").checked = true;
    ["is-current", "is-ticked"].forEach((name) => drawn.classList.toggle(name, ticket.classList.contains(name)));
    const focused = ticket.contains(document.activeElement);
    ticket.replaceWith(drawn);
    attach(drawn);
    if (focused) drawn.querySelector("[data-row-link]").focus({ preventScroll: true });
    return drawn;
  }

  /* Ask for the ticket as it is, or change it; answers what the server said, with the row or card drawn anew. */
  async function ask(ticket, fields) {
    const options = { headers: { Accept: "application/json", "X-CSRFToken": token() } };
    if (fields) Object.assign(options, { method: "POST", body: new URLSearchParams({ version: ticket.dataset.version, ...fields }) });
    let answer;
    try {
      const response = await fetch(address(ticket, "quick"), options);
      answer = await response.json();
      answer.ok = response.ok;
    } catch {
      return { ok: false, ticket, refusals: [t("No connection. Nothing was sent; please try again.")] };
    }
    if (!("html" in answer)) return { ok: false, ticket, refusals: [answer.detail || answer.title || t("That did not work. Please try again.")] };
    return { ...answer, ticket: redraw(ticket, answer.html) };
  }

  function told(answer) {
    const box = toast(answer.said);
    if (!Object.keys(answer.undo).length) return;
    const button = el("button", { type: "button", class: "btn btn-sm", "data-testid": "undo" }, t("Undo"));
    box.querySelector(".btn-close").before(button);
    button.addEventListener("click", async () => {
      box.remove();
      const ticket = listed(answer.ticket.dataset.number);
      const back = await ask(ticket, answer.undo);
      if (back.ok) toast(t("%(number)s is as it was.", { number: ticket.dataset.number }));
      else toast(`${t("Not undone:")} ${back.refusals.join(" ")}`, "bad");
    });
  }

  function changed(answer) {
    told(answer);
    document.dispatchEvent(new CustomEvent("ticket-redrawn", { detail: answer }));
  }

  /* The dialog of a step that asks for something; it answers with `ticket-changed` when it was taken. */
  async function dialog(url) {
    // What a dialog's inputs need comes with the first of them: most visits to a list open none.
    await bring("dialog-scripts");
    window.htmx.ajax("GET", url, { target: "#ticket-dialog-content", swap: "innerHTML" });
  }

  class Box {
    constructor() {
      this.node = el("div", { class: "ticket-quick-box", role: "dialog", "aria-label": t("Change the ticket"), hidden: true, "data-testid": "quick-box" });
      document.body.append(this.node);
      this.node.addEventListener("click", (event) => this.click(event));
      this.node.addEventListener("keydown", (event) => this.key(event));
      this.node.addEventListener("input", (event) => { if (event.target.matches("[data-quick-find]")) this.find(event.target); });
      document.addEventListener("pointerdown", (event) => {
        if (!this.node.hidden && !this.node.contains(event.target)) this.close(false);
      });
    }

    async open(ticket, name, anchor) {
      const asked = (this.asked = (this.asked || 0) + 1);
      Object.assign(this, { number: ticket.dataset.number, anchor: anchor || ticket });
      let html = "";
      try {
        const response = await fetch(`${ticket.dataset.href}/quick/${name}?seen=${ticket.dataset.version}`, { headers: { "HX-Request": "true" } });
        if (response.ok && !response.redirected) html = await response.text();
      } catch {
        html = "";
      }
      if (asked !== this.asked) return;
      if (this.finding) this.finding.abort();
      if (!html) { toast(t("That did not work. Please try again."), "bad"); return; }
      this.node.innerHTML = html;
      this.node.hidden = false;
      this.place();
      attach(this.node);
      const first = this.node.querySelector(`[data-quick-reason], [data-quick-find], ${CHOICES}:not([aria-current]), [data-quick-close]`);
      first.focus({ preventScroll: true });
    }

    /* Below its cell, or above where there is no room; on a phone CSS lays it at the bottom. */
    place() {
      const at = (this.anchor.isConnected ? this.anchor : listed(this.number)).getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = this.node;
      const below = at.bottom + 4 + height <= innerHeight;
      this.node.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
      this.node.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
    }

    close(back = true) {
      if (this.node.hidden) return;
      this.asked += 1;
      this.node.hidden = true;
      this.node.replaceChildren();
      const ticket = listed(this.number);
      if (back && ticket) ticket.querySelector("[data-row-link]").focus({ preventScroll: true });
      document.dispatchEvent(new CustomEvent("quick-closed", { detail: { number: this.number } }));
    }

    click(event) {
      const hit = event.target.closest("button");
      const ticket = listed(this.number);
      if (!hit || !ticket) return;
      if (hit.dataset.quickClose !== undefined) this.close();
      else if (hit.dataset.quickTab) this.open(ticket, hit.dataset.quickTab, this.anchor.isConnected ? this.anchor : ticket);
      else if (hit.dataset.quickDialog) { this.close(); dialog(hit.dataset.quickDialog); }
      else if (hit.dataset.quickName) this.send(ticket, hit);
    }

    async send(ticket, button) {
      if (button.getAttribute("aria-current")) { this.close(); return; }
      if (this.sent === this.asked) return; // Pressed twice: it is on its way.
      const asked = (this.sent = this.asked);
      const body = this.node.querySelector("[data-version]");
      const reason = this.node.querySelector("[data-quick-reason]");
      const fields = { version: body.dataset.version, [button.dataset.quickName]: button.dataset.quickValue };
      if (reason) fields.reason = reason.value;
      // What it empties was said when it was chosen before.
      if (button.dataset.quickConfirm) fields.confirmed = button.dataset.quickConfirm;
      this.node.setAttribute("aria-busy", "true");
      const answer = await ask(ticket, fields);
      this.node.removeAttribute("aria-busy");
      const here = asked === this.asked;
      if (answer.ok) {
        const { quickStay } = button.dataset;
        if (here) this.close();
        changed(answer);
        // Tags come by several: the box stays for the next.
        if (here && quickStay !== undefined) this.open(answer.ticket, body.dataset.name, answer.ticket.querySelector("td.col-tags"));
        return;
      }
      if (!here) {
        // Closed meanwhile, or another ticket's by now: it is said beside the page instead of nowhere.
        toast(`${ticket.dataset.number}: ${answer.refusals.join(" ")}`, "bad");
        return;
      }
      this.sent = 0;
      if (answer.version) body.dataset.version = answer.version;
      if (answer.confirm) button.dataset.quickConfirm = answer.confirm;
      const place = this.node.querySelector("[data-quick-refused]");
      place.replaceChildren(...answer.refusals.map((one) => el("li", {}, one)));
      place.hidden = false;
      if (reason && !reason.value.trim()) reason.focus();
    }

    async find(input) {
      if (this.finding) this.finding.abort();
      this.finding = new AbortController();
      const url = new URL(input.dataset.quickFind, location.href);
      url.searchParams.set("q", input.value);
      try {
        const response = await fetch(url, { signal: this.finding.signal, headers: { Accept: "application/json" } });
        if (!response.ok) return; // Not answered is not nobody.
        const people = (await response.json()).results || [];
        const list = this.node.querySelector("[data-quick-people]");
        if (!list) return;
        const tags = input.dataset.quickAs === "tag_add";
        list.replaceChildren(...people.slice(0, 8).map((one) => el("button", { type: "button", class: "ticket-quick-choice", "data-quick-name": input.dataset.quickAs || "assignee_id", "data-quick-value": one.id, ...(tags && { "data-quick-stay": "" }) },
          el("span", {}, one.text), el("span", { class: "text-secondary clip" }, one.hint || ""))));
        if (!people.length) list.append(el("p", { class: "ticket-quick-word text-secondary" }, tags ? t("Nothing found") : t("Nobody of that name may take this ticket.")));
        const count = Math.min(people.length, 8);
        say(tags ? t("%(count)s tags", { count }) : t("%(count)s people", { count }));
      } catch {
        // Typed on, or no connection: what stands there stays.
      }
    }

    key(event) {
      if (event.key === "Escape") { event.stopPropagation(); this.close(); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const choices = Array.from(this.node.querySelectorAll(CHOICES));
      if (step && choices.length) {
        event.preventDefault();
        const here = choices.indexOf(document.activeElement);
        choices[(here + step + choices.length) % choices.length].focus();
      } else if (event.key === "Tab") {
        this.hold(event);
      }
    }

    /* The box lies over the page: Tab goes round in it. */
    hold(event) {
      const stops = Array.from(this.node.querySelectorAll("button, input"));
      const [first, last] = [stops[0], stops[stops.length - 1]];
      if (document.activeElement !== (event.shiftKey ? first : last)) return;
      event.preventDefault();
      (event.shiftKey ? last : first).focus();
    }
  }

  const box = new Box();

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-quick-open]");
    const ticket = event.target.closest("[data-ticket]");
    if (opener && ticket) { box.open(ticket, opener.dataset.quickOpen, opener); return; }
    const cell = event.target.closest("[data-quick-rows] td");
    if (!cell || !ticket || event.detail > 1 || String(getSelection()) || event.target.closest("a, button, input")) return;
    if (window.matchMedia("(max-width: 767.98px)").matches) return;
    const name = Object.keys(COLUMNS).find((one) => cell.classList.contains(one));
    if (name) box.open(ticket, COLUMNS[name], cell);
  });

  // A step's dialog over the list was taken: what it changed is drawn anew where it stands.
  document.addEventListener("ticket-changed", async (event) => {
    const { number, said } = event.detail;
    const modal = document.getElementById("ticket-dialog");
    modal.dataset.taken = number;
    window.tabler.Modal.getOrCreateInstance(modal).hide();
    const ticket = listed(number);
    const answer = ticket ? await ask(ticket) : { undo: {} };
    changed({ ...answer, undo: {}, said });
  });

  window.addEventListener("scroll", () => box.close(false), { passive: true });

  window.gongdan.quick = { ask, box, changed, dialog, listed };
})();
