// AWS's query protocol: forms in, XML out. Source: Smithy, "AWS query protocol".

const kMostParts = 6; // of a name

// The parameters of forms, name → value. A signature covers those of a query in order of their values: where
// one is there twice, anybody can say which comes last. Throws AwsError, and URIError where it is not UTF-8.
export function readForm(text, faults, form = new Map()) {
  for (const part of text.split("&")) {
    if (part === "") continue;
    const [name, value] = part.split(/=(.*)/s).map((one) => decodeURIComponent(one.replaceAll("+", " ")));
    if (form.has(name)) throw faults.invalid(name.slice(0, 100), "must be there once");
    form.set(name, value ?? "");
  }
  return form;
}

// The same by the parts of their names: A.1.Id=x is { A: { 1: { Id: "x" } } }. Names may come from a stranger,
// so no object has a prototype.
export function treeOf(form, faults) {
  const tree = Object.create(null);
  for (const [name, value] of form) {
    const parts = name.split(".", kMostParts + 1);
    const wrong = () => faults.invalid(name.slice(0, 100), "cannot be beside the others");
    if (parts.length > kMostParts) throw faults.unsupported(name.slice(0, 100));
    const last = parts.pop();
    const node = parts.reduce((at, part) => {
      if (typeof (at[part] ??= Object.create(null)) === "string") throw wrong();
      return at[part];
    }, tree);
    if (last in node) throw wrong();
    node[last] = value;
  }
  return tree;
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
