// AWS's query protocol: forms in, XML out. Source: Smithy, "AWS query protocol".

// Of a form: names may come from a stranger, so they are keys of a Map and never of an object.
export function readForm(text) {
  return new Map(new URLSearchParams(text));
}

// The members `prefix`.1.…, `prefix`.2.… as a list of Maps.
export function listOf(form, prefix) {
  const items = [];
  for (const [name, value] of form) {
    const [head, number, ...rest] = name.split(".");
    if (head !== prefix || !/^[1-9]\d?$/.test(number)) continue;
    (items[Number(number) - 1] ??= new Map()).set(rest.join("."), value);
  }
  return items.filter((item) => item !== undefined);
}

// XML has no way to write most control characters at all.
function escaped(value) {
  return String(value)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"\r]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" })[c]);
}

// Elements by name; a list is the element several times. Names are the proxy's own.
export function xml(tree) {
  return Object.entries(tree)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => element(name, one)))
    .join("");
}

function element(name, value) {
  if (value === undefined) return "";
  if (typeof value !== "object") return `<${name}>${escaped(value)}</${name}>`;
  const { $xmlns: namespace, ...rest } = value;
  return `<${name}${namespace === undefined ? "" : ` xmlns="${namespace}"`}>${xml(rest)}</${name}>`;
}
