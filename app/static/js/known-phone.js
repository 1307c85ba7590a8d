// Says beside a phone, once it is typed, whose it is already; the server asks again when the form is sent.
"use strict";

document.addEventListener("focusout", async (event) => {
  const input = event.target;
  const form = input.closest?.("form[data-phones]");
  if (!form || !/^phones-\d+-raw$/.test(input.name || "") || input.value === input.defaultValue) return;
  const note = document.getElementById(`${input.id}-note`);
  note?.querySelector("[data-known]")?.remove();
  if (!note || input.value.replace(/\D/g, "").length < 7) return;
  const typed = input.value;
  const { results } = await gongdan.send(`${form.dataset.phones}?q=${encodeURIComponent(typed)}`).catch(() => ({ results: [] }));
  const known = results.filter((one) => one.matched === "phone" && !location.pathname.endsWith(`/edit/${one.id}`));
  if (!known.length || input.value !== typed) return;
  const hint = document.createElement("div");
  hint.className = "form-hint text-warning";
  hint.dataset.known = "";
  hint.append(`${t("This phone is known already:")} `);
  known.forEach((one, place) => {
    const link = document.createElement("a");
    Object.assign(link, { href: `/customers/${one.id}`, target: "_blank", rel: "noopener", textContent: one.text });
    hint.append(place ? ", " : "", link);
  });
  note.append(hint);
});
