// A form of a new record that was sent and comes back (back button, reload) says so: its old submission key stands in
// it again, and the server knows whether that form made a record.
"use strict";

(function () {
  const key = () => document.querySelector("form[data-guard] input[name='submission']");

  key()?.form.addEventListener("submit", () => {
    history.replaceState({ ...history.state, sentKey: key().value }, "");
  });

  window.addEventListener("pageshow", () => {
    const input = key();
    if (input && history.state?.sentKey) input.value = history.state.sentKey;
  });
})();
