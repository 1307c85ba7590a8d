// Inputs that need more than the browser has: remote and long selects, files, signature, tables, cascades, position.
'use strict';
(() => {
  const { t, ready, fresh, el, icon, say, toast, ask, send, facts } = window.gongdan;

  // Selects ---------------------------------------------------------------------------------------------------
  const row = (data, escape) => `<div>${escape(data.text)}${data.hint ? `<span class="hint">${escape(data.hint)}</span>` : ''}</div>`;
  const words = {
    // Of a list of choices each part is one, be it none that can be taken.
    no_results: () => el('div', { class: 'no-results', role: 'option', 'aria-disabled': 'true' }, t('Nothing found')),
    not_loading: () => null,
    loading: () => el('div', { class: 'no-results', role: 'option', 'aria-disabled': 'true' }, t('Searching…')),
  };
  const plugins = (select) => (select.multiple ? { remove_button: { title: t('Remove') } } : { clear_button: { title: t('Clear') } });
  // Enter takes what was typed: pressed before the answer has come, it waits for it.
  const patient = (widget) => {
    const press = widget.onKeyDown.bind(widget);
    let waiting = null;
    widget.onKeyDown = (event) => {
      const typed = widget.inputValue();
      waiting = event.key === 'Enter' && !event.isComposing && typed && widget.answered !== typed ? event : null;
      if (waiting) event.preventDefault(); else press(event);
    };
    widget.on('blur', () => { waiting = null; });
    widget.on('type', () => { waiting = null; });
    widget.on('answer', (found) => {
      const event = waiting;
      waiting = null;
      // What is chosen stands in the list too, and before what was found.
      const best = found.find((one) => !widget.input.multiple || !widget.items.includes(String(one.id)));
      if (best && widget.inputValue()) widget.setActiveOption(widget.getOption(String(best.id)));
      if (event && best && widget.canSelect(widget.activeOption)) widget.onOptionSelect(event, widget.activeOption);
    });
    return widget;
  };
  const remote = (select) => {
    const url = new URL(select.dataset.remote, location.href);
    const load = async function load(query, give) {
      url.searchParams.set('q', query);
      const chosen = this.items.join();
      let found = [];
      try {
        found = (await send(url)).results || [];
      } catch (error) {
        toast(error.message, 'bad');
      }
      // What was found for other words than stand there now is not offered.
      if (this.inputValue() !== query) { give([]); return; }
      this.answered = query;
      give(found);
      this.trigger('answer', found);
      // An answer that comes after the choice is of no use, and its list would lie over what is pressed next.
      if (this.items.join() !== chosen) this.close();
    };
    return patient(new window.TomSelect(select, {
      valueField: 'id', labelField: 'text', searchField: ['text', 'hint'], score: () => () => 1, preload: 'focus', maxOptions: 30,
      load, loadThrottle: 200, refreshThrottle: 0, shouldLoad: () => true, plugins: plugins(select),
      render: { option: row, item: row, ...words }, placeholder: select.getAttribute('placeholder'),
      // What was found for other words must not be there for Enter to take.
      onType() { this.answered = null; this.clearOptions((option) => this.items.includes(String(option.id))); this.refreshOptions(); },
      // Chosen is chosen: what was typed to find it is no part of the next word.
      onItemAdd() { this.setTextboxValue(''); this.clearOptions((option) => this.items.includes(String(option.id))); },
    }));
  };
  const long = (select) => new window.TomSelect(select, {
    maxOptions: 1000, refreshThrottle: 0, plugins: plugins(select), render: words,
    placeholder: select.getAttribute('placeholder') || t('Choose…'), hidePlaceholder: true,
  });
  // One after the other: each choice clears away what was found beside it.
  window.gongdan.rechoose = (widget, chosen) => {
    const { valueField, labelField } = widget.settings;
    widget.clear(true);
    chosen.filter(([id]) => id).forEach(([id, text]) => {
      widget.addOption({ [valueField]: id, [labelField]: text });
      widget.addItem(id, true);
    });
  };
  const named = (widget, select) => {
    const label = select.getAttribute('aria-label');
    const control = widget.control_input;
    if (label) control.setAttribute('aria-label', label);
    ['aria-describedby', 'aria-invalid', 'aria-required'].forEach((name) => { if (select.hasAttribute(name)) control.setAttribute(name, select.getAttribute(name)); });
    select.setAttribute('aria-hidden', 'true'); // the widget's own input speaks for it
    widget.wrapper.querySelector('.clear-button')?.setAttribute('aria-label', t('Clear'));
    if (select.hasAttribute('readonly')) widget.lock();
  };
  // A dialog's body scrolls and would cut the choices off: there they lie above it all, on the side with more room.
  const unclipped = (widget) => {
    const body = widget.wrapper.closest('.modal-body');
    if (!body) return;
    const place = () => {
      const { top, bottom, left, width } = widget.control.getBoundingClientRect();
      const above = innerHeight - bottom < 240 && top > innerHeight - bottom;
      Object.assign(widget.dropdown.style, {
        left: `${left}px`, width: `${width}px`, top: above ? 'auto' : `${bottom}px`, bottom: above ? `${innerHeight - top}px` : 'auto',
      });
    };
    widget.on('dropdown_open', place);
    body.addEventListener('scroll', place, { passive: true });
  };
  const told = (widget) => {
    widget.on('type', (text) => widget.wrapper.classList.toggle('is-typing', Boolean(text)));
    widget.on('blur', () => widget.wrapper.classList.remove('is-typing'));
  };
  const settle = (widget, select) => { named(widget, select); unclipped(widget); told(widget); };
  ready((root) => {
    fresh(root, 'select[data-remote]', 'drawn').forEach((select) => settle(remote(select), select));
    fresh(root, 'select[data-long]', 'drawn').forEach((select) => settle(long(select), select));
  });

  // Files: each is sent at once; the form keeps the ids ------------------------------------------------------
  const picture = (type) => /^image\/(png|jpe?g|webp|gif|heic|heif)$/.test(type || '');
  const tile = (box, file, id) => {
    const remove = el('button', { type: 'button', class: 'gd-icon-btn gd-remove', 'aria-label': t('Remove %(name)s', { name: file.filename }) }, icon('x'));
    const face = picture(file.media_type) && id
      ? el('img', { src: `${facts.files}${id}?thumbnail=1`, alt: '', loading: 'lazy' })
      : el('span', { class: 'gd-file-icon' }, icon('file'));
    const name = id ? el('a', { href: `${facts.files}${id}`, class: 'clip', title: file.filename }, file.filename) : el('span', { class: 'clip' }, file.filename);
    const item = el('li', {}, face, name, remove);
    if (id) item.append(el('input', { type: 'hidden', name: box.dataset.name, value: id }));
    remove.addEventListener('click', () => {
      item.remove();
      say(t('%(name)s removed', { name: file.filename }));
      box.dispatchEvent(new Event('change', { bubbles: true }));
      box.querySelector('input[type="file"]').focus();
    });
    return item;
  };
  const post = (file, accept, progress) => new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append('accept', accept || 'any');
    data.append('file', file, file.name);
    request.open('POST', facts.files);
    request.setRequestHeader('X-CSRFToken', window.gongdan.token());
    request.setRequestHeader('Accept', 'application/json');
    request.upload.onprogress = (event) => { if (event.lengthComputable) progress(event.loaded / event.total); };
    request.onerror = () => failed(new Error(t('No connection. Nothing was sent; please try again.')));
    request.onload = () => {
      let body = {};
      try { body = JSON.parse(request.responseText); } catch { body = {}; }
      if (request.status < 300) done(body);
      else failed(new Error(body.detail || body.title || t('The file was not accepted.')));
    };
    request.send(data);
  });
  const upload = async (box, file) => {
    const list = box.querySelector('.gd-files');
    const bar = el('progress', { max: '1', value: '0', 'aria-label': t('Sending %(name)s', { name: file.name }) });
    const waiting = tile(box, { filename: file.name, media_type: '' }, null);
    waiting.append(bar);
    list.append(waiting);
    box.dataset.sending = String(Number(box.dataset.sending || 0) + 1);
    try {
      const sent = await post(file, box.dataset.accept, (part) => { bar.value = part; });
      if (waiting.isConnected) waiting.replaceWith(tile(box, sent, sent.id));
      say(t('%(name)s added', { name: file.name }));
      box.dispatchEvent(new Event('change', { bubbles: true }));
    } catch (error) {
      bar.remove();
      waiting.classList.add('is-bad');
      waiting.append(el('span', { role: 'alert' }, error.message));
    } finally {
      box.dataset.sending = String(Number(box.dataset.sending) - 1);
    }
  };
  ready((root) => fresh(root, '[data-files]', 'drawn').forEach((box) => {
    const input = box.querySelector('input[type="file"]');
    JSON.parse(box.dataset.files || '[]').forEach((file) => box.querySelector('.gd-files').append(tile(box, file, file.id)));
    const take = (files) => {
      const room = Number(box.dataset.most || 50) - box.querySelectorAll('.gd-files li:not(.is-bad)').length;
      if (files.length > room) toast(t('At most %(count)s files.', { count: box.dataset.most }), 'bad');
      [...files].slice(0, Math.max(room, 0)).forEach((file) => upload(box, file));
    };
    box.querySelectorAll('input[type="file"]').forEach((one) => one.addEventListener('change', () => { take(one.files); one.value = ''; }));
    if (!input) return;
    box.addEventListener('dragover', (event) => { event.preventDefault(); box.classList.add('is-over'); });
    box.addEventListener('dragleave', () => box.classList.remove('is-over'));
    box.addEventListener('drop', (event) => { event.preventDefault(); box.classList.remove('is-over'); take(event.dataTransfer.files); });
    box.addEventListener('paste', (event) => { if (event.clipboardData.files.length) take(event.clipboardData.files); });
  }));
  document.addEventListener('submit', (event) => {
    if (!event.target.querySelector('[data-files]:not([data-sending="0"])[data-sending]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast(t('A file is still being sent. Please wait a moment.'), 'info');
  }, true);

  // Before a form leaves: signatures are sent, and files the server refused are named. ---------------------------
  const pens = new WeakMap(); // the box of a signature → sends what is drawn in it, if anything is
  const leaving = new WeakSet();
  const makeReady = async (form, drawn, bad) => {
    const names = bad.map((item) => item.querySelector('.clip').textContent).join(', ');
    if (bad.length && !await ask(t('These files were not accepted and will not be saved: %(names)s', { names }))) return false;
    bad.forEach((item) => item.remove());
    await Promise.all(drawn.map((box) => pens.get(box).keep()));
    return true;
  };
  document.addEventListener('submit', async (event) => {
    const [form, { submitter }] = [event.target, event];
    const drawn = [...form.querySelectorAll('[data-signature]')].filter((box) => pens.get(box)?.drawn());
    const bad = [...form.querySelectorAll('[data-files] li.is-bad')];
    if (!drawn.length && !bad.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (leaving.has(form)) return;
    leaving.add(form);
    try {
      if (await makeReady(form, drawn, bad)) form.requestSubmit(submitter);
    } catch (error) {
      toast(error.message, 'bad');
    } finally {
      leaving.delete(form);
    }
  }, true);

  // Signature: drawn, sent as a picture when kept or when its form is sent --------------------------------------
  let pad = null;
  const signaturePad = () => {
    pad ||= new Promise((done, failed) => {
      const script = el('script', { src: facts.signature });
      script.onload = () => done(window.SignaturePad);
      script.onerror = () => failed(new Error(t('That did not work. Please try again.')));
      document.head.append(script);
    });
    return pad;
  };
  const fit = (canvas) => {
    const scale = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * scale;
    canvas.height = canvas.offsetHeight * scale;
    canvas.getContext('2d').scale(scale, scale);
  };
  ready((root) => fresh(root, '[data-signature]', 'drawn').forEach(async (box) => {
    const [canvas, input, kept] = ['canvas', 'input[type="hidden"]', '[data-kept]'].map((one) => box.querySelector(one));
    const [keep, again] = ['[data-keep]', '[data-again]'].map((one) => box.querySelector(one));
    const Pad = await signaturePad();
    let drawing = null;
    let size = '';
    // A dialog gives its box a size only when it shows, and a turned phone gives it another: what is drawn stays.
    const refit = () => {
      const now = `${canvas.offsetWidth} ${canvas.offsetHeight}`;
      if (!drawing || !canvas.offsetWidth || now === size) return;
      size = now;
      const strokes = drawing.toData();
      fit(canvas);
      drawing.clear();
      drawing.fromData(strokes);
    };
    new ResizeObserver(refit).observe(canvas);
    const open = () => {
      kept.replaceChildren();
      canvas.hidden = false; keep.hidden = false;
      size = '';
      drawing?.off();
      drawing = new Pad(canvas, { penColor: '#10201f', backgroundColor: 'rgb(255,255,255)' });
      refit();
    };
    const show = (id) => {
      kept.replaceChildren(el('img', { src: `${facts.files}${id}`, alt: t('Signature') }));
      canvas.hidden = true; keep.hidden = true;
    };
    if (input.value) show(input.value); else open();
    const pen = {
      drawn: () => !canvas.hidden && !input.disabled && drawing && !drawing.isEmpty(),
      keep: async () => {
        const blob = await new Promise((done) => { canvas.toBlob(done, 'image/png'); });
        if (!blob) throw new Error(t('That did not work. Please try again.'));
        const sent = await post(new File([blob], 'signature.png', { type: 'image/png' }), 'image', () => {});
        input.value = sent.id;
        show(sent.id);
        say(t('Signature kept'));
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
    };
    pens.set(box, pen);
    again.addEventListener('click', () => { input.value = ''; open(); });
    keep.addEventListener('click', async () => {
      if (!pen.drawn()) { toast(t('Please sign in the box first.'), 'info'); return; }
      try { await pen.keep(); } catch (error) { toast(error.message, 'bad'); }
    });
  }));

  // Tables: rows come from a <template>, numbered as they come; the server reads them in that order -------------
  ready((root) => fresh(root, '[data-sheet]', 'drawn').forEach((sheet) => {
    const body = sheet.querySelector('tbody');
    const pattern = sheet.querySelector('template');
    const add = sheet.querySelector('[data-add-row]');
    if (!add) return; // only read
    let next = Number(sheet.dataset.next);
    const count = () => { add.disabled = body.children.length >= Number(sheet.dataset.most || 500); };
    const changed = () => { count(); sheet.dispatchEvent(new Event('change', { bubbles: true })); };
    add.addEventListener('click', () => {
      const made = pattern.content.cloneNode(true);
      made.querySelectorAll('[name], [id], [for]').forEach((one) => ['name', 'id', 'for'].forEach((name) => {
        if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replace('__row__', String(next)));
      }));
      next += 1;
      const line = made.firstElementChild;
      body.append(made);
      window.gongdan.attach(line);
      line.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
      say(t('Row added'));
      changed();
    });
    body.addEventListener('click', (event) => {
      const button = event.target.closest('[data-remove-row]');
      if (!button) return;
      const line = button.closest('tr');
      (line.nextElementSibling || line.previousElementSibling)?.querySelector('input, select')?.focus();
      window.gongdan.forgive(line);
      line.remove();
      say(t('Row removed'));
      changed();
    });
    count();
  }));

  // Cascades: each level lists the children of the one before; the value is the path of keys, joined by "/" ------------------
  ready((root) => fresh(root, '[data-cascade]', 'drawn').forEach((box) => {
    const tree = JSON.parse(box.querySelector('script').textContent);
    const input = box.querySelector('input[type="hidden"]');
    const levels = box.querySelector('.gd-cascade');
    const draw = (path) => {
      levels.replaceChildren();
      let options = tree;
      for (let depth = 0; options.length; depth += 1) {
        const here = path[depth] || '';
        const select = el('select', { class: 'form-select', 'aria-label': t('Level %(number)s', { number: depth + 1 }), disabled: 'locked' in box.dataset }, el('option', { value: '' }, t('Choose…')),
          ...options.filter((one) => !one.retired || one.key === here).map((one) => el('option', { value: one.key, selected: one.key === here }, one.text)));
        if (depth === 0) select.id = box.dataset.first;
        const before = path.slice(0, depth);
        select.addEventListener('change', () => {
          const now = select.value ? [...before, select.value] : before;
          input.value = now.join('/');
          draw(now);
          levels.children[Math.min(depth + 1, levels.children.length - 1)]?.focus();
          input.dispatchEvent(new Event('change', { bubbles: true }));
        });
        levels.append(select);
        if (!here) break;
        options = options.find((one) => one.key === here)?.children || [];
      }
    };
    draw(input.value ? input.value.split('/') : []);
  }));

  // Position: only when asked -----------------------------------------------------------------------------------
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-locate]');
    if (!button) return;
    const box = button.closest('[data-location]');
    if (!navigator.geolocation || !window.isSecureContext) { toast(t('This browser gives no position on this page. Please type it.'), 'info'); return; }
    button.disabled = true;
    navigator.geolocation.getCurrentPosition((place) => {
      box.querySelector('[data-lat]').value = place.coords.latitude.toFixed(6);
      box.querySelector('[data-lng]').value = place.coords.longitude.toFixed(6);
      box.querySelector('[data-accuracy]').value = String(Math.round(place.coords.accuracy));
      button.disabled = false;
      say(t('Position taken'));
      box.dispatchEvent(new Event('change', { bubbles: true }));
    }, () => { button.disabled = false; toast(t('The position could not be taken. Please type it.'), 'info'); }, { enableHighAccuracy: true, timeout: 15000 });
  });

  document.addEventListener('input', (event) => {
    const accuracy = event.target.closest('[data-location]')?.querySelector('[data-accuracy]');
    if (accuracy) accuracy.value = '';
  });

  // "Now" beside a date and time that cannot lie ahead: the present minute where the company is --------------------
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-now]');
    if (!button) return;
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: button.dataset.zone, dateStyle: 'short', timeStyle: 'short' });
    const input = document.getElementById(button.dataset.now);
    input.value = clock.format(new Date()).replace(' ', 'T');
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });

  // Filters of a list: the comparison is part of the input's name ----------------------------------------------
  document.addEventListener('change', (event) => {
    const how = event.target.closest('[data-filter-how]');
    const box = how?.closest('[data-filter]');
    if (box) box.querySelector('[data-filter-value]').name = `_flt_${how.value}_${box.dataset.filter}`;
  });

  // Texts that grow, and counters of what is left ---------------------------------------------------------------
  const grow = (area) => { area.rows = Math.min(Math.max(Number(area.dataset.rows || 3), area.value.split('\n').length + 1), 16); };
  ready((root) => fresh(root, 'textarea[data-rows]', 'drawn').forEach((area) => { grow(area); area.addEventListener('input', () => grow(area)); }));
})();
