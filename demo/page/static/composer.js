// The field that one types into: Enter sends, Shift+Enter starts a line, a slash offers the commands, an @ the app.

import { el } from "./dom.js";

const TALLEST = 160;

// `commands()` gives those to offer; `send(text)` is called with what was typed.
export function wireComposer(form, send, commands = () => []) {
  const field = form.querySelector("textarea");
  const list = form.querySelector("[role=listbox]");

  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, TALLEST)}px`;
    field.style.overflowY = field.scrollHeight > TALLEST ? "auto" : "hidden";
  };
  const matching = () => {
    const word = field.value.split(" ")[0];
    return /^[/@]/.test(word) ? commands().filter((entry) => entry.command.startsWith(word)) : [];
  };
  const suggest = () => {
    if (!list) return;
    const found = matching();
    list.hidden = found.length === 0;
    list.replaceChildren(
      ...found.map((entry, index) =>
        el(
          "li",
          { role: "option", "aria-selected": String(index === 0), on: { mousedown: (event) => choose(event, entry) } },
          el("b", {}, entry.command),
          " ",
          el("code", {}, entry.hint),
          el("span", {}, entry.description),
        ),
      ),
    );
  };
  const choose = (event, entry) => {
    event.preventDefault();
    field.value = `${entry.command} `;
    field.focus();
    update();
  };
  const update = () => {
    grow();
    suggest();
  };
  const submit = () => {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    update();
    send(text);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", update);
  field.addEventListener("blur", () => list && (list.hidden = true));
  field.addEventListener("keydown", (event) => {
    const [first] = matching();
    const complete = first && !field.value.includes(" ") && (event.key === "Tab" || field.value !== first.command);
    if (complete && !list.hidden && (event.key === "Tab" || event.key === "Enter")) {
      choose(event, first);
    } else if (event.key === "Escape" && list && !list.hidden) {
      event.stopPropagation();
      list.hidden = true;
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  return {
    fill(text) {
      field.value = text;
      field.focus();
      update();
    },
    focus: () => field.focus(),
  };
}
