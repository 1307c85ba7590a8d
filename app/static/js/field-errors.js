// What was refused is said until it is changed: then the message at the input goes, and its line in the summary.
'use strict';
(() => {
  const { t, say } = window.gongdan;
  const BAD = '[data-error], [aria-invalid="true"], .is-invalid';

  // A cell of a table answers for itself; its table for what is said of it as a whole.
  const boxesOf = (input) => [input.closest('[data-cell]'), input.closest('[data-field]') || input].filter(Boolean);
  const isOf = (box, one) => {
    const cell = one.closest('[data-cell]');
    return !cell || cell === box;
  };

  const isBlank = (box) => ![...box.querySelectorAll('input[name], select[name], textarea[name]')]
    .some((one) => (/checkbox|radio/.test(one.type) ? one.checked && one.value : one.value.trim()));

  // What is asked for is not given by emptying it once more.
  const isMissing = (box) => isBlank(box) && [...box.querySelectorAll('[aria-required="true"], .required')].some((one) => isOf(box, one));

  const targetOf = (link) => {
    const id = decodeURIComponent(link.hash.slice(1));
    return document.getElementById(`${id}-group`) || document.getElementById(id);
  };
  const linesOf = (box, counts) => [...document.querySelectorAll('[data-problems] a[href^="#"]')].filter((link) => {
    const target = targetOf(link);
    return (link.dataset.of && link.dataset.of === box.dataset.field)
      || (target && counts(target) && (box.contains(target) || (target.contains(box) && !box.closest('[data-sheet]'))));
  });
  // What stands in two places, as where a visit goes: chosen, or typed anew.
  const twinsOf = (box) => (box.dataset.field
    ? [...(box.closest('form') || document).querySelectorAll(`[data-field="${CSS.escape(box.dataset.field)}"]`)] : [box]);

  const strike = (link) => {
    const summary = link.closest('[data-problems]');
    link.closest('li').remove();
    const left = summary.querySelectorAll('li').length;
    if (!left) summary.remove();
    return left;
  };

  /** Take back what was said of what is in `box`; told to screen readers once, since nothing is left to take back. */
  const forgive = (box, counts = () => true) => {
    const lines = linesOf(box, counts);
    const places = [...twinsOf(box), ...lines.map(targetOf).filter(Boolean)];
    const bad = places.flatMap((place) => [place, ...place.querySelectorAll(BAD)]).filter((one) => one.matches(BAD) && counts(one));
    if (!lines.length && !bad.length) return;
    bad.forEach((one) => {
      if (one.matches('[data-error]')) one.remove();
      one.classList.remove('is-invalid');
      one.removeAttribute('aria-invalid');
    });
    const left = lines.map(strike).pop();
    if (left) say(t('%(count)s left to put right', { count: left }));
    else if (left === 0) say(t('Everything named was changed. Please send it again.'));
  };

  const changed = (event) => {
    // A widget's own box to search in has no name: nothing is answered by typing there.
    if (event.target.matches('form') || (event.target.matches('input, select, textarea') && !event.target.name)) return;
    boxesOf(event.target).filter((box) => !isMissing(box)).forEach((box) => forgive(box, (one) => isOf(box, one)));
    // A row of nothing is no row: what it lacked it need not have.
    const row = event.target.closest('[data-cell]')?.parentElement;
    if (row && isBlank(row)) forgive(row);
  };
  document.addEventListener('input', changed);
  document.addEventListener('change', changed);

  window.gongdan.forgive = forgive;
})();
