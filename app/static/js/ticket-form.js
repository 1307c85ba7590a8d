/* The form of a template version: shows and requires fields as their conditions say, shows computed values,
   without waiting. The server decides the same again when the form is sent; this only saves a round trip. */
(function () {
  "use strict";

  const COMPUTE_DELAY = 350;

  /* What one field's inputs hold, in the shape the condition language compares. */
  function fact(box, rule) {
    const inputs = Array.from(box.querySelectorAll("input[name], select[name], textarea[name]"));
    if (rule.derived || !inputs.length) return box.dataset.value ? JSON.parse(box.dataset.value) : null;
    const radios = inputs.filter((one) => one.type === "radio");
    const ticks = inputs.filter((one) => one.type === "checkbox");
    const select = inputs.find((one) => one.multiple && one.options);
    let values = inputs.map((one) => one.value);
    if (radios.length) values = radios.filter((one) => one.checked).map((one) => one.value);
    else if (ticks.length) values = ticks.filter((one) => one.checked).map((one) => one.value);
    else if (select) values = Array.from(select.selectedOptions).map((one) => one.value);
    values = values.filter((one) => one.trim() !== "");
    if (rule.moves) return moved(values.length ? scalar(values[0], rule) : null, rule);
    if (!values.length) return null;
    if (rule.kind === "choices" || rule.kind === "attachments") return values;
    return scalar(values[values.length - 1], rule);
  }

  function scalar(value, rule) {
    if (rule.kind === "boolean") return ["yes", "true", "1", "on"].includes(value.toLowerCase());
    if (rule.kind === "reference") return /^\d+$/.test(value) ? Number(value) : value;
    if (rule.kind !== "number" && rule.kind !== "money") return value;
    const number = Number(plain(value));
    return Number.isFinite(number) ? Math.round(number * 10 ** (rule.scale || 0)) : null;
  }

  /* A number as a plain keyboard types it, read as the server reads it: full-width signs, 。 for the point, a currency. */
  function plain(value) {
    return value.normalize("NFKC").trim().replace(/^(?:[A-Z]{2})?[¥$]|元$/g, "").replaceAll(",", "").replaceAll("\u2212", "-").replaceAll("。", ".");
  }

  /* What is there once the amount of this time came in or went out. */
  function moved(amount, rule) {
    return amount === null ? rule.held : (rule.held || 0) + rule.moves * amount;
  }

  /* Only what differs is written, so that nothing is read out twice. */
  function tell(output, shown) {
    if (output && output.textContent !== (shown || "–")) output.textContent = shown || "–";
  }

  class TicketForm {
    constructor(form) {
      this.form = form;
      const rules = form.querySelector("script.ticket-rules");
      this.rules = rules ? JSON.parse(rules.textContent) : { fields: {}, facts: {} };
      this.boxes = new Map();
      form.querySelectorAll("[data-answer]").forEach((box) => this.boxes.set(box.dataset.answer, box));
      this.computed = "subject" in form.elements || Object.values(this.rules.fields).some((one) => one.derived || one.asks || one.demands || one.doubted)
        || Boolean(form.querySelector("[data-sheet] template")?.content.querySelector("output"));
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      });
      this.refresh();
      if (this.computed) this.later();
    }

    facts() {
      const facts = Object.assign({}, this.rules.facts);
      this.boxes.forEach((box, key) => {
        facts["values." + key] = box.hidden ? null : fact(box, this.rules.fields[key] || {});
      });
      const priority = this.form.elements.namedItem("priority");
      if (priority && priority.value) facts.priority = Number(priority.value);
      return facts;
    }

    changed() {
      this.refresh();
      if (this.computed) this.later();
    }

    /* What the server says of the fields whose conditions the browser may not see. */
    obey({ visible, required }) {
      if (!visible) return;
      this.boxes.forEach((box, key) => {
        const rule = this.rules.fields[key] || {};
        if (rule.asks) this.show(box, visible.includes(key));
        if (rule.demands) this.require(box, required.includes(key));
      });
    }

    /* One field may show another: repeat until nothing moves, at most once per field. */
    refresh() {
      if (!window.conditions) return;
      for (let turn = 0; turn <= this.boxes.size; turn += 1) {
        const facts = this.facts();
        let moved = false;
        this.boxes.forEach((box, key) => {
          const rule = this.rules.fields[key] || {};
          const need = (this.rules.needs || {})[key];
          const needed = need ? this.holds(need, facts) : null;
          if (rule.visible || need) moved = this.show(box, needed !== false && this.holds(rule.visible, facts)) || moved;
          if (rule.required || needed) this.require(box, needed || this.holds(rule.required, facts));
        });
        if (!moved) break;
      }
      this.columns(this.facts());
      this.items(this.facts());
      this.form.querySelectorAll("[data-section]").forEach((section) => {
        const fields = Array.from(section.querySelectorAll("[data-answer]"));
        section.hidden = fields.length > 0 && fields.every((one) => one.hidden);
      });
    }

    /* Columns of the ticket, as its site, that a step asks for under a condition only. */
    columns(facts) {
      this.form.querySelectorAll("[data-need]").forEach((box) => {
        const need = (this.rules.needs || {})[box.dataset.need];
        if (need) this.show(box, this.holds(need, facts));
      });
    }

    /* Items of the checklist that only some tickets have. */
    items(facts) {
      this.form.querySelectorAll("[data-item]").forEach((item) => {
        const when = (this.rules.items || {})[item.dataset.item];
        if (when) item.hidden = !this.holds(when, facts);
      });
    }

    holds(tree, facts) {
      return !tree || window.conditions.holds(tree, facts);
    }

    show(box, visible) {
      if (box.hidden === !visible) return false;
      box.hidden = !visible;
      if (!visible) window.gongdan.forgive(box); // what is not asked for is not wrong
      // Disabled inputs are not sent: what is not asked is not answered.
      box.querySelectorAll("input, select, textarea, button").forEach((one) => {
        one.disabled = !visible;
      });
      return true;
    }

    require(box, wanted) {
      const required = wanted || Boolean((this.rules.fields[box.dataset.answer] || {}).always); // a step asks for it anyhow
      box.classList.toggle("is-required", required);
      const label = box.querySelector(".form-label, legend, label");
      if (label) label.classList.toggle("required", required);
      box.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select, textarea").forEach((one) => {
        // Which cells a row must have is the table's own.
        if (!one.closest("[data-cell]")) one.setAttribute("aria-required", required ? "true" : "false");
      });
    }

    /* The computed cells of a table's rows; the inputs beside them are left alone. */
    tellRows(box, rows) {
      const lines = box ? box.querySelectorAll("[data-sheet] tbody tr") : [];
      rows.forEach((cells, index) => {
        Object.entries(cells).forEach(([column, shown]) => {
          tell(lines[index] && lines[index].querySelector(`output[data-column="${column}"]`), shown);
        });
      });
    }

    /* What the template doubts of an answer, beside it before it goes out. */
    doubt(key, said) {
      const note = document.getElementById(`values-${key}-note`);
      let line = note && note.querySelector("[data-doubt]");
      if (!said) {
        if (line) line.remove();
        return;
      }
      if (!note) return;
      if (!line) {
        line = document.createElement("div");
        line.className = "gd-doubt";
        line.dataset.doubt = "";
        line.setAttribute("role", "status");
        note.append(line);
      }
      tell(line, said);
    }

    later() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.compute(), COMPUTE_DELAY);
    }

    async compute() {
      const url = this.form.dataset.compute;
      // A form on its way is computed by what it becomes.
      if (!url || this.form.dataset.sending === "1") return;
      const asked = (this.asked = (this.asked || 0) + 1);
      let answer;
      try {
        const response = await fetch(url, {
          method: "POST",
          body: new FormData(this.form),
          credentials: "same-origin",
          headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
        });
        if (!response.ok) return;
        answer = await response.json();
      } catch {
        return; // Offline or signed out: the values are computed again when the form is sent.
      }
      if (asked !== this.asked) return;
      Object.entries(answer.computed || {}).forEach(([key, shown]) => {
        const box = this.boxes.get(key);
        tell(box && box.querySelector("[data-computed], output"), shown);
      });
      Object.entries(answer.facts || {}).forEach(([key, value]) => {
        const box = this.boxes.get(key);
        if (box) box.dataset.value = JSON.stringify(value);
      });
      if (answer.facts) this.refresh();
      Object.entries(answer.rows || {}).forEach(([key, rows]) => this.tellRows(this.boxes.get(key), rows));
      this.obey(answer);
      // What a step calls its amount may name what is due, and that follows from what is typed beside it.
      Object.entries(answer.called || {}).forEach(([key, text]) => {
        const box = this.boxes.get(key);
        tell(box && box.querySelector("label, legend"), text);
      });
      this.boxes.forEach((_box, key) => this.doubt(key, (answer.doubts || {})[key]));
      const subject = this.form.elements.namedItem("subject");
      if (subject && answer.subject) subject.placeholder = answer.subject;
    }
  }

  window.gongdan.ready((root) => {
    window.gongdan.fresh(root, "form[data-ticket-form]", "ticketForm").forEach((form) => new TicketForm(form));
  });
})();
