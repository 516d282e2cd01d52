// AWS's query protocol: forms in, XML out. Source: Smithy, "AWS query protocol".

// Of a form: names may come from a stranger, so they are keys of a Map and never of an object.
export function readForm(text) {
  return new Map(new URLSearchParams(text));
}

// Its members: Name=…, and lists of texts or of objects, Name.1=…, Name.1.Member=…. Deeper ones are there
// by the names of their first two parts.
export function membersOf(form) {
  const members = new Map();
  for (const [key, value] of form) {
    const [name, number, ...rest] = key.split(".");
    if (name === "Action" || name === "Version") continue;
    if (number === undefined) {
      members.set(name, value);
      continue;
    }
    if (!members.has(name)) members.set(name, new Map());
    const items = members.get(name);
    if (!(items instanceof Map)) continue;
    if (rest.length === 0) items.set(number, value);
    else (items.get(number) instanceof Map ? items : items.set(number, new Map())).get(number).set(rest[0], value);
  }
  const written = (value) => (value instanceof Map ? Object.fromEntries(value) : value);
  return Object.fromEntries([...members].map(([name, value]) => [name, value instanceof Map ? [...value.values()].map(written) : value]));
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
