// The page of lights and chargers: htmx asks for the state again, and puts in what a press said.
import htmx from "./htmx";

// A refusal is an answer in words too.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent).detail;
  if (detail.xhr.status >= 400 && detail.target.id === "notice") {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

export default htmx;
