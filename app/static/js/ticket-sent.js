/* A form that made a ticket and comes back by the back button asks before it makes another one: the same click twice
   is one ticket for the server, but a page that comes back is a form of its own. */
(function () {
  "use strict";

  const PENDING = "gongdan.sent-key";
  const MADE = "gongdan.made-key";
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const key = () => document.querySelector("form[data-ticket-form] input[name='submission_key']");

  // The page that follows says that the form sent last was taken.
  if (document.querySelector("[data-ticket-made]")) sessionStorage.setItem(MADE, sessionStorage.getItem(PENDING));

  key()?.form.addEventListener("submit", () => {
    history.replaceState({ ...history.state, sentKey: key().value }, "");
    sessionStorage.setItem(PENDING, key().value);
  });

  window.addEventListener("pageshow", () => {
    const input = key();
    if (!input || !history.state?.sentKey || history.state.sentKey !== sessionStorage.getItem(MADE)) return;
    input.value = random();
    input.form.dataset.confirm = window.t("This form has made a ticket already. Make another one?");
  });
})();
