// What every page does: words, CSRF, toasts, confirmation, guards, times, keys. Behaviours attach by data-attributes
// and again after each htmx swap through gongdan.ready(fn).
'use strict';
window.gongdan = (() => {
  const json = (id) => { const tag = document.getElementById(id); return tag ? JSON.parse(tag.textContent) : {}; };
  const words = json('words');
  const facts = json('page-facts');
  const hooks = [];
  let begun = false;

  /** The sentence in the reader's language; %(name)s takes values. */
  const t = (id, values = {}) => (words[id] || id).replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole));

  const token = () => document.querySelector('meta[name="csrf-token"]')?.content || '';

  /** Run fn(root) now (or once the page is there) and after each swap of a part of the page. */
  const ready = (fn) => {
    hooks.push(fn);
    if (begun) fn(document);
  };
  const attach = (root) => hooks.forEach((fn) => fn(root));
  document.addEventListener('DOMContentLoaded', () => { begun = true; attach(document); });

  /** Elements below root that match, root itself included, each only once per behaviour. */
  const fresh = (root, selector, mark) => {
    const all = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) all.unshift(root);
    return all.filter((one) => {
      if (one.dataset[mark]) return false;
      one.dataset[mark] = '1';
      return true;
    });
  };

  /** el('a', {href: '/', class: 'x'}, 'text', node…): attributes and children, never HTML. */
  const el = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(key, '');
      else if (value !== false && value != null) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child != null));
    return node;
  };

  const icon = (name, extra = '') => {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', `icon ${extra}`.trim());
    svg.setAttribute('aria-hidden', 'true');
    const use = document.createElementNS(space, 'use');
    use.setAttribute('href', `${facts.sprite}#${name}`);
    svg.append(use);
    return svg;
  };

  /** Say something to screen readers only. */
  const say = (text) => {
    const live = document.getElementById('live');
    if (live) { live.textContent = ''; requestAnimationFrame(() => { live.textContent = text; }); }
  };

  const closing = (toast, after) => {
    toast.querySelector('[data-toast-close]')?.addEventListener('click', () => toast.remove());
    if (after) setTimeout(() => { if (!toast.matches(':hover, :focus-within')) toast.remove(); else closing(toast, 3000); }, after);
  };

  /** A passing message: kind is good, info or bad; bad ones stay until closed. */
  const toast = (text, kind = 'good') => {
    const tone = { good: 'green', info: 'primary', bad: 'red' }[kind] || 'primary';
    const name = { good: 'circle-check', bad: 'alert-circle' }[kind] || 'info-circle';
    const box = el('div', { class: `gd-toast tone-${tone}`, role: kind === 'bad' ? 'alert' : 'status' }, icon(name), el('p', {}, text),
      el('button', { type: 'button', class: 'btn-close', 'data-toast-close': true, 'aria-label': t('Close') }));
    document.getElementById('toasts')?.append(box);
    closing(box, kind === 'bad' ? 0 : 6000);
    return box;
  };

  /** Ask in a dialog; resolves to true or false. Each question has its own dialog, gone when answered. ``stands`` says
      whether there is still something to ask: what is asked about may go on and end meanwhile. */
  const ask = (question, { danger = false, yes = t('Continue'), title = t('Are you sure?'), stands = () => true } = {}) => new Promise((answer) => {
    const id = `ask-${Math.random().toString(36).slice(2)}`;
    const no = el('button', { value: 'no', class: 'btn' }, t('Cancel'));
    const go = el('button', { value: 'yes', class: danger ? 'btn btn-danger' : 'btn btn-primary', 'data-testid': 'confirm-yes' }, yes);
    const [head, said] = [el('h2', { id }, title), el('p', { role: 'status' }, question)];
    const dialog = el('dialog', { class: 'gd-dialog', 'aria-labelledby': id, 'data-testid': 'confirm' },
      el('form', { method: 'dialog' },
        el('div', { class: 'gd-dialog-body' }, head, said), el('div', { class: 'gd-dialog-foot' }, no, go)));
    const look = () => {
      if (stands() || !go.isConnected) return;
      head.textContent = t('This has ended meanwhile');
      said.textContent = t('There is nothing left to decide.');
      no.textContent = t('Close');
      go.remove();
      no.focus();
    };
    document.addEventListener('htmx:afterSettle', look);
    dialog.addEventListener('close', () => {
      document.removeEventListener('htmx:afterSettle', look);
      dialog.remove();
      answer(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });

  /** fetch with the CSRF header; answers JSON; a refusal throws an Error with the server's own sentence. */
  const send = async (url, options = {}) => {
    const response = await fetch(url, { ...options, headers: { Accept: 'application/json', 'X-CSRFToken': token(), ...options.headers } });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    const error = new Error(body.detail || body.title || body.message || t('That did not work. Please try again.'));
    error.status = response.status;
    error.body = body;
    throw error;
  };

  /** Load the scripts of a <template>, in their order and once: what most visits to a page do not need. */
  const brought = new Map();
  const bring = (id) => {
    if (!brought.has(id)) {
      const wanted = [...document.getElementById(id).content.querySelectorAll('script')];
      brought.set(id, Promise.all(wanted.map((one) => new Promise((done) => {
        const script = el('script', { src: one.getAttribute('src') });
        script.async = false;
        script.onload = done;
        script.onerror = done;
        document.head.append(script);
      }))));
    }
    return brought.get(id);
  };

  return { t, ready, attach, fresh, el, icon, say, toast, closing, ask, send, token, facts, json, bring };
})();
window.t = window.gongdan.t;

(() => {
  const { t, ready, attach, fresh, toast, closing, ask, token, facts } = window.gongdan;

  // Confirmation: <form data-confirm="…"> or <button data-confirm="…">. Only the confirmed submit goes through.
  let confirmed = null;
  document.addEventListener('submit', async (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || confirmed === form) { confirmed = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    const danger = 'danger' in form.dataset || 'danger' in (submitter?.dataset || {});
    // A bin has no text: what it is called says as well what will be done.
    const yes = submitter?.textContent.trim() || submitter?.getAttribute('aria-label') || undefined;
    // What is fetched again every second goes on behind the question: the form it was asked of is found anew there.
    const now = () => (form.isConnected ? form : [...document.forms].find((one) => one.getAttribute('action') === form.getAttribute('action')));
    const pressed = (one) => one.type === 'submit' && one.name === submitter?.name && one.value === submitter.value;
    const button = () => (submitter?.isConnected ? submitter : [...(now()?.elements || [])].find(pressed));
    const sure = await ask(question, { danger, yes, stands: () => Boolean(now()) });
    if (sure && now()) {
      confirmed = now();
      confirmed.requestSubmit(button());
    } else {
      button()?.focus();
    }
  }, true);

  // One click, one request: buttons of a form that is on its way rest until the page changes or comes back.
  const rest = (form, resting) => {
    form.dataset.sending = resting ? '1' : '';
    form.querySelectorAll('button:not([type="button"]), input[type="submit"]').forEach((button) => { button.disabled = resting; });
    document.body.classList.toggle('is-busy', resting);
  };
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || form.target === '_blank' || 'download' in form.dataset) return;
    if (form.matches('[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]')) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    setTimeout(() => rest(form, true));
  });
  addEventListener('pageshow', () => document.querySelectorAll('form[data-sending="1"]').forEach((form) => rest(form, false)));

  // Times: "5 minutes ago", exact on hover, kept fresh.
  const relative = new Intl.RelativeTimeFormat(facts.lang || 'zh-Hans', { numeric: 'auto' });
  // Where columns stand close: "4d ago".
  const brief = new Intl.RelativeTimeFormat(facts.lang || 'zh-Hans', { numeric: 'auto', style: 'narrow' });
  const units = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const days = (then) => Math.round((midnight(then) - midnight(Date.now())) / 86400000);
  // More than a week away the day itself says more, with the year where it is another one. It is the company's day,
  // as the exact time has it, wherever the browser is.
  const lang = facts.lang || 'zh-Hans';
  const thisYear = new Intl.DateTimeFormat(lang, { month: 'short', day: 'numeric' });
  const otherYear = new Intl.DateTimeFormat(lang, { month: 'short', day: 'numeric', year: 'numeric' });
  const dated = (exact) => {
    const near = exact.startsWith(`${new Date().getFullYear()}-`);
    if (lang.startsWith('zh')) return near ? exact.slice(5, 10) : exact.slice(0, 10);
    return (near ? thisYear : otherYear).format(new Date(`${exact.slice(0, 10)}T00:00`));
  };
  const ago = (then, words, exact) => {
    if (Math.abs(days(then)) > 7 && /^\d{4}-\d\d-\d\d/.test(exact)) return dated(exact);
    const seconds = (then - Date.now()) / 1000;
    if (seconds <= 0 && seconds > -60) return t('just now');
    const [unit, size] = units.find(([, one]) => Math.abs(seconds) >= one) || ['minute', 60];
    // Tomorrow is a day of the calendar, not a day's length from now.
    return words.format(unit === 'day' ? days(then) : Math.trunc(seconds / size), unit);
  };
  // Of a time limit: what is left of it, or by how much it has passed.
  const span = (seconds) => {
    const [unit, size] = units.find(([, one]) => seconds >= one) || ['minute', 60];
    const many = Math.max(1, Math.trunc(seconds / size));
    return new Intl.NumberFormat(facts.lang || 'zh-Hans', { style: 'unit', unit, unitDisplay: 'long' }).format(many);
  };
  const limit = (then) => {
    const seconds = (then - Date.now()) / 1000;
    const told = { span: span(Math.abs(seconds)) };
    return seconds < 0 ? t('overdue by %(span)s', told) : t('%(span)s left', told);
  };
  const freshen = (root) => root.querySelectorAll('time[data-relative]').forEach((time) => {
    const then = Date.parse(time.dateTime);
    if (Number.isNaN(then)) return;
    const counted = time.closest('[data-time-limits]');
    if (!time.title) time.title = time.textContent.trim();
    const text = counted ? limit(then) : ago(then, time.closest('[data-brief-times]') ? brief : relative, time.title);
    if (time.textContent !== text) time.textContent = text;
  });
  ready(freshen);
  setInterval(() => { if (!document.hidden) freshen(document); }, 30000);

  // Focus goes to what is wrong; links of the summary go to the input, also where a widget stands before it.
  ready((root) => fresh(root, '[data-focus]', 'focused').slice(0, 1).forEach((box) => box.focus()));
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-problems] a[href^="#"]');
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    const group = document.getElementById(`${target.id}-group`) || target;
    group.scrollIntoView({ block: 'center' });
    if (target.tomselect) target.tomselect.focus();
    else (target.matches('input:not([type="hidden"]), select, textarea, button') ? target : group.querySelector('input:not([type="hidden"]), select, textarea, button') || group).focus();
  });

  // Keys: "/" goes to the search box; never while typing.
  document.addEventListener('keydown', (event) => {
    if (document.documentElement.dataset.keys === 'off' || event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input, textarea, select, [contenteditable="true"], dialog')) return;
    const search = document.querySelector('[data-shortcut="/"]');
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  // A link that acts as a button is pressed with the space bar too.
  document.addEventListener('keydown', (event) => {
    if (event.key !== ' ' || !event.target.matches?.('a[role="button"]')) return;
    event.preventDefault();
    event.target.click();
  });

  // Light, dark: kept for a year in a cookie the server reads, so that the next page comes in the right colour.
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-theme-toggle]')) return;
    const root = document.documentElement;
    const next = root.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    root.dataset.bsTheme = next;
    root.dataset.themeChoice = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
    if (document.querySelector('.gd-shell')) {
      const kept = new FormData();
      kept.append('theme', next);
      fetch('/users/userinfo/theme', { method: 'POST', body: kept, keepalive: true, headers: { 'X-CSRFToken': token() } }).catch(() => {});
    }
    window.gongdan.say(next === 'dark' ? t('Dark colours') : t('Light colours'));
  });

  // Lists: the head's box ticks all rows, Shift ticks a range; a bar says how many.
  document.addEventListener('click', (event) => {
    const box = event.target;
    const table = box.closest?.('[data-rows]');
    if (!table || !box.matches('input[type="checkbox"]')) return;
    const rows = [...table.querySelectorAll('input[data-row]')];
    if (box.matches('[data-all]')) rows.forEach((row) => { row.checked = box.checked; });
    else if (event.shiftKey && table.gdLast) {
      const [from, to] = [rows.indexOf(table.gdLast), rows.indexOf(box)].sort((a, b) => a - b);
      rows.slice(from, to + 1).forEach((row) => { row.checked = box.checked; });
    }
    if (box.matches('[data-row]')) table.gdLast = box;
    const count = rows.filter((row) => row.checked).length;
    const all = table.querySelector('input[data-all]');
    if (all) { all.checked = count > 0 && count === rows.length; all.indeterminate = count > 0 && count < rows.length; }
    table.querySelectorAll('[data-selection-bar]').forEach((bar) => { bar.hidden = count === 0; });
    table.querySelectorAll('[data-selection-count]').forEach((place) => { place.textContent = t('%(count)s selected', { count }); });
    table.dispatchEvent(new CustomEvent('gongdan:selection', { bubbles: true, detail: { count } }));
  });

  // Filters of a list add inputs to the form; empty ones are not sent, but those the form names.
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('form[data-lean]')) return;
    const named = event.target.dataset.lean.split(' ');
    [...event.target.elements].forEach((input) => { if (input.name && input.value === '' && !named.includes(input.name)) input.disabled = true; });
    addEventListener('pageshow', () => [...event.target.elements].forEach((input) => { input.disabled = false; }), { once: true });
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-submit]')) event.target.form.requestSubmit();
    if (event.target.matches('[data-go]') && event.target.value) location.assign(event.target.value);
  });

  // What takes a while and shows nothing meanwhile, such as a file that is made for a download, says so.
  document.addEventListener('click', (event) => {
    const told = event.target.closest?.('[data-told]')?.dataset.told;
    if (told) toast(told, 'info');
  });

  // What scrolls sideways says so: its edge fades where there is more.
  const more = (box) => {
    const room = getComputedStyle(box).overflowX === 'visible' ? 0 : box.scrollWidth - box.clientWidth;
    box.classList.toggle('has-before', box.scrollLeft > 1);
    box.classList.toggle('has-after', room - box.scrollLeft > 1);
  };
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    more(target.closest('.gd-scroll, .gd-wide, .table-responsive'));
  }));
  ready((root) => fresh(root, '.gd-scroll, .gd-wide, .table-responsive', 'sideways').forEach((box) => {
    sizes.observe(box);
    if (box.firstElementChild) sizes.observe(box.firstElementChild);
    box.addEventListener('scroll', () => more(box), { passive: true });
  }));

  ready((root) => fresh(root, '[data-toast]', 'toasting').forEach((one) => closing(one, one.dataset.toast === 'stay' ? 0 : 6000)));

  // htmx: the CSRF header, what failed, and our behaviours in what came.
  // What a page asks by itself, beside what somebody does (data-quiet), neither complains nor leads away when it fails.
  const quiet = ({ detail }) => (detail.requestConfig?.elt || detail.elt).matches('[data-quiet]');
  document.addEventListener('htmx:configRequest', (event) => {
    event.detail.headers['X-CSRFToken'] = token();
    if (!quiet(event)) return;
    event.detail.headers['X-Background'] = '1';
    // Of a form that is on its way nothing is asked any more.
    if (document.querySelector('form[data-sending="1"]')) event.preventDefault();
  });
  document.addEventListener('htmx:beforeSwap', (event) => { if (quiet(event) && event.detail.xhr.status >= 400) event.detail.shouldSwap = false; });
  document.addEventListener('htmx:load', (event) => { if (event.detail.elt !== document.body) attach(event.detail.elt); });
  document.addEventListener('htmx:responseError', (event) => quiet(event) || toast(t('That did not work. Please try again.'), 'bad'));
  document.addEventListener('htmx:sendError', (event) => quiet(event) || toast(t('No connection. Nothing was sent; please try again.'), 'bad'));
})();
