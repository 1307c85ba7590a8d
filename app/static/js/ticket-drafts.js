/* What is being typed outlives a reload, a lost session and a closed connection: kept in this tab only, and
   forgotten once the server has it. A form opts in with data-draft="name". A draft over a ticket knows the version
   it was typed over, and is saved over that one: the server merges, or asks, when somebody else saved meanwhile.
   What a step of the workflow emptied since (data-emptied) is not brought back, nor a signature for answers that were
   changed since (data-signed-for); such an input is over the version it was shown at, which the form says beside it. */
(function () {
  "use strict";

  const PREFIX = "gongdan.draft:";
  const KEPT = "gongdan.kept";
  const NEVER = new Set(["csrf_token", "version", "version_id"]);
  const SEEN = "seen.";
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
    return Array.from(form.elements)
      .filter((one) => one.name && !NEVER.has(one.name) && !one.name.startsWith(SEEN) && one.type !== "file");
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

  /* The version of the ticket the form is over; a form over nothing has none. */
  function version(form) {
    const input = form.elements.namedItem("version");
    return input ? input.value : "";
  }

  /* What the form holds, and how the things chosen in searching selects and the uploads are called. */
  function keepsake(form) {
    const labels = {};
    inputs(form).filter((one) => one.tomselect).forEach((one) => {
      one.tomselect.items.forEach((id) => {
        const option = one.tomselect.options[id] || {};
        labels[id] = option.text || id;
      });
    });
    const files = {};
    form.querySelectorAll("[data-files] .gd-files li").forEach((tile) => {
      const id = tile.querySelector("input[type=hidden]");
      const link = tile.querySelector("a");
      if (id && link) files[id.value] = { id: Number(id.value), filename: link.title, media_type: tile.querySelector("img") ? "image/png" : "" };
    });
    return { version: version(form), values: typed(form), labels, files, seen: form.draftSeen || {} };
  }

  const named = (name, input) => input === name || input.startsWith(`${name}-`);

  /* The signatures of a draft that were given before another answer changed, by their inputs. */
  function signedBefore(form, draft) {
    const at = Number(form.dataset.signedFor || 0);
    return [...form.querySelectorAll("[data-signature] input[type=hidden]")].filter((input) => {
      const kept = (draft.values[input.name] || [""])[0];
      return kept && kept !== input.value && at > Math.max(Number(draft.version), (draft.seen || {})[input.name] || 0);
    }).map((input) => input.name);
  }

  /* Take out of a draft what was emptied after it was typed; return what is to be said of it. */
  function letGo(form, draft) {
    const unsigned = signedBefore(form, draft);
    const emptied = Object.entries(JSON.parse(form.dataset.emptied || "{}"));
    const seen = (form.draftSeen = { ...draft.seen });
    const gone = emptied.filter(([name, at]) => at > Math.max(Number(draft.version), seen[name] || 0)).map(([name]) => name);
    const lost = Object.keys(draft.values)
      .filter((input) => gone.some((name) => named(name, input)) && draft.values[input].some((value) => value.trim()));
    [...lost, ...unsigned].forEach((input) => delete draft.values[input]);
    [...gone, ...unsigned].forEach((name) => { seen[name] = Number(version(form)); });
    Object.entries(seen).forEach(([name, at]) => {
      form.append(window.gongdan.el("input", { type: "hidden", name: SEEN + name, value: at }));
    });
    const said = [];
    if (lost.some((input) => !unsigned.includes(input))) said.push(window.t("What was emptied since stays empty."));
    if (unsigned.length) said.push(window.t("What was signed for is no longer the same. Have it signed anew."));
    return said;
  }

  /* Inputs that scripts draw are drawn again, from what the draft holds. */
  function redraw(form, draft) {
    form.querySelectorAll("[data-files]").forEach((box) => {
      const ids = (draft.values[box.dataset.name] || []).filter((id) => draft.files && draft.files[id]);
      const fresh = box.cloneNode(true);
      fresh.dataset.files = JSON.stringify(ids.map((id) => draft.files[id]));
      fresh.querySelector(".gd-files").replaceChildren();
      replace(box, fresh);
    });
    form.querySelectorAll("[data-cascade], [data-signature]").forEach((box) => {
      const fresh = box.cloneNode(true);
      const input = fresh.querySelector("input[type=hidden]");
      if (!draft.values[input.name]) return; // not of the draft: it stays as it is shown
      input.setAttribute("value", (draft.values[input.name] || [""])[0]);
      replace(box, fresh);
    });
    form.querySelectorAll("[data-sheet]").forEach((sheet) => {
      const mark = sheet.querySelector("input[name$='-rows']");
      const prefix = mark ? mark.name.slice(0, -"rows".length) : "";
      const rows = new Set(Object.keys(draft.values).filter((name) => prefix && name.startsWith(prefix) && name !== mark.name)
        .map((name) => name.slice(prefix.length).split("-")[0]));
      const there = sheet.querySelectorAll("tbody tr").length;
      for (let row = there; row < rows.size; row += 1) sheet.querySelector("[data-add-row]").click();
    });
  }

  function replace(box, fresh) {
    delete fresh.dataset.drawn;
    box.replaceWith(fresh);
    window.gongdan.attach(fresh);
  }

  function fill(form, draft) {
    const values = draft.values;
    redraw(form, draft);
    const names = new Map();
    inputs(form).forEach((one) => {
      const place = names.get(one.name) || 0;
      names.set(one.name, place + 1);
      const wanted = values[one.name] || [];
      if (one.type === "checkbox" || one.type === "radio") {
        one.checked = wanted.includes(one.value);
      } else if (one.tomselect) {
        window.gongdan.rechoose(one.tomselect, wanted.map((value) => [value, (draft.labels || {})[value] || value]));
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
    const said = letGo(form, draft);
    const bar = document.createElement("div");
    bar.className = "alert alert-info d-flex flex-wrap align-items-center gap-2 py-2";
    bar.setAttribute("role", "status");
    bar.dataset.testid = "draft-restored";
    const text = document.createElement("span");
    text.className = "flex-fill";
    text.textContent = window.t("What you had typed here before is back.");
    if (draft.version !== version(form)) {
      form.elements.namedItem("version").value = draft.version;
      text.append(" ", window.gongdan.el("strong", {}, window.t("Somebody else changed this meanwhile.")));
    }
    said.forEach((one) => text.append(" ", one));
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
    // At the head of a dialog there stands what closes it.
    (form.querySelector(".modal-body") || form).prepend(bar);
    fill(form, draft);
    if (shown(name)) bar.scrollIntoView({ block: "center" });
  }

  function attach(form) {
    const name = (form.draftName = form.dataset.draft);
    const untouched = JSON.stringify(typed(form));
    const draft = recall(name);
    // A form that comes back from the server with a refusal holds what was typed already.
    const asked = form.querySelector("[data-testid=conflict]");
    const answered = asked || form.querySelector("[data-problems]");
    // What is known to be over another version can be merged; over an unknown one it would overwrite.
    const usable = draft && draft.values && Boolean(draft.version) === Boolean(version(form));
    if (usable && !answered && JSON.stringify(draft.values) !== untouched) offer(form, name, draft);
    let timer;
    const keep = () => {
      clearTimeout(timer);
      form.draftWaits = false;
      // While somebody must choose between two sides, the draft stays what it was before the question.
      if (!form.draftOff && !asked) store(name, keepsake(form));
    };
    const save = () => {
      clearTimeout(timer);
      form.draftWaits = true;
      timer = setTimeout(keep, SAVE_DELAY);
    };
    window.addEventListener("pagehide", () => { if (form.draftWaits) keep(); });
    form.addEventListener("input", save);
    form.addEventListener("change", save);
    form.addEventListener("submit", keep);
  }

  /* After a lost session: the forms whose text the sign-in page said was kept, each shown once. */
  function keptOver() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT)) || [];
    } catch {
      return [];
    }
  }

  function shown(name) {
    const kept = keptOver();
    if (!kept.includes(PREFIX + name)) return false;
    sessionStorage.setItem(KEPT, JSON.stringify(kept.filter((one) => one !== PREFIX + name)));
    return true;
  }

  /* A section is closed when the page comes back: it opens where text of it was kept. */
  function reopen(root) {
    const kept = keptOver();
    if (!kept.length) return;
    root.querySelectorAll("[data-opens-draft]").forEach((link) => {
      if (kept.includes(PREFIX + link.dataset.opensDraft) && recall(link.dataset.opensDraft)) link.click();
    });
  }

  /* Who cancels wants none of it: the next payment, or the next customer, begins with an empty form. */
  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-cancel]");
    const form = cancel && cancel.closest("form[data-draft]");
    if (!form || !form.draftName) return;
    if (form.draftWaits) store(form.draftName, keepsake(form));
    form.draftOff = true;
    if (recall(form.draftName)) window.gongdan.giveUp(PREFIX + form.draftName, location.href, cancel.matches("[href]:not([hx-get])"));
  });

  window.gongdan.drafts = { forget: (name) => store(name, null), recall };

  window.gongdan.ready((root) => {
    // The page that follows a saved form names the draft that is no longer needed.
    root.querySelectorAll("[data-draft-done]").forEach((mark) => store(mark.dataset.draftDone, null));
    window.gongdan.fresh(root, "form[data-draft]", "drafting").forEach(attach);
    if (root === document) setTimeout(() => reopen(root));
  });
  // Before the answer takes the form's place, and the next form would find its draft.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const form = event.detail.requestConfig.elt;
    if (!form.draftName || event.detail.xhr.status >= 400) return;
    form.draftOff = true;
    store(form.draftName, null);
  });
})();
