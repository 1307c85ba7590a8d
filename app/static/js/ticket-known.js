/* What is known of the chosen customer, site or product is filled in where nobody has typed: marked, to be undone,
   and taken back when another one is chosen. The server fills in the same when a ticket is made without these fields.
   A form that comes back, refused or kept from before, holds answers of both kinds: what the chosen ones give is theirs. */
(function () {
  "use strict";

  const PICKS = ["customer_id", "contact_id", "site_id", "installed_product_id"];
  const DELAY = 120;
  const { t, el, icon, say, attach, fresh } = window.gongdan;

  const inputs = (box) => Array.from(box.querySelectorAll("input[name], select[name], textarea[name]"));

  /* What the inputs of a box hold; equal texts hold the same. */
  function held(box) {
    return JSON.stringify(inputs(box).filter((one) => !/checkbox|radio/.test(one.type) || one.checked)
      .map((one) => (one.multiple && one.options ? Array.from(one.selectedOptions, (option) => option.value) : one.value)));
  }

  /* What a person reads of them. */
  function read(box) {
    return inputs(box).filter((one) => one.type !== "hidden" && (!/checkbox|radio/.test(one.type) || one.checked))
      .map((one) => (one.options ? Array.from(one.selectedOptions, (option) => option.text).join(", ")
        : /checkbox|radio/.test(one.type) ? (one.closest("label") || one.labels[0] || one).textContent.trim() : one.value))
      .filter(Boolean).join(" ");
  }

  const isBlank = (box) => /^[[\]",]*$/.test(held(box));

  class Known {
    constructor(form) {
      this.form = form;
      this.boxes = new Map(Array.from(form.querySelectorAll("[data-answer]"), (box) => [box.dataset.answer, box]));
      this.first = new Map(Array.from(this.boxes.values(), (box) => [box, held(box)]));
      this.typed = new Set();
      this.originals = new Map(); // box → the nodes it had before it was filled in
      this.known = new Map(); // key → what the chosen things answer: what inputs would hold, and in words
      this.adopted = new Set(); // boxes that were filled in before the form came back
      const touch = (event) => this.touch(event);
      form.addEventListener("input", touch);
      form.addEventListener("change", touch);
      form.addEventListener("draft:restored", () => this.comesBack((box) => held(box) !== this.first.get(box)));
      if (form.querySelector("[data-problems]")) this.comesBack((box) => !isBlank(box));
      else if (this.query().size) this.later();
    }

    query() {
      const query = new URLSearchParams();
      PICKS.forEach((name) => {
        const field = this.form.elements.namedItem(name);
        if (field && field.value) query.set(name, field.value);
      });
      return query;
    }

    comesBack(isTyped) {
      this.boxes.forEach((box) => { if (isTyped(box)) this.typed.add(box); });
      this.isBack = true;
      this.later();
    }

    /* Of what the form came back with, what the chosen things answer, or a new form begins with, nobody typed. */
    tellApart(sources, begun) {
      this.boxes.forEach((box, key) => {
        const source = sources.get(key);
        const bare = begun.get(key);
        if (!bare || !this.typed.has(box) || !this.holds(box, source || bare)) return;
        this.typed.delete(box);
        if (!source || this.holds(box, bare)) return;
        this.originals.set(box, Array.from(bare.querySelector("[data-answer]").childNodes));
        this.adopted.add(box);
        this.mark(box, source);
      });
    }

    touch(event) {
      if (this.filling || !event.target.closest) return;
      if (PICKS.includes(event.target.name)) this.later();
      const box = event.target.closest("[data-answer]");
      if (!box) return;
      this.typed.add(box);
      this.unmark(box);
      this.compare(box);
    }

    /* What is known is said beside another answer: whoever gave it may know better, or may have overlooked it. */
    compare(box) {
      box.querySelector(".ticket-known-else")?.remove();
      const known = this.known.get(box.dataset.answer);
      if (!known || this.originals.has(box) || isBlank(box) || held(box) === known.held) return;
      const told = el("span", {}, known.said);
      box.append(el("div", { class: "ticket-known-else", role: "status", "data-testid": "known-else" }, icon("alert-circle", "icon-sm"), told));
    }

    unmark(box) {
      this.originals.delete(box);
      box.classList.remove("is-filled");
      box.querySelector(".ticket-filled")?.remove();
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), DELAY);
    }

    async ask() {
      const asked = (this.asked = (this.asked || 0) + 1);
      const query = this.query();
      query.set("version_id", this.form.elements.namedItem("version_id").value);
      let html;
      try {
        const response = await fetch(`${this.form.dataset.known}?${query}`, { credentials: "same-origin" });
        if (!response.ok || response.redirected) return;
        html = await response.text();
      } catch {
        return; // Offline: nothing is filled in, and everything can be typed.
      }
      if (asked === this.asked) this.fill(new DOMParser().parseFromString(html, "text/html"));
    }

    fill(answer) {
      this.filling = true;
      const named = (all) => new Map(Array.from(all, (one) => [one.querySelector("[data-answer]").dataset.answer, one]));
      const sources = named(answer.querySelectorAll("[data-source]"));
      // Read now: an input that is put into the form is no longer here.
      this.known = new Map(Array.from(sources, ([key, one]) => [key, { held: held(one), said: `${one.dataset.source}: ${read(one)}` }]));
      let count = 0;
      const { isBack } = this;
      if (isBack) this.tellApart(sources, named(Array.from(answer.querySelectorAll("[data-begun]"), (one) => one.content)));
      this.isBack = false;
      this.boxes.forEach((box, key) => {
        const source = sources.get(key);
        // What is empty there somebody may have emptied.
        if (isBack) return;
        if (this.originals.has(box) && (!source || !this.holds(box, source))) this.restore(box);
        if (source && this.takes(box, source)) {
          this.put(box, source);
          count += 1;
        }
      });
      this.boxes.forEach((box) => this.compare(box));
      this.filling = false;
      if (count) say(t("%(count)s fields were filled in.", { count }));
      this.form.dispatchEvent(new Event("change", { bubbles: true }));
    }

    holds(box, source) {
      return held(box) === held(source);
    }

    takes(box, source) {
      return !this.typed.has(box) && !box.contains(document.activeElement) && !this.originals.has(box) && !this.holds(box, source);
    }

    put(box, source) {
      window.gongdan.forgive(box);
      box.querySelector(".ticket-known-else")?.remove();
      this.originals.set(box, Array.from(box.childNodes));
      box.replaceChildren(...source.querySelector("[data-answer]").childNodes);
      this.mark(box, source);
      inputs(box).forEach((one) => { one.disabled = box.hidden; });
      attach(box);
    }

    mark(box, source) {
      const undo = el("button", { type: "button", class: "btn btn-ghost-primary" }, t("Undo"));
      undo.addEventListener("click", () => this.undo(box));
      box.append(el("div", { class: "ticket-filled", "data-testid": "filled" }, icon("link", "icon-sm"), el("span", {}, source.dataset.source), undo));
      box.classList.add("is-filled");
    }

    restore(box) {
      const nodes = this.originals.get(box);
      this.unmark(box);
      box.replaceChildren(...nodes);
      inputs(box).forEach((one) => { one.disabled = box.hidden; });
      if (this.adopted.delete(box)) attach(box);
    }

    undo(box) {
      this.restore(box);
      this.typed.add(box);
      box.querySelector("input:not([type=hidden]), select, textarea")?.focus();
      this.form.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  window.gongdan.ready((root) => fresh(root, "form[data-known]", "knowing").forEach((form) => new Known(form)));
})();
