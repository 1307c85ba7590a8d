// Runs before the first paint: "auto" follows the system. A chosen theme is already in the page.
(() => {
  const root = document.documentElement;
  if (root.dataset.themeChoice !== 'auto') return;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => { root.dataset.bsTheme = dark.matches ? 'dark' : 'light'; };
  apply();
  dark.addEventListener('change', () => { if (root.dataset.themeChoice === 'auto') apply(); });
})();
