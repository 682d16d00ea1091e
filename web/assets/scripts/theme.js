// The theme changes at once, without the round trip that its form would make; the cookie is what the server reads.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  event.preventDefault();
  const theme = button.dataset.themeChoice;
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `duban_theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  for (const other of document.querySelectorAll("[data-theme-choice]")) other.setAttribute("aria-pressed", String(other === button));
});
