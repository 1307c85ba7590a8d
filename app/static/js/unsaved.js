// Unsaved work of <form data-guard="who types">: asks before the page is left, and gives the typing back after "back",
// and when a form that was sent was not taken: nobody was signed in any more, or the answer was an error page.
'use strict';
(() => {
  const { t, ready, fresh, el, toast } = window.gongdan;
  // The form that was sent last; its page, come to again without an answer to it, gives the typing back.
  const SENT = 'gongdan.sent';
  const guarded = () => [...document.querySelectorAll('form[data-guard]')];
  const key = (form) => `draft:${location.pathname}:${form.id}:${form.dataset.guard}`;
  const secret = (input) => ['password', 'file', 'hidden', 'submit', 'button'].includes(input.type) || !input.name;
  const inputsOf = (form) => [...form.elements].filter((input) => !secret(input));
  const ticks = (input) => input.type === 'checkbox' || input.type === 'radio';
  const held = (input) => {
    if (input.tagName === 'SELECT') return [...input.selectedOptions].map((one) => [one.value, one.text]);
    return ticks(input) ? [input.value, input.checked] : input.value;
  };
  const keep = (form) => sessionStorage.setItem(key(form), JSON.stringify(inputsOf(form).map((input) => [input.name, input.type, held(input)])));

  /** Bring the lines of a form (phones-0-raw, phones-3-raw) to those that were there; returns what each is called now. */
  const lined = (form, names) => {
    const renamed = new Map();
    form.querySelectorAll('[data-lines]').forEach((section) => {
      const start = `${section.dataset.lines}-`;
      const numberOf = (name) => name.slice(start.length).split('-')[0];
      const wanted = [...new Set(names.filter((name) => name.startsWith(start)).map(numberOf))];
      const lines = () => [...section.querySelectorAll('[data-line]')];
      const number = (line) => numberOf(line.querySelector(`[name^="${start}"]`).name);
      lines().filter((line) => !wanted.includes(number(line))).forEach((line) => line.querySelector('[data-line-remove]').click());
      while (lines().length < wanted.length) section.querySelector('[data-line-add]').click();
      lines().forEach((line, place) => renamed.set(start + wanted[place], start + number(line)));
    });
    return (name) => name.replace(/^([a-z_]+-\d+)-/, (whole, line) => `${renamed.get(line) || line}-`);
  };

  const put = (input, value) => {
    if (ticks(input)) [, input.checked] = value;
    else if (input.tomselect) {
      window.gongdan.rechoose(input.tomselect, value);
      input.dispatchEvent(new Event('change', { bubbles: true }));
    } else if (input.tagName === 'SELECT') [...input.options].forEach((one) => { one.selected = value.some(([id]) => id === one.value); });
    else input.value = value;
  };

  const giveBack = (form, saved) => {
    const now = lined(form, saved.map(([name]) => name));
    const inputs = inputsOf(form);
    saved.forEach(([name, type, value]) => {
      const input = inputs.find((one) => one.name === now(name) && one.type === type && (!ticks(one) || one.value === value[0]));
      if (input) put(input, value);
    });
    form.dispatchEvent(new Event('gongdan:restored', { bubbles: true }));
    form.dataset.dirty = '1';
  };

  const attach = (form) => {
    const saved = JSON.parse(sessionStorage.getItem(key(form)));
    const back = performance.getEntriesByType('navigation')[0]?.type === 'back_forward';
    // The answer to what was sent holds it already, merged with what others saved: the draft would undo their work.
    const lost = sessionStorage.getItem(SENT) === key(form) && !('answers' in document.body.dataset);
    if (saved && (back || lost)) {
      // Once every widget of the form stands.
      setTimeout(() => { giveBack(form, saved); if (!back) toast(t('What you had typed here before is back.')); });
    } else sessionStorage.removeItem(key(form));
    if (form.querySelector('[aria-invalid="true"]')) form.dataset.dirty = '1';
    form.addEventListener('input', () => { form.dataset.dirty = '1'; });
    form.addEventListener('change', () => { form.dataset.dirty = '1'; });
    form.addEventListener('submit', () => { form.dataset.leaving = '1'; keep(form); sessionStorage.setItem(SENT, key(form)); });
  };

  ready((root) => {
    fresh(root, 'form[data-guard]', 'guarded').forEach(attach);
    if (root === document && !document.querySelector('[data-signed-out], [data-not-taken]')) sessionStorage.removeItem(SENT);
  });
  const dirty = () => guarded().filter((form) => form.dataset.dirty === '1' && !form.dataset.leaving);
  addEventListener('beforeunload', (event) => { if (dirty().length) { event.preventDefault(); event.returnValue = ''; } });
  addEventListener('pagehide', () => dirty().forEach(keep));
  addEventListener('pageshow', () => guarded().forEach((form) => { delete form.dataset.leaving; }));

  // What was given up on purpose can be taken back for a moment, on the page that follows as well.
  const DROPPED = 'gongdan.dropped';
  const dropped = () => {
    const kept = JSON.parse(sessionStorage.getItem(DROPPED));
    if (!kept) return;
    sessionStorage.removeItem(DROPPED);
    const back = el('button', { type: 'button', class: 'btn btn-sm btn-outline-secondary', 'data-testid': 'take-back' }, t('Take it back'));
    back.addEventListener('click', () => {
      sessionStorage.setItem(kept.name, kept.draft);
      sessionStorage.setItem('gongdan.kept', JSON.stringify([kept.name]));
      location.assign(kept.url);
    });
    toast(t('What was typed is given up.'), 'info').querySelector('p').after(back);
  };
  ready((root) => { if (root === document) dropped(); });
  /** Give up the draft kept as ``name``, of the form at ``url``; said at once, or by the next page. */
  window.gongdan.giveUp = (name, url, leaves) => {
    sessionStorage.setItem(DROPPED, JSON.stringify({ name, draft: sessionStorage.getItem(name), url }));
    sessionStorage.removeItem(name);
    if (!leaves) dropped();
  };

  // At the sign-in page: whether this tab holds anything. What it holds is opened by the page it was typed on.
  const texts = () => Object.keys(sessionStorage).filter((name) => /^(gongdan\.)?draft:/.test(name));
  const notice = document.querySelector('[data-kept]');
  if (notice && texts().length) {
    notice.hidden = false;
    sessionStorage.setItem('gongdan.kept', JSON.stringify(texts()));
  }

  // What was typed waits for the same person's return; who signs out leaves nothing behind.
  document.addEventListener('submit', (event) => {
    if (event.target.matches('form[action="/logout/"]')) sessionStorage.clear();
  });
})();
