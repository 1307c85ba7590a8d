// What was refused is said until it is changed: then the message at the input goes, and its line in the summary.
'use strict';
(() => {
  const { t, say } = window.gongdan;
  const BAD = '[data-error], [aria-invalid="true"], .is-invalid';

  const boxOf = (input) => input.closest('[data-field]') || input;

  const isBlank = (box) => ![...box.querySelectorAll('input[name], select[name], textarea[name]')]
    .some((one) => (/checkbox|radio/.test(one.type) ? one.checked && one.value : one.value.trim()));

  // What is asked for is not given by emptying it once more.
  const isMissing = (box) => box.querySelector('[aria-required="true"], .required') && isBlank(box);

  const targetOf = (link) => {
    const id = decodeURIComponent(link.hash.slice(1));
    return document.getElementById(`${id}-group`) || document.getElementById(id);
  };
  const linesOf = (box) => [...document.querySelectorAll('[data-problems] a[href^="#"]')].filter((link) => {
    const target = targetOf(link);
    return (link.dataset.of && link.dataset.of === box.dataset.field) || (target && (box.contains(target) || target.contains(box)));
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

  /** Take back what was said of the field in `box`; told to screen readers once, since nothing is left to take back. */
  const forgive = (box) => {
    const lines = linesOf(box);
    const places = [...twinsOf(box), ...lines.map(targetOf).filter(Boolean)];
    const bad = places.flatMap((place) => [place, ...place.querySelectorAll(BAD)]).filter((one) => one.matches(BAD));
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
    const box = boxOf(event.target);
    if (!isMissing(box)) forgive(box);
  };
  document.addEventListener('input', changed);
  document.addEventListener('change', changed);

  window.gongdan.forgive = forgive;
})();
