// Builds elements. Text only ever enters the page as text nodes, so nothing that a message says can become markup.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [type, act] of Object.entries(value)) node.addEventListener(type, act);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// A link that opens elsewhere. Anything but http and mail stays text.
export function link(url, ...children) {
  const label = children.length ? children : [url];
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return el("span", {}, label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label);
}

// Keeps a list of nodes in step with a list of items. Nodes whose version is unchanged stay, with focus and selection.
export function reconcile(parent, items, keyOf, versionOf, build) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const version = String(versionOf(item));
    let node = before.get(key);
    before.delete(key);
    if (!node || node.dataset.version !== version) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.dataset.version = version;
      if (node) {
        if (node === place) place = fresh;
        replace(node, fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of before.values()) node.remove();
}

// What a reader had unfolded stays so, and the focus stays on the same button.
function replace(node, fresh) {
  const unfolded = [...node.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
  const folded = [...node.querySelectorAll("details:not([open]) > summary")].map((summary) => summary.textContent);
  const focused = node.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  node.replaceWith(fresh);
  for (const summary of fresh.querySelectorAll("details:not(.overflow) > summary")) {
    if (unfolded.includes(summary.textContent)) summary.parentElement.open = true;
    else if (folded.includes(summary.textContent)) summary.parentElement.open = false;
  }
  if (focused === null) return;
  const same = [...fresh.querySelectorAll("button, a, summary, input")].find((item) => nameOf(item) === focused);
  const next = same ?? fresh.querySelector("button:enabled, a, summary");
  next?.focus({ preventScroll: true });
}

function nameOf(node) {
  return node.closest("[data-action]")?.dataset.action ?? node.textContent;
}
