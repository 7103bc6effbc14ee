// Making elements. What a bundle holds reaches the page as text and in no other way: no markup is parsed here, no
// style attribute set, and no attribute but those named at each call.

/** An element with attributes and children; children are elements, texts, or lists of them; null is nothing. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** A state: a shape, and its word. */
export function state(name, word) {
  return h("span", { class: "state", "data-state": name }, word);
}

/** A table that folds on a phone. columns: [{label, numeric}]; rows: lists of cells (texts or elements). */
export function table({ caption, columns, rows, empty = null }) {
  if (rows.length === 0 && empty !== null) return h("p", { class: "quiet" }, empty);
  const head = columns.map(({ label, numeric }) => h("th", { scope: "col", class: numeric ? "num" : null }, label));
  const body = rows.map((cells) =>
    h("tr", {}, cells.map((cell, at) => cellOf(cell, columns[at], at === 0))),
  );
  const parts = [caption ? h("caption", {}, caption) : null, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)];
  return h("div", { class: "scroll" }, h("table", { class: "stack long" }, parts));
}

function cellOf(cell, { label, numeric }, first) {
  const attributes = { class: numeric ? "num" : null };
  return first ? h("th", { ...attributes, scope: "row" }, cell) : h("td", { ...attributes, "data-label": label }, cell);
}

/** Terms and values, each [term, value]; those without a value are left out. */
export function facts(rows) {
  const shown = rows.filter(([, value]) => value !== null && value !== "");
  return h("dl", { class: "facts" }, shown.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}

/** A fingerprint in groups of four, as it is on paper. */
export function fingerprint(hex) {
  return h("code", { class: "fingerprint" }, hex.match(/.{1,4}/g).join(" "));
}

/** A digest: short for the eye, whole on hover and when copied from the title. */
export function digest(text) {
  return h("code", { class: "digest", title: text }, text);
}
