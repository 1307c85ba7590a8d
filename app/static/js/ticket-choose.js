/* The cards of templates, narrowed while one types; Enter takes the first. */
(function () {
  "use strict";

  window.gongdan.ready((root) => {
    const search = root.querySelector("[data-card-search]");
    if (!search) return;
    const cards = Array.from(root.querySelectorAll("[data-card]"));
    const none = root.querySelector("[data-no-card]");
    const shown = () => cards.filter((one) => !one.hidden);
    search.addEventListener("input", () => {
      const words = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
      cards.forEach((one) => { one.hidden = !words.every((word) => one.dataset.text.includes(word)); });
      none.hidden = shown().length > 0;
    });
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !shown().length) return;
      event.preventDefault();
      shown()[0].querySelector("a").click();
    });
  });
})();
