/* The ticket page: dialogs loaded on demand, @ completion of people, files of a note, copy link. */
(function () {
  "use strict";

  const dialog = () => document.getElementById("ticket-dialog");

  function modal() {
    return window.tabler.Modal.getOrCreateInstance(dialog());
  }

  // A list that drops by itself would lie over the rest of the dialog: it opens at the first click or key.
  function focusCalmly(widget) {
    widget.open = () => {};
    ["mousedown", "touchstart", "keydown", "input"].forEach((kind) => {
      widget.wrapper.addEventListener(kind, () => { delete widget.open; }, { capture: true, once: true });
    });
    widget.focus();
  }

  // A dialog's content is asked for by htmx; it opens when it has arrived, at its first input.
  let opener = null;
  // The number of the ticket whose page, row or card is older than what its dialog found.
  let behind = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target.id === "ticket-dialog-content" && !dialog().contains(event.detail.elt)) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "ticket-dialog-content" || !event.target.childElementCount) return;
    const mark = event.target.querySelector("[data-behind-is-old]");
    if (mark) behind = mark.dataset.behindIsOld;
    modal().show();
  });
  document.addEventListener("shown.bs.modal", (event) => {
    // A finger would only raise the keyboard over the dialog.
    if (event.target !== dialog() || window.matchMedia("(pointer: coarse)").matches) return;
    const first = dialog().querySelector(".modal-body :is(input:not([type=hidden]), select, textarea):not(:disabled)");
    if (dialog().querySelector("[data-focus]") || !first) return;
    if (first.tomselect) focusCalmly(first.tomselect);
    else first.focus();
  });
  // Whoever leaves it is back where the dialog was asked for; a step that is taken draws the buttons anew.
  const back = () => {
    const at = document.activeElement;
    if (!opener || (at !== document.body && !dialog().contains(at))) return;
    const same = opener.dataset.testid ? `[data-testid="${opener.dataset.testid}"], ` : "";
    (opener.isConnected ? opener : document.querySelector(`${same}#ticket-header :is(a, button:not(:disabled), summary)`))?.focus();
  };
  // What lies behind a dialog that found the ticket changed is drawn anew when it is left.
  async function drawBehind(number) {
    const quick = window.gongdan.quick;
    if (!quick) return window.location.reload();
    const ticket = quick.listed(number);
    if (ticket) quick.changed({ ...await quick.ask(ticket), undo: {} });
    return undefined;
  }
  document.addEventListener("hidden.bs.modal", (event) => {
    if (event.target !== dialog()) return;
    const old = behind;
    behind = "";
    if (old) drawBehind(old);
    else back();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "ticket-dialog-content" && !dialog().classList.contains("show")) back();
  });
  document.addEventListener("close-dialog", () => {
    if (dialog() && dialog().classList.contains("show")) modal().hide();
  });

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Plain HTTP has no clipboard: select the text of a field instead.
      const field = document.createElement("input");
      field.value = button.dataset.copy;
      field.setAttribute("aria-label", window.t("Link"));
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    const said = document.querySelector("[data-copied]");
    if (said) said.textContent = window.t("The link is copied.");
    button.classList.add("text-success");
    setTimeout(() => button.classList.remove("text-success"), 1500);
  }

  class Mentions {
    constructor(area) {
      this.area = area;
      this.list = document.getElementById(area.dataset.mentions);
      this.active = 0;
      area.addEventListener("input", () => this.look());
      area.addEventListener("keydown", (event) => this.key(event));
      area.addEventListener("blur", () => setTimeout(() => this.close(), 200));
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const option = event.target.closest("[role=option]");
        if (option) this.take(option.dataset.name);
      });
    }

    word() {
      const before = this.area.value.slice(0, this.area.selectionStart);
      const found = before.match(/(?:^|\s)@([\p{L}\p{N}_.-]*)$/u);
      return found ? found[1] : null;
    }

    async look() {
      const word = this.word();
      if (word === null) return this.close();
      const asked = (this.asked = (this.asked || 0) + 1);
      let results = [];
      try {
        const url = new URL(this.area.dataset.people, location.href);
        url.searchParams.set("q", word);
        const response = await fetch(url, {
          credentials: "same-origin", headers: { Accept: "application/json" },
        });
        if (response.ok) results = (await response.json()).results || [];
      } catch {
        results = [];
      }
      if (asked !== this.asked) return undefined;
      this.show(results.slice(0, 6));
      return undefined;
    }

    show(people) {
      this.list.replaceChildren(...people.map((one, index) => {
        const option = document.createElement("div");
        option.className = "dropdown-item" + (index === 0 ? " active" : "");
        option.setAttribute("role", "option");
        option.id = this.list.id + "-" + index;
        // The hint of a person is the account's name, which is what a mention is spelled with.
        option.dataset.name = (one.hint || one.text).replace(/^@/, "").split(/\s/)[0];
        option.textContent = one.hint ? one.text + "  @" + option.dataset.name : one.text;
        return option;
      }));
      this.active = 0;
      this.list.classList.toggle("show", people.length > 0);
    }

    close() {
      this.list.classList.remove("show");
      this.area.removeAttribute("aria-activedescendant");
    }

    key(event) {
      if (!this.list.classList.contains("show")) return;
      const options = Array.from(this.list.children);
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
        options.forEach((one, index) => one.classList.toggle("active", index === this.active));
        this.area.setAttribute("aria-activedescendant", options[this.active].id);
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        this.take(options[this.active].dataset.name);
      }
    }

    take(name) {
      const end = this.area.selectionStart;
      const start = end - this.word().length;
      this.area.setRangeText(name + " ", start, end, "end");
      this.close();
      this.area.focus();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function noteBox(form) {
    const mark = () => form.classList.toggle("is-public", form.elements.namedItem("public").checked);
    form.elements.namedItem("public").addEventListener("change", mark);
    mark();
  }

  window.gongdan.ready((root) => {
    root.querySelectorAll("[data-copy]").forEach((button) => {
      if (!button.dataset.ready) {
        button.dataset.ready = "1";
        button.addEventListener("click", () => copy(button));
      }
    });
    root.querySelectorAll("textarea[data-mentions]").forEach((area) => {
      if (!area.mentions) area.mentions = new Mentions(area);
    });
    window.gongdan.fresh(root, "form[data-note-box]", "ready").forEach(noteBox);
    // On a phone the reasons would fill the screen before the ticket begins.
    if (window.matchMedia("(max-width: 767.98px)").matches) {
      root.querySelectorAll("details[data-wide-open]").forEach((box) => { box.open = false; });
    }
  });
})();
