// Two comforts: Enter sends a question, and a source opens beside the text. Without this file a button sends, and a source
// is a page of its own. Nothing here knows what is asked.
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "question" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("htmx:after:swap", (event) => {
  const target = event.detail.ctx && event.detail.ctx.target;
  if (!target) return;
  if (target.id === "panel-content") {
    const panel = document.getElementById("panel");
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
  }
  if (target.id === "turns") target.lastElementChild.scrollIntoView({ block: "start" });
});
