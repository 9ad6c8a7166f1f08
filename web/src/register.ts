// The register's pages: they work without this; with it the search answers while one types.
import "./htmx.ts";

document.addEventListener("htmx:beforeSwap", (event) => {
  // A refusal is an answer in words too; it is a page of its own.
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean }>).detail;
  if (detail.xhr.status >= 400) {
    detail.shouldSwap = false;
    location.reload();
  }
});

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
