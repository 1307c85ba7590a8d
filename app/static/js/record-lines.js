// Lines of a form (phones, contacts, sites, skills): added from the section's template, removed with its button.
"use strict";

/** Offer in every select of other lines (the contact of a phone) those that stand in the form now. */
const offerSiblings = (form) => {
  form.querySelectorAll("select[data-sibling]").forEach((select) => {
    const list = form.querySelector(`[data-lines="${select.dataset.sibling}"] [data-lines-list]`);
    const chosen = select.selectedOptions[0];
    const options = [...list.children].map((line, place) => {
      const name = line.querySelector("[name$='-name']").value.trim();
      const key = line.querySelector("[name$='-id']").value || `${select.dataset.sibling}-${place}`;
      const option = new Option(name || `${line.querySelector("legend").textContent} ${place + 1}`, key);
      option.line = line;
      // Places move when a line above is removed; the line itself does not.
      option.selected = Boolean(chosen?.line ? chosen.line === line : chosen?.value === key);
      return option;
    });
    select.replaceChildren(new Option("", ""), ...options);
  });
};

gongdan.ready((root) => {
  root.querySelectorAll("form").forEach((form) => {
    if (form.querySelector("[data-lines]")) offerSiblings(form);
  });
  for (const section of gongdan.fresh(root, "[data-lines]", "linesReady")) {
    const list = section.querySelector("[data-lines-list]");
    const template = section.querySelector("template");
    // Numbers are never used twice: a removed line leaves a gap, which the server closes.
    let next = list.querySelectorAll("[data-line]").length;

    section.querySelector("[data-line-add]").addEventListener("click", () => {
      const holder = document.createElement("div");
      holder.innerHTML = template.innerHTML.replaceAll("__line__", String(next));
      next += 1;
      const line = holder.firstElementChild;
      list.append(line);
      gongdan.attach(line);
      offerSiblings(section.closest("form"));
      line.querySelector("input:not([type=hidden]), select")?.focus();
    });

    list.addEventListener("input", (event) => {
      if (event.target.name?.endsWith("-name")) offerSiblings(section.closest("form"));
    });

    list.addEventListener("click", (event) => {
      if (!event.target.closest("[data-line-remove]")) return;
      const gone = event.target.closest("[data-line]");
      gone.remove();
      // What names it goes with it, to be seen: the phones of a contact.
      section.closest("form").querySelectorAll("[data-line] select[data-sibling]").forEach((select) => {
        if (select.selectedOptions[0]?.line === gone) select.closest("[data-line]").remove();
      });
      offerSiblings(section.closest("form"));
      section.querySelector("[data-line-add]").focus();
    });
  }
});
