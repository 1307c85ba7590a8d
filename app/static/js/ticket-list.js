/* The list desk's keys and its column chooser. Keys never act while somebody types and can be switched off. */
(function () {
  "use strict";

  const OFF = "gongdan.keys.off";

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox";
  }

  function off() {
    try {
      return localStorage.getItem(OFF) === "1" || document.documentElement.dataset.keys === "off";
    } catch {
      return false;
    }
  }

  /* What is ticked is what the export takes, and its button says so; nothing ticked: the whole list. */
  function exportOnly(numbers) {
    document.querySelectorAll("[data-export]").forEach((one) => {
      const name = one.tagName === "FORM" ? "action" : "href";
      one.dataset.whole = one.dataset.whole || one.getAttribute(name);
      const url = new URL(one.dataset.whole, location.href);
      numbers.forEach((number) => url.searchParams.append("only", number));
      one.setAttribute(name, url.pathname + url.search);
    });
    const label = document.querySelector("[data-export-label]");
    if (!label) return;
    label.dataset.whole = label.dataset.whole || label.textContent;
    label.textContent = numbers.length ? window.t("Export %(count)s selected", { count: numbers.length }) : label.dataset.whole;
  }

  class Rows {
    constructor(table) {
      this.table = table;
      this.at = -1;
      this.anchor = -1;
      table.addEventListener("click", (event) => this.tick(event));
      table.addEventListener("mouseover", (event) => this.tell(event.target.closest("td")));
      table.addEventListener("dblclick", (event) => {
        if (!event.target.closest("a, input, button")) this.open(event.target.closest("[data-href]"));
      });
    }

    /* A cell that is cut off says all of itself to who points at it. */
    tell(cell) {
      if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim();
    }

    all() {
      return Array.from(this.table.querySelectorAll("[data-href]")).filter((one) => one.offsetParent !== null);
    }

    move(step) {
      const rows = this.all();
      if (!rows.length) return;
      this.at = Math.min(Math.max(this.at + step, 0), rows.length - 1);
      rows.forEach((one, index) => one.classList.toggle("is-current", index === this.at));
      const link = rows[this.at].querySelector("a[data-row-link]");
      if (link) link.focus({ preventScroll: true });
      rows[this.at].scrollIntoView({ block: "nearest" });
    }

    current() {
      return this.all()[this.at];
    }

    open(row) {
      if (row) window.location.assign(row.dataset.href);
    }

    select() {
      const box = this.current() && this.current().querySelector("input[data-row-select]");
      if (!box) return;
      box.checked = !box.checked;
      this.anchor = this.at;
      this.count();
    }

    /* Shift-click ticks everything between the last ticked row and this one. */
    tick(event) {
      const box = event.target.closest("input[data-row-select]");
      const every = event.target.closest("input[data-select-all]");
      const rows = this.all();
      if (every) {
        rows.forEach((row) => { const one = row.querySelector("input[data-row-select]"); if (one) one.checked = every.checked; });
      } else if (box) {
        const here = rows.indexOf(box.closest("[data-href]"));
        if (event.shiftKey && this.anchor >= 0) {
          const [from, to] = [Math.min(here, this.anchor), Math.max(here, this.anchor)];
          rows.slice(from, to + 1).forEach((row) => { row.querySelector("input[data-row-select]").checked = box.checked; });
        }
        this.anchor = here;
      } else {
        return;
      }
      this.count();
    }

    count() {
      const ticked = this.all().filter((row) => (row.querySelector("input[data-row-select]") || {}).checked);
      this.all().forEach((row) => row.classList.toggle("is-ticked", ticked.includes(row)));
      const place = document.querySelector("[data-selected-count]");
      if (place) {
        place.hidden = !ticked.length;
        place.textContent = window.t("%(count)s selected", { count: ticked.length });
      }
      exportOnly(ticked.map((row) => row.dataset.number));
    }
  }

  function keys(rows) {
    const acts = {
      j: () => rows.move(1),
      k: () => rows.move(-1),
      x: () => rows.select(),
      o: () => rows.open(rows.current()),
      "/": () => { const box = document.querySelector("[data-list-search]"); if (box) { box.focus(); box.select(); } },
      "?": () => { const button = document.querySelector("[data-keys-help]"); if (button) button.click(); },
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
      if (document.querySelector(".modal.show")) return;
      const act = acts[event.key];
      if (!act || (off() && event.key !== "?")) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // "/" means this list's own search here, not the one on every page.
      act();
    }, true);
  }

  /* A list whose items are dragged by their grip; `moved` hears of it. Where the library did not come, buttons do it. */
  function sortable(list, moved) {
    window.gongdan.bring("sorting-scripts").then(() => window.Sortable?.create(list, { handle: "[data-grip]", animation: 120, filter: ".is-fixed", preventOnFilter: false, onEnd: (event) => { if (event.oldIndex !== event.newIndex) moved(event.item); } }));
  }

  function columns(box) {
    const announce = box.querySelector("[data-announce]");
    const list = box.querySelector("[data-sortable]");
    const told = (item) => {
      const place = Array.from(item.parentNode.children).indexOf(item) + 1;
      announce.textContent = window.t("%(name)s is now column %(place)s.", { name: item.dataset.label, place });
    };
    sortable(list, told);
    list.addEventListener("keydown", (event) => {
      const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
      const item = event.target.closest("[data-column]");
      if (!step || !event.altKey || !item) return;
      event.preventDefault();
      item.querySelector(`[data-move="${step}"]`).click();
      event.target.focus();
    });
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (!button) return;
      const item = button.closest("[data-column]");
      const other = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
      if (!other) return;
      if (button.dataset.move === "up") other.before(item);
      else other.after(item);
      button.focus();
      told(item);
    });
    box.closest("form").addEventListener("submit", () => {
      const chosen = Array.from(box.querySelectorAll("[data-column] input:checked")).map((one) => one.value);
      box.querySelectorAll("[data-column] input").forEach((one) => { one.disabled = true; });
      box.closest("form").elements.namedItem("cols").value = chosen.join(",");
    });
  }

  /* What is asked for one choice only shows beside it. */
  function shownFor(form) {
    const show = () => form.querySelectorAll("[data-shown-for]").forEach((part) => {
      const [name, value] = part.dataset.shownFor.split("=");
      const input = form.elements.namedItem(name);
      part.hidden = Boolean(input) && input.value !== value;
    });
    form.addEventListener("change", show);
    show();
  }

  window.gongdan.ready((root) => {
    root.querySelectorAll("form:has([data-shown-for])").forEach((form) => {
      if (!form.dataset.choosing) { form.dataset.choosing = "1"; shownFor(form); }
    });
    root.querySelectorAll("[data-sort-form]").forEach((form) => {
      if (!form.dataset.sorting) { form.dataset.sorting = "1"; sortable(form.querySelector("[data-sortable]"), () => form.requestSubmit()); }
    });
    root.querySelectorAll("[data-ticket-rows]").forEach((table) => {
      if (!table.rowKeys) {
        table.rowKeys = new Rows(table);
        keys(table.rowKeys);
      }
    });
    const builder = root.querySelector("#condition-dialog");
    if (builder) builder.addEventListener("show.bs.modal", () => window.gongdan.bring("condition-scripts"), { once: true });
    root.querySelectorAll("[data-columns]").forEach((box) => {
      if (!box.dataset.ready) { box.dataset.ready = "1"; columns(box); }
    });
    root.querySelectorAll("input[data-keys-off]").forEach((box) => {
      box.checked = !off();
      box.addEventListener("change", () => {
        try { localStorage.setItem(OFF, box.checked ? "0" : "1"); } catch { /* Not kept: then only for this page. */ }
      });
    });
  });
})();
