// The search box of every page: a combobox whose list the server draws. Arrows choose, Enter opens, Escape closes.
// Without this script the form still leads to the one thing typed, or to the list.
'use strict';
(() => {
  const { t, ready, fresh, say, toast } = window.gongdan;
  const PAUSE = 180;
  const SHORTEST = 2;

  class SearchBox {
    constructor(form) {
      this.input = form.querySelector('[role="combobox"]');
      this.list = form.querySelector('[role="listbox"]');
      this.url = form.dataset.suggest;
      this.at = -1;
      this.input.addEventListener('input', () => this.later());
      this.input.addEventListener('focus', () => { if (this.list.childElementCount && this.shown === this.typed()) this.open(); });
      this.input.addEventListener('keydown', (event) => this.key(event));
      // The list closes when the focus leaves; pressing the mouse in it must not take the focus away first.
      this.list.addEventListener('mousedown', (event) => event.preventDefault());
      form.addEventListener('focusout', (event) => { if (!form.contains(event.relatedTarget)) this.close(); });
    }

    typed() { return this.input.value.trim(); }

    options() { return [...this.list.querySelectorAll('a[role="option"]')]; }

    later() {
      clearTimeout(this.timer);
      this.asking?.abort();
      if (this.typed().length < SHORTEST) { this.shown = ''; this.list.replaceChildren(); this.close(); return; }
      this.timer = setTimeout(() => this.ask(this.typed()), PAUSE);
    }

    async ask(text) {
      this.asking = new AbortController();
      try {
        const answer = await fetch(`${this.url}?q=${encodeURIComponent(text)}`, { signal: this.asking.signal, headers: { 'HX-Request': 'true' } });
        if (!answer.ok || answer.redirected) throw new Error(t('That did not work. Please try again.'));
        this.show(text, await answer.text());
      } catch (error) {
        if (error.name !== 'AbortError') { this.close(); toast(error instanceof TypeError ? t('No connection. Nothing was sent; please try again.') : error.message, 'bad'); }
      }
    }

    show(text, html) {
      const found = new DOMParser().parseFromString(html, 'text/html').body;
      this.list.replaceChildren(...found.childNodes);
      this.shown = text;
      this.options().forEach((option, index) => { option.id = `${this.list.id}-${index}`; });
      this.choose(-1);
      if (document.activeElement !== this.input) return;
      this.open();
      const count = this.options().length;
      say(count ? t('%(count)s suggestions. Choose with the arrow keys.', { count }) : this.list.textContent.trim());
    }

    open() { this.list.hidden = false; this.input.setAttribute('aria-expanded', 'true'); }

    close() {
      this.list.hidden = true;
      this.input.setAttribute('aria-expanded', 'false');
      this.choose(-1);
    }

    choose(index) {
      this.at = index;
      this.options().forEach((option, place) => option.setAttribute('aria-selected', String(place === index)));
      const option = this.options()[index];
      if (option) { this.input.setAttribute('aria-activedescendant', option.id); option.scrollIntoView({ block: 'nearest' }); }
      else this.input.removeAttribute('aria-activedescendant');
    }

    key(event) {
      if (event.isComposing) return; // Enter and arrows belong to the input method while it composes
      const count = this.options().length;
      const isOpen = !this.list.hidden;
      if (event.key === 'Escape' && isOpen) { event.preventDefault(); this.close(); }
      if (event.key === 'Enter' && isOpen && this.at >= 0) { event.preventDefault(); this.options()[this.at].click(); }
      if (!['ArrowDown', 'ArrowUp'].includes(event.key) || !count) return;
      event.preventDefault();
      if (!isOpen) { this.open(); this.choose(event.key === 'ArrowDown' ? 0 : count - 1); return; }
      // From the last on to the box itself, and round again.
      const places = count + 1;
      const next = (this.at + 1 + (event.key === 'ArrowDown' ? 1 : -1) + places) % places;
      this.choose(next - 1);
    }
  }

  ready((root) => fresh(root, 'form[data-suggest]', 'searching').forEach((form) => new SearchBox(form)));
})();
