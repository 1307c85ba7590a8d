// Lines of a form (phones, contacts, sites, skills): added from the section's template, removed with its button.
"use strict";

gongdan.ready((root) => {
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
      line.querySelector("input:not([type=hidden]), select")?.focus();
    });

    list.addEventListener("click", (event) => {
      if (!event.target.closest("[data-line-remove]")) return;
      event.target.closest("[data-line]").remove();
      section.querySelector("[data-line-add]").focus();
    });
  }
});
