/* Builds a tree of the condition language (app/conditions) and knows nothing of what it is asked about: fields,
   operators and words come from `data-fields`, meaning and faults from `data-check`; the tree stands in a hidden input. */
(() => {
  'use strict';
  const { t, ready, fresh, el, send, say, attach } = window.gongdan;
  const { h } = window.preact;
  const { useEffect, useMemo, useReducer, useRef, useState } = window.preactHooks;
  const html = window.htm.bind(h);
  const MOST_LEVELS = 5;
  const JOINTS = { all: t('All of these hold'), any: t('Any of these holds'), none: t('None of these holds') };
  /* What is meant most often, where it serves the field: of what is picked from a list, and of what is typed. */
  const FIRST = {
    picked: ['includes_any', 'is_below', 'is_any_of', 'is'],
    typed: ['contains', 'is_within_last', 'is_at_least', 'is', 'is_not_empty'],
  };
  let made = 0;
  const key = () => { made += 1; return made; };

  /* A condition somebody has just asked for: it takes the focus. */
  const blank = () => ({ key: key(), field: '', op: '', begun: true });

  // A tree as it is edited: each part has a key, so that it stays itself when others come and go -----------------
  const read = (json) => {
    // What an address says may be anything: what is no part of a condition becomes an empty line, to be mended.
    const part = json || {};
    const joint = Object.keys(JOINTS).find((one) => Array.isArray(part[one]));
    return joint ? { key: key(), joint, parts: part[joint].map(read) }
      : { key: key(), field: part.field, op: part.op, value: part.value };
  };
  const begun = (json) => {
    const root = json ? read(json) : { key: key(), joint: 'all', parts: [] };
    return root.joint ? root : { key: key(), joint: 'all', parts: [root] };
  };
  const written = (part) => {
    if (part.joint) return { [part.joint]: part.parts.map(written) };
    return { field: part.field, op: part.op, ...(part.value === undefined ? {} : { value: part.value }) };
  };
  const replaced = (part, which, fn) => {
    if (part.key === which) return fn(part);
    return part.joint ? { ...part, parts: part.parts.map((one) => replaced(one, which, fn)).filter(Boolean) } : part;
  };
  const leaves = (part) => (part.joint ? part.parts.flatMap(leaves) : [part]);
  /* The path of each part as the server names it: `all[0].any[1]`. */
  const paths = (part, path = '', found = new Map()) => {
    found.set(path, part.key);
    (part.parts || []).forEach((one, index) => paths(one, `${path ? `${path}.` : ''}${part.joint}[${index}]`, found));
    return found;
  };

  // Values ----------------------------------------------------------------------------------------------------
  const isBlank = (value) => value === undefined || value === null || value === '' || (Array.isArray(value) && (!value.length || value.some(isBlank)));
  const isFilled = (leaf, known) => {
    const operator = known.operators[leaf.op];
    return Boolean(leaf.field && operator) && (operator.takes === 'nothing' || !isBlank(leaf.value));
  };
  const clock = (zone) => new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  const local = (instant, zone) => {
    const at = new Date(instant);
    return Number.isNaN(at.valueOf()) ? '' : clock(zone).format(at).replace(' ', 'T');
  };
  const instant = (text, zone) => {
    let at = Date.parse(`${text}Z`);
    if (Number.isNaN(at)) return '';
    // Twice: the first guess may lie on the other side of a change of the clock.
    for (let turn = 0; turn < 2; turn += 1) at -= Date.parse(`${local(at, zone)}Z`) - Date.parse(`${text}Z`);
    return `${new Date(at).toISOString().slice(0, 19)}Z`;
  };

  /** A select with its widget; it stands in a span of its own, where nothing but itself changes the page. */
  const Picker = ({ label, value, choices, remote, several, onPick, names }) => {
    const place = useRef(null);
    const picked = useRef(onPick);
    picked.current = onPick;
    useEffect(() => {
      const chosen = [].concat(isBlank(value) ? [] : value).map(String);
      const select = el('select', { class: 'form-select form-select-sm', 'aria-label': label, placeholder: remote ? t('Search…') : null, multiple: several, [remote ? 'data-remote' : 'data-long']: remote || true });
      const add = (to, one) => to.append(el('option', { value: one[0], selected: chosen.includes(String(one[0])) }, one[1]));
      if (!several) select.append(el('option', { value: '' }));
      const groups = new Map();
      (choices || []).forEach((one) => {
        if (!one[2]) { add(select, one); return; }
        if (!groups.has(one[2])) { groups.set(one[2], el('optgroup', { label: one[2] })); select.append(groups.get(one[2])); }
        add(groups.get(one[2]), one);
      });
      const listed = new Set((choices || []).map((one) => String(one[0])));
      chosen.filter((one) => !listed.has(one)).forEach((one) => add(select, [one, (names && names[one]) || `#${one}`]));
      place.current.replaceChildren(select);
      attach(place.current);
      select.addEventListener('change', () => {
        const options = [...select.selectedOptions].filter((one) => one.value);
        if (names) options.forEach((one) => { names[one.value] = select.tomselect?.options[one.value]?.text || one.textContent; });
        const found = options.map((one) => one.value);
        picked.current(several ? found : found[0] || '');
      });
      return () => { select.tomselect?.destroy(); place.current?.replaceChildren(); };
    }, [remote, several, choices]);
    return html`<span class="gd-cond-pick" ref=${place}></span>`;
  };

  const Typed = ({ label, value, type = 'text', onPick, ...more }) => html`<input class="form-control form-control-sm" type=${type}
    aria-label=${label} value=${value ?? ''} autocomplete="off" onInput=${(event) => onPick(event.target.value)} ...${more} />`;

  const Choice = ({ label, value, choices, onPick }) => html`<select class="form-select form-select-sm" aria-label=${label}
    value=${value} onChange=${(event) => onPick(event.target.value)}>
    ${choices.map(([name, text]) => html`<option value=${name} selected=${name === value}>${text}</option>`)}</select>`;

  const Span = ({ value, known, label, days, onPick }) => {
    const [, count, unit] = /^(\d+)([a-z]+)$/.exec(value || '') || [null, '', 'd'];
    const give = (number, name) => onPick(number === '' ? '' : `${number}${name}`);
    const units = known.units.filter((one) => !days || one[2]);
    return html`<${Typed} label=${label} type="number" min="1" value=${count} onPick=${(number) => give(number, unit)} />
      <${Choice} label=${t('Unit')} value=${unit} choices=${units} onPick=${(name) => give(count, name)} />`;
  };

  /** A length of time, kept in minutes; what is typed stays as it is, in its unit. */
  const Length = ({ value, known, label, onPick }) => {
    const of = (unit) => known.lengths.find((one) => one[0] === unit)[2];
    const [[count, unit], keep] = useState(() => {
      if (isBlank(value)) return ['', 'd'];
      const whole = Number.isInteger(Number(value)) && Number(value);
      const [name, , minutes] = known.lengths.find((one) => whole && whole % one[2] === 0) || known.lengths.at(-1);
      return [whole ? String(whole / minutes) : value, name];
    });
    const give = (number, name) => {
      keep([number, name]);
      // What makes no whole minutes the server refuses in words.
      const minutes = Math.round(Number(number) * of(name) * 1e6) / 1e6;
      onPick(number === '' || Number.isInteger(minutes) ? number && minutes : String(minutes));
    };
    return html`<${Typed} label=${label} type="number" step="any" value=${count} onPick=${(number) => give(number, unit)} />
      <${Choice} label=${t('Unit')} value=${unit} choices=${known.lengths} onPick=${(name) => give(count, name)} />`;
  };

  /** A day or an instant: on the calendar, counted from now, or the start of a part of the calendar. */
  const Moment = ({ field, value, known, label, onPick }) => {
    const said = value && (value.start_of || typeof value.now === 'string') ? value : null;
    const days = field.kind === 'date';
    const mode = !said ? 'at' : said.start_of ? 'start' : said.now === '0d' ? 'now' : said.now.startsWith('-') ? 'ago' : 'ahead';
    const modes = [['at', t('on the calendar')], ['now', days ? t('today') : t('now')], ['ago', t('ago')], ['ahead', t('from now')], ['start', t('the start of …')]];
    const begin = { at: '', now: { now: '0d' }, ago: { now: '-1d' }, ahead: { now: '1d' }, start: { start_of: 'day' } };
    const how = html`<${Choice} key="how" label=${t('How the time is said')} value=${mode} choices=${modes} onPick=${(name) => onPick(begin[name])} />`;
    if (mode === 'ago' || mode === 'ahead') {
      return html`<${Span} label=${label} days=${days} known=${known} value=${said.now.replace(/^[-+]/, '')}
        onPick=${(span) => onPick({ now: `${mode === 'ago' ? '-' : ''}${span || '1d'}` })} />${how}`;
    }
    return html`${how}
      ${mode === 'at' && html`<${Typed} label=${label} type=${days ? 'date' : 'datetime-local'} value=${value ? (days ? value : local(value, known.zone)) : ''}
        onPick=${(text) => onPick(days ? text : instant(text, known.zone))} />`}
      ${mode === 'start' && html`<${Choice} label=${label} value=${said.start_of} choices=${known.starts} onPick=${(name) => onPick({ start_of: name })} />`}`;
  };

  const One = ({ field, value, known, label, several, onPick }) => {
    const whole = (one) => (/^\d+$/.test(one) && field.refers_to !== 'region' ? Number(one) : one);
    const numbered = (one) => (field.kind === 'number' && one !== '' ? Number(one) : one);
    if (field.refers_to) {
      const names = known.names[field.refers_to] ||= {};
      return html`<${Picker} label=${label} several=${several} value=${value} names=${names} remote=${`${known.lookups}${field.refers_to}`}
        onPick=${(picked) => onPick(several ? picked.map(whole) : whole(picked))} />`;
    }
    if (field.options.length) return html`<${Picker} label=${label} several=${several} value=${value} choices=${field.options}
      onPick=${(picked) => onPick(several ? picked.map(numbered) : numbered(picked))} />`;
    if (field.kind === 'boolean') {
      return html`<${Choice} label=${label} value=${value === undefined ? '' : String(value)} choices=${[['', t('Choose…')], ['true', t('Yes')], ['false', t('No')]]}
        onPick=${(text) => onPick(text === '' ? '' : text === 'true')} />`;
    }
    if (several) {
      return html`<${Typed} label=${label} value=${[].concat(value ?? []).join(', ')} placeholder=${t('Several, with commas between')}
        onPick=${(text) => onPick(text.split(/[,，、\n]/).map((one) => one.trim()).filter(Boolean))} />`;
    }
    if (field.in_minutes) return html`<${Length} value=${value} known=${known} label=${label} onPick=${onPick} />`;
    if (field.kind === 'date' || field.kind === 'datetime') return html`<${Moment} field=${field} value=${value} known=${known} label=${label} onPick=${onPick} />`;
    const numeric = field.kind === 'number' || field.kind === 'money';
    return html`<${Typed} label=${label} type=${field.kind === 'time' ? 'time' : 'text'} inputmode=${numeric ? 'decimal' : undefined} maxlength="1000" value=${value} onPick=${onPick} />`;
  };

  const Value = ({ field, takes, value, known, onPick }) => {
    const label = t('Value of %(name)s', { name: field.label });
    if (takes === 'period') return html`<${Choice} label=${label} value=${value ?? ''} choices=${[['', t('Choose…')], ...known.periods]} onPick=${onPick} />`;
    if (takes === 'span') return html`<${Span} label=${label} value=${value} known=${known} days=${field.kind === 'date'} onPick=${onPick} />`;
    if (takes === 'text') return html`<${Typed} label=${label} value=${value} maxlength="1000" onPick=${onPick} />`;
    if (takes === 'ends') {
      const [low, high] = Array.isArray(value) ? value : ['', ''];
      const end = `gd-cond-end ${field.kind.startsWith('date') || field.in_minutes ? 'is-long' : ''}`;
      return html`<span class=${end}><${One} field=${field} value=${low} known=${known} label=${`${label}: ${t('from')}`} onPick=${(one) => onPick([one, high])} /></span>
        <span class=${end}><span class="text-secondary">${t('to')}</span>
          <${One} field=${field} value=${high} known=${known} label=${`${label}: ${t('to')}`} onPick=${(one) => onPick([low, one])} /></span>`;
    }
    return html`<${One} key=${takes} field=${field} value=${value} known=${known} label=${label} several=${takes === 'many'} onPick=${onPick} />`;
  };

  // Parts -----------------------------------------------------------------------------------------------------
  const Trash = ({ label, onClick }) => html`<button type="button" class="btn btn-icon btn-ghost-secondary btn-sm" aria-label=${label} title=${label} onClick=${onClick}>
    <svg class="icon" aria-hidden="true"><use href=${`${window.gongdan.facts.sprite}#x`} /></svg></button>`;

  const Leaf = ({ part, known, change, remove, faults }) => {
    const field = known.by[part.field];
    const operator = known.operators[part.op];
    const choose = (name) => {
      const next = known.by[name];
      const usual = next && FIRST[next.options.length || next.refers_to ? 'picked' : 'typed'].find((one) => next.operators.includes(one));
      const op = next && (next.operators.includes(part.op) ? part.op : usual || next.operators[0]);
      change({ ...part, field: name, op, value: undefined });
    };
    const box = useRef(null);
    useEffect(() => { if (part.begun) box.current.querySelector('select')?.tomselect?.focus(); }, []);
    const same = (op) => operator && known.operators[op].takes === operator.takes;
    return html`<div class="gd-cond-leaf ${faults.length ? 'is-bad' : ''}" role="group" ref=${box} aria-label=${field ? field.label : t('Condition')} data-testid="condition-leaf">
      <div class="gd-cond-parts">
        <${Picker} label=${t('Field')} value=${part.field} choices=${known.choices} onPick=${choose} />
        ${field && html`<${Choice} label=${t('How it is compared')} value=${part.op} choices=${field.operators.map((name) => [name, known.operators[name].label])}
          onPick=${(op) => change({ ...part, op, value: same(op) ? part.value : undefined })} />`}
        ${field && operator && operator.takes !== 'nothing' && html`<span class="gd-cond-value"><${Value} key=${`${part.field} ${operator.takes}`} field=${field} takes=${operator.takes} value=${part.value} known=${known} onPick=${(value) => change({ ...part, value })} /></span>`}
      </div>
      <${Trash} label=${t('Remove this condition')} onClick=${remove} />
      ${faults.map((one) => html`<p class="gd-cond-fault" role="alert">${one}</p>`)}
    </div>`;
  };

  const Group = ({ part, level, known, act, remove, faultsOf }) => {
    const box = useRef(null);
    const add = (one) => {
      act(part.key, (group) => ({ ...group, parts: [...group.parts, one] }));
      say(t('A condition was added.'));
    };
    const drop = (one) => {
      act(one.key, () => null);
      say(one.joint ? t('The group was removed.') : t('The condition was removed.'));
      box.current?.querySelector(':scope > .gd-cond-add button')?.focus();
    };
    return html`<div class="gd-cond-group" role="group" aria-label=${JOINTS[part.joint]} ref=${box}>
      <div class="gd-cond-head">
        <${Choice} label=${t('How these go together')} value=${part.joint} choices=${Object.entries(JOINTS)} onPick=${(joint) => act(part.key, (group) => ({ ...group, joint }))} />
        ${level > 1 && html`<${Trash} label=${t('Remove this group')} onClick=${remove} />`}
      </div>
      ${faultsOf(part).map((one) => html`<p class="gd-cond-fault" role="alert">${one}</p>`)}
      <div class="gd-cond-list">
        ${part.parts.map((one) => (one.joint
          ? html`<${Group} key=${one.key} part=${one} level=${level + 1} known=${known} act=${act} remove=${() => drop(one)} faultsOf=${faultsOf} />`
          : html`<${Leaf} key=${one.key} part=${one} known=${known} faults=${faultsOf(one)} change=${(next) => act(one.key, () => next)} remove=${() => drop(one)} />`))}
      </div>
      <div class="gd-cond-add btn-list">
        <button type="button" class="btn btn-sm btn-outline-secondary" data-testid="add-condition" onClick=${() => add(blank())}>${t('Add a condition')}</button>
        ${level < MOST_LEVELS && html`<button type="button" class="btn btn-sm btn-ghost-secondary" data-testid="add-group"
          onClick=${() => add({ key: key(), joint: 'any', parts: [blank()] })}>${t('Add a group')}</button>`}
      </div>
    </div>`;
  };

  const counted = (result) => (result.exact ? t('%(count)s tickets', { count: result.count }) : t('More than %(count)s tickets', { count: result.count }));

  const Builder = ({ known, start, check, input }) => {
    const [root, act] = useReducer((now, [which, fn]) => replaced(now, which, fn) || begun(null), start);
    const [result, setResult] = useState({});
    const [asked, setAsked] = useState(false);
    const open = leaves(root).filter((leaf) => !isFilled(leaf, known));
    const text = root.parts.length ? JSON.stringify(written(root)) : '';
    useEffect(() => {
      input.value = text;
      if (!text || open.length) { setResult({}); return undefined; }
      let live = true;
      const timer = setTimeout(async () => {
        let found;
        try {
          found = await send(check, { method: 'POST', body: `{"where":${text}}`, headers: { 'Content-Type': 'application/json' } });
        } catch (error) {
          // Not heard is not refused: it may be applied, and the list says what is wrong with it.
          found = { failed: error.status ? error.message : t('That did not work. Please try again.') };
        }
        if (live) setResult({ ...found, text });
      }, 300);
      return () => { live = false; clearTimeout(timer); };
    }, [text, open.length]);
    // What was found wrong before the last change says nothing of what stands there now.
    const faults = (result.text === text && result.faults) || [];
    useEffect(() => {
      const submit = (event) => {
        if (!open.length && !faults.length) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        setAsked(true);
        setTimeout(() => input.form.querySelector('.is-bad :is(input, select:not([aria-hidden]))')?.focus());
      };
      input.form.addEventListener('submit', submit, true);
      return () => input.form.removeEventListener('submit', submit, true);
    });
    const at = useMemo(() => paths(root), [root]);
    const faultsOf = (part) => {
      const found = faults.filter(({ path }) => {
        const [nearest] = [...at.keys()].filter((one) => path === one || path.startsWith(one ? `${one}.` : '')).sort((a, b) => b.length - a.length);
        return at.get(nearest) === part.key;
      }).map((one) => one.message);
      return asked && open.includes(part) ? [...found, t('Please complete this condition, or remove it.')] : found;
    };
    return html`<${Group} part=${root} level=${1} known=${known} act=${(which, fn) => act([which, fn])} faultsOf=${faultsOf} />
      <p class="gd-cond-said" role="status" data-testid="condition-said">${result.failed || (result.sentence && html`<strong>${counted(result)}</strong> ${result.sentence}`)}</p>`;
  };

  const begin = async (box) => {
    const input = box.querySelector('input[data-tree]');
    const url = new URL(box.dataset.fields, location.href);
    if (input.value) url.searchParams.set('where', input.value);
    let known;
    try {
      known = await send(url);
    } catch (error) {
      box.querySelector('[data-canvas]').textContent = error.message;
      return;
    }
    known.lookups = box.dataset.lookups;
    known.by = Object.fromEntries(known.fields.map((one) => [one.name, one]));
    known.choices = known.fields.map((one) => [one.name, one.label, known.groups[one.group]]);
    let tree = null;
    try { tree = JSON.parse(input.value || 'null'); } catch { tree = null; }
    const start = begun(tree);
    if (!start.parts.length) start.parts.push(blank());
    const canvas = box.querySelector('[data-canvas]');
    canvas.replaceChildren();
    window.preact.render(html`<${Builder} known=${known} start=${start} check=${box.dataset.check} input=${input} />`, canvas);
  };

  ready((root) => fresh(root, '[data-condition-builder]', 'built').forEach(begin));
})();
