/* One box finds the customer by phone, name or serial; the panel beside the form shows what we know of them. */
(function () {
  "use strict";

  const SEARCH_DELAY = 220;

  class CustomerPicker {
    constructor(box) {
      this.box = box;
      this.input = box.querySelector("[data-customer-search]");
      this.list = box.querySelector("[data-customer-results]");
      this.panel = document.querySelector(box.dataset.panel);
      this.chosen = box.querySelector("[data-customer-chosen]");
      this.active = -1;
      this.input.addEventListener("input", () => this.later());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 200));
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.pick(option.result);
      });
      box.addEventListener("click", (event) => {
        if (event.target.closest("[data-customer-clear]")) this.clear();
      });
      // What was typed before this script was there is searched for, too.
      if (this.input.value) this.later();
      const form = box.closest("form");
      form.addEventListener("draft:restored", () => this.reload());
      // The server drew the panel of a chosen customer beside the form; a dialog's stays empty until asked.
      if (this.value("customer_id") && this.panel && !this.panel.querySelector("[data-customer-facts]")) this.load();
    }

    field(name) {
      return this.box.closest("form").elements.namedItem(name);
    }

    value(name) {
      const field = this.field(name);
      return field ? field.value : "";
    }

    set(name, value) {
      const field = this.field(name);
      if (!field || field.value === String(value || "")) return;
      field.value = value || "";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }

    later() {
      clearTimeout(this.timer);
      const text = (this.typed = this.input.value.trim());
      if (!text) return this.close();
      this.timer = setTimeout(() => this.search(text), SEARCH_DELAY);
      return undefined;
    }

    async search(text) {
      const asked = (this.asked = (this.asked || 0) + 1);
      try {
        const { results } = await window.gongdan.send(`${this.box.dataset.find}?q=${encodeURIComponent(text)}`);
        if (asked === this.asked) this.show(results, text);
      } catch (error) {
        window.gongdan.toast(error.message, "bad");
      }
    }

    show(results, text) {
      this.list.replaceChildren();
      this.active = -1;
      results.slice(0, 12).forEach((result, index) => {
        const option = document.createElement("div");
        option.className = "dropdown-item customer-hit";
        option.setAttribute("role", "option");
        option.id = this.list.id + "-" + index;
        option.result = result;
        const name = document.createElement("span");
        name.className = "flex-fill text-truncate";
        name.textContent = result.text;
        const hint = document.createElement("span");
        hint.className = "text-secondary small";
        hint.textContent = result.hint || "";
        // Of one phone there may be several: this tells them apart.
        const about = document.createElement("span");
        about.className = "customer-hit-about text-secondary small";
        about.textContent = result.about || "";
        option.append(name, hint, about);
        this.list.append(option);
      });
      if (!results.length) {
        const none = document.createElement("div");
        none.className = "dropdown-item-text text-secondary";
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        none.textContent = /^[\d\s+-]+$/.test(text)
          ? window.t("Nobody found for “%(text)s”. Phones and serial numbers are found when typed whole.", { text })
          : window.t("Nobody found for “%(text)s”.", { text });
        this.list.append(none);
      }
      this.list.classList.add("show");
      this.input.setAttribute("aria-expanded", "true");
    }

    close() {
      this.list.classList.remove("show");
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }

    key(event) {
      const options = Array.from(this.list.querySelectorAll("[role=option]:not([aria-disabled])"));
      if (event.key === "Escape") this.close();
      if (event.key === "Enter" && this.list.classList.contains("show")) {
        event.preventDefault();
        const option = options[Math.max(this.active, 0)];
        if (option) this.pick(option.result);
      } else if (event.key === "Enter") {
        event.preventDefault(); // Enter searches; it never sends a half-filled form.
        this.later();
      }
      if (!["ArrowDown", "ArrowUp"].includes(event.key) || !options.length) return;
      event.preventDefault();
      this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
      options.forEach((one, index) => {
        one.classList.toggle("active", index === this.active);
        one.setAttribute("aria-selected", index === this.active ? "true" : "false");
      });
      this.input.setAttribute("aria-activedescendant", options[this.active].id);
    }

    pick(result) {
      this.close();
      this.input.value = "";
      this.choose(result.id, result.text, result.matched === "serial" ? this.typed : "");
    }

    choose(id, text, serial) {
      this.set("customer_id", id);
      ["contact_id", "site_id", "installed_product_id"].forEach((name) => this.set(name, ""));
      this.name(text);
      this.load(serial);
    }

    name(text) {
      this.chosen.hidden = !text;
      const place = this.chosen.querySelector("[data-customer-name]");
      if (place) place.textContent = text || "";
      this.input.closest("[data-customer-find]").hidden = Boolean(text);
    }

    clear() {
      ["customer_id", "contact_id", "site_id", "installed_product_id"].forEach((name) => this.set(name, ""));
      this.name("");
      if (this.panel) this.load();
      this.input.focus();
    }

    reload() {
      if (this.value("customer_id")) this.load();
    }

    async load(serial) {
      if (!this.panel) return;
      const query = new URLSearchParams(serial ? { serial } : {});
      // A ticket is not among those before it.
      if (this.box.dataset.besides) query.set("besides", this.box.dataset.besides);
      ["customer_id", "contact_id", "site_id", "installed_product_id"].forEach((name) => {
        if (this.value(name)) query.set(name, this.value(name));
      });
      await window.htmx.ajax("GET", this.box.dataset.panelUrl + "?" + query, { target: this.panel, swap: "innerHTML" });
      const facts = this.panel.querySelector("[data-customer-facts]");
      if (!facts) return;
      this.set("customer_id", facts.dataset.customerId);
      [["contact_id", "contactId"], ["site_id", "siteId"], ["installed_product_id", "installedProductId"]].forEach(([name, key]) => {
        this.set(name, facts.dataset[key]);
      });
      this.name(facts.dataset.customerName);
    }
  }

  /* Of a new ticket it is asked first whose it is, unless that is known, kept from before or something was refused. A
     finger would only raise the keyboard over the form. */
  function begin(form, picker) {
    const held = picker.value("customer_id") || form.querySelector("[data-focus], [data-testid=draft-restored]");
    if (held || document.activeElement !== document.body) return;
    if (window.matchMedia("(pointer: coarse), (max-width: 767.98px)").matches) return;
    picker.input.focus({ preventScroll: true });
  }

  window.gongdan.ready((root) => {
    root.querySelectorAll("[data-customer-picker]").forEach((box) => {
      if (box.picker) return;
      box.picker = new CustomerPicker(box);
      const form = box.closest("form");
      if (form.id === "new-ticket") begin(form, box.picker);
    });
  });

  /* Radios of the panel stand outside the form; they answer its hidden inputs. */
  document.addEventListener("change", (event) => {
    const radio = event.target.closest("[data-picks]");
    const box = document.querySelector("[data-customer-picker]");
    if (radio && box && box.picker && radio.checked) box.picker.set(radio.dataset.picks, radio.value);
  });

  /* Whose phone it is already, may be meant. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose-customer]");
    const box = document.querySelector("[data-customer-picker]");
    if (button && box && box.picker) box.picker.choose(button.dataset.chooseCustomer, button.dataset.name);
  });

  /* A customer made beside the form is chosen at once. */
  document.addEventListener("customer-created", () => {
    const box = document.querySelector("[data-customer-picker]");
    const facts = document.querySelector("[data-customer-facts]");
    if (box && box.picker && facts) box.picker.choose(facts.dataset.customerId, facts.dataset.customerName);
  });
})();
