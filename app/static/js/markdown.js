/* The preview of a Markdown input: the server renders and sanitises it, exactly as the ticket will show it. */
(function () {
  "use strict";

  const { t, fresh, say, toast, send } = window.gongdan;
  const rendered = new WeakMap();

  function show(button, area, view, previewing) {
    area.hidden = previewing;
    view.hidden = !previewing;
    button.setAttribute("aria-pressed", previewing ? "true" : "false");
    button.textContent = previewing ? t("Go on writing") : t("Preview");
    (previewing ? view : area).focus();
  }

  async function toggle(button) {
    const area = document.getElementById(button.dataset.preview);
    const view = document.getElementById(button.dataset.preview + "-preview");
    if (area.hidden) return show(button, area, view, false);
    // What was rendered already is not asked for again.
    if (rendered.get(view) === area.value) return show(button, area, view, true);
    try {
      const { html } = await send("/tickets/markdown", { method: "POST", body: new URLSearchParams({ text: area.value }) });
      view.innerHTML = html || "";
      if (!html) view.textContent = t("Nothing is written yet.");
      rendered.set(view, area.value);
      show(button, area, view, true);
      say(t("Preview"));
    } catch (error) {
      toast(error.message, error.status === 429 ? "info" : "bad");
    }
    return undefined;
  }

  window.gongdan.ready((root) => {
    fresh(root, "[data-preview]", "previewing").forEach((button) => button.addEventListener("click", () => toggle(button)));
  });
})();
