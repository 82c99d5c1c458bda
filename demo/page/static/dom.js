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
        node.replaceWith(fresh);
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of before.values()) node.remove();
}
