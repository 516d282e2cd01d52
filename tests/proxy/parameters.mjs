// What an operation takes: a table of its parameters, name → type. Whatever else is in a request is refused by
// name before anything is done, since a caller meant something by it.
//
// A type has `read(value, name, faults)`, which takes a value of the JSON protocol, and `fromForm(node, name,
// faults)`, which puts a node of treeOf() into that shape and leaves what it does not know to `read`. `form` is
// its name in the query protocol, where that is another.
//
// Faults make AWS's error for a name: missing(name); invalid(name, rule); unsupported(name, supported), where
// `supported` is the only value that the proxy has, if there is one.

import { AwsError } from "./errors.mjs";

const same = (node) => node;
const isNumber = (value) => typeof value === "string" && /^-?\d{1,9}$/.test(value);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export const required = (type) => ({ ...type, required: true });

// refuse: makes the error where AWS has one of its own for this string.
export const string = ({ fits = () => true, rule, refuse } = {}) => ({
  fromForm: same,
  read(value, name, faults) {
    if (typeof value !== "string") throw faults.invalid(name, "must be a string");
    if (!fits(value)) throw (refuse ?? faults.invalid)(name, rule);
    return value;
  },
});

export const integer = (least, most) => ({
  fromForm: (node) => (isNumber(node) ? Number(node) : node),
  read(value, name, faults) {
    if (!Number.isInteger(value) || value < least || value > most) throw faults.invalid(name, `must be an integer from ${least} to ${most}`);
    return value;
  },
});

// An integer in a string, as attributes have it.
export const decimal = (least, most) => ({
  fromForm: same,
  read(value, name, faults) {
    if (!isNumber(value) || Number(value) < least || Number(value) > most) throw faults.invalid(name, `must be a string of an integer from ${least} to ${most}`);
    return Number(value);
  },
});

export const boolean = {
  fromForm: (node) => (node === "true" || node === "false" ? node === "true" : node),
  read(value, name, faults) {
    if (typeof value !== "boolean") throw faults.invalid(name, "must be true or false");
    return value;
  },
};

// What the proxy does not have may be asked for as if it were not asked for.
export const only = (type, supported) => ({
  ...type,
  read(value, name, faults) {
    if (type.read(value, name, faults) !== supported) throw faults.unsupported(name, supported);
    return supported;
  },
});
export const emptyList = {
  fromForm: (node) => (node === "" ? [] : node),
  read(value, name, faults) {
    if (Array.isArray(value) ? value.length > 0 : isObject(value)) throw faults.unsupported(name);
    if (!Array.isArray(value)) throw faults.invalid(name, "must be an array");
    return value;
  },
};
export const emptyMap = {
  fromForm: same,
  read(value, name, faults) {
    if (!isObject(value)) throw faults.invalid(name, "must be an object");
    if (Object.keys(value).length > 0) throw faults.unsupported(name);
    return value;
  },
};

// The items of a form's list or map, which are numbered from 1.
function numbered(node, name) {
  const right = Object.keys(node).every((key, i) => key === String(i + 1));
  if (!right) throw new AwsError(400, "MalformedQueryString", `The items of ${name} must be numbered from 1, without gaps and leading zeros.`);
  return Object.values(node);
}

// In a form: NAME.1, NAME.2; or NAME alone, which is one item, or none where it is empty.
export const list = (item, form) => ({
  form,
  fromForm(node, name, faults) {
    if (node === "") return [];
    if (typeof node === "string") return [item.fromForm(node, name, faults)];
    return numbered(node, name).map((one, i) => item.fromForm(one, `${name}.${i + 1}`, faults));
  },
  read(value, name, faults) {
    if (!Array.isArray(value)) throw faults.invalid(name, "must be an array");
    return value.map((one, i) => item.read(one, `${name}.${i + 1}`, faults));
  },
});

export const structure = (parameters) => ({
  fromForm: (node, name, faults) => fromForm(parameters, node, faults, `${name}.`),
  read: (value, name, faults) => readInput(parameters, value, faults, `${name}.`),
});

// A map of strings, with a table of its own, whose faults may be others. In a form: NAME.1.KEY and
// NAME.1.VALUE, with another part before the number in `within`.
export const attributes = (parameters, { form, within, key, value, faults: own }) => ({
  form,
  fromForm(node, name, faults) {
    const pairs = within === undefined ? node : Object.keys(node).join() === within ? node[within] : undefined;
    const made = Object.create(null);
    for (const pair of isObject(pairs) ? numbered(pairs, name) : [undefined]) {
      const whole = isObject(pair) && typeof pair[key] === "string" && typeof pair[value] === "string" && Object.keys(pair).length === 2;
      if (!whole) throw faults.invalid(name, `must have pairs of ${key} and ${value}`);
      if (pair[key] in made) throw faults.invalid(`${name}.${shown(pair[key])}`, "must be there once");
      made[pair[key]] = pair[value];
    }
    return made;
  },
  read: (input, name, faults) => readInput(parameters, input, own ?? faults, `${name}.`),
});

// A stranger's, in a message.
const shown = (name) => String(name).slice(0, 100);

// A name that is twice in one object of this text, which is JSON; undefined where none is. JSON.parse would take
// the last, and whoever looked at the request before may have taken the first.
export function repeatedKey(text) {
  const open = [];
  let last;
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[[\]{}:]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token !== ":") last = token;
    else if (open.at(-1).size === open.at(-1).add(JSON.parse(last)).size) return JSON.parse(last);
  }
  return undefined;
}

// The input of the JSON protocol, of which all is known and right.
export function readInput(parameters, input, faults, path = "") {
  if (!isObject(input)) throw faults.invalid(path.slice(0, -1), "must be an object");
  for (const name of Object.keys(input)) if (!Object.hasOwn(parameters, name)) throw faults.unsupported(shown(path + name));
  const read = {};
  for (const [name, type] of Object.entries(parameters)) {
    if (Object.hasOwn(input, name)) read[name] = type.read(input[name], path + name, faults);
    else if (type.required) throw faults.missing(path + name);
  }
  return read;
}

// What the JSON protocol would have had in place of this tree of a form.
export function fromForm(parameters, tree, faults, path = "") {
  if (!isObject(tree)) return tree;
  const input = Object.create(null);
  for (const [key, node] of Object.entries(tree)) {
    // An empty list has its own name with some clients, and not that of its items.
    const [name, type] = Object.entries(parameters).find(([name, { form = name }]) => key === form || (key === name && node === "")) ?? [key, undefined];
    if (name in input) throw faults.invalid(shown(path + name), "must be there once");
    input[name] = type === undefined ? node : type.fromForm(node, path + name, faults);
  }
  return input;
}
