/* What is being typed outlives a reload, a lost session and a closed connection: kept in this tab only, and
   forgotten once the server has it. A form opts in with data-draft="name". */
(function () {
  "use strict";

  const PREFIX = "gongdan.draft:";
  const NEVER = new Set(["csrf_token", "version"]);
  const SAVE_DELAY = 250;

  function store(name, value) {
    try {
      if (value === null) sessionStorage.removeItem(PREFIX + name);
      else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: typing goes on, only the safety net is missing.
    }
  }

  function recall(name) {
    try {
      return JSON.parse(sessionStorage.getItem(PREFIX + name));
    } catch {
      return null;
    }
  }

  function inputs(form) {
    return Array.from(form.elements).filter((one) => one.name && !NEVER.has(one.name) && one.type !== "file");
  }

  function typed(form) {
    const values = {};
    inputs(form).forEach((one) => {
      if ((one.type === "checkbox" || one.type === "radio") && !one.checked) return;
      const several = one.multiple && one.options ? Array.from(one.selectedOptions).map((o) => o.value) : [one.value];
      values[one.name] = (values[one.name] || []).concat(several);
    });
    return values;
  }

  function fill(form, values) {
    const names = new Map();
    inputs(form).forEach((one) => {
      const place = names.get(one.name) || 0;
      names.set(one.name, place + 1);
      const wanted = values[one.name] || [];
      if (one.type === "checkbox" || one.type === "radio") {
        one.checked = wanted.includes(one.value);
      } else if (one.tomselect) {
        wanted.forEach((value) => one.tomselect.addOption({ id: value, value, text: value }));
        one.tomselect.setValue(one.multiple ? wanted : wanted[0] || "", true);
      } else if (one.multiple && one.options) {
        Array.from(one.options).forEach((option) => { option.selected = wanted.includes(option.value); });
      } else if (wanted[place] !== undefined) {
        one.value = wanted[place];
      }
    });
    form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true, detail: values }));
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function offer(form, name, draft) {
    const bar = document.createElement("div");
    bar.className = "alert alert-info d-flex align-items-center gap-2 py-2";
    bar.setAttribute("role", "status");
    bar.dataset.testid = "draft-restored";
    const text = document.createElement("span");
    text.className = "flex-fill";
    text.textContent = window.t("What you had typed here before is back.");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-sm btn-outline-secondary";
    discard.textContent = window.t("Start afresh");
    discard.addEventListener("click", () => {
      store(name, null);
      form.draftOff = true;
      window.location.reload();
    });
    bar.append(text, discard);
    form.prepend(bar);
    fill(form, draft.values);
  }

  function attach(form) {
    if (form.draftName) return;
    const name = (form.draftName = form.dataset.draft);
    const untouched = JSON.stringify(typed(form));
    const draft = recall(name);
    if (draft && draft.values && !form.hasAttribute("data-draft-keep-server") && draft.values) {
      const differs = JSON.stringify(draft.values) !== untouched;
      if (differs && draft.touched) setTimeout(() => offer(form, name, draft), 0);
    }
    let timer;
    const save = () => {
      if (form.draftOff) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!form.draftOff) store(name, { values: typed(form), touched: true });
      }, SAVE_DELAY);
    };
    form.addEventListener("input", save);
    form.addEventListener("change", save);
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      store(name, { values: typed(form), touched: true });
    });
  }

  window.gongdan.drafts = { forget: (name) => store(name, null), recall };

  window.gongdan.ready((root) => {
    // The page that follows a saved form names the draft that is no longer needed.
    root.querySelectorAll("[data-draft-done]").forEach((mark) => store(mark.dataset.draftDone, null));
    root.querySelectorAll("form[data-draft]").forEach(attach);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt && event.detail.elt.closest && event.detail.elt.closest("form[data-draft]");
    if (form && event.detail.successful) {
      form.draftOff = true;
      store(form.draftName, null);
    }
  });
})();
