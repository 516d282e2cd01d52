// Configurations of nats-server, generated: the same ones each time. A value is text as it may stand
// after a key or in an array; a file is a whole configuration.

// mulberry32
export function random(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end) => Math.floor(next() * end);
  const pick = (list) => list[below(list.length)];
  const string = (alphabet, size) => Array.from({ length: size }, () => pick(alphabet)).join("");
  return { below, pick, string };
}

const kDigits = [..."0123456789"];
const kHex = [..."0123456789abcdef"];
const kAlphanumeric = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"];
const kSuffixes = [..."kKmMgGtTpPeE"];
// What no bare string and no key begins or ends with by accident.
const kSigns = [..."!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'\""];

// Those that somebody thought of.
const kValues = [
  ..."4e2abc 0K1abc 7M2x 8m4dwr 5e7bcd-abc10 1k 1K 1kb 1KB 1kiB 2Mi 3GiB 1Tb 1p 1pib 2e 1eb 9e 10e 99999g 1kx 1k_ 1k-1 1k.5 1kb5".split(" "),
  ..."1k5 -1k5 -1kx -1k -2MB -5 -0 0 00 007 1 12345678901234567890 9223372036854775807 9223372036854775808 -9223372036854775808".split(" "),
  ..."1.5 -1.5 0.1 1.0 1. .5 -.5 1.5e3 1.5k 1.5x 1e5 1e-5 1e+5 0x10 1_000 123456789.123456789 0.0000001 123456789012345678901234.5".split(" "),
  ..."1.2.3 1.2.3.4:4222 -1.2.3 127.0.0.1 10.0.0.0/8 1.2.3x 1..2 10s 50ms 1m30s 2h 1h5 100us 5m 1d 1m 1ms".split(" "),
  ..."2006-01-02T15:04:05Z 2006-01-02 2006-13-02T15:04:05Z 2006-02-30T15:04:05Z 2004-02-29T23:59:59Z 2006-01-02T24:04:05Z 2006-01-02T15:60:05Z 2006-01-02T15:04:60Z".split(" "),
  ..."12-34 200-1 2006-01-02T15:04:05 2006-01-02T15:04:05Zx 20060-01-02T15:04:05Z 0000-01-01T00:00:00Z 2006-00-02T15:04:05Z".split(" "),
  ..."true True TRUE false yes Yes no NO on ON off oFF truex yess 'true' \"on\" tr\\x75e y no.".split(" "),
  ..."a a.b a.> *.b $ $$ $SYS $NOWHERE $2a$11$abcdefgh $2b$11$abcdefgh $2y$11$x '$NOWHERE' \"$2a$11$x\" $CG_WORD $CG_NUMBER $CG_HEX $CG_LIST $CG_TWO $CG_EMPTY".split(" "),
  ..."\"a\\tb\" \"a\\x41\" \"\\x00\" \"\\xff\" \"\\xZZ\" \"\\x4\" \"\\u0041\" \"\\0\" \"\\'\" \"\\\"\" \"\\\\\" a\\x41b a\\nb a\\qb 4a\\x41 4k\\x41 'a\\x41' \\x41 \"a\\\nb\"".split(" "),
  ..."it's 'it's' 'a'b \"a\"b a'b'c a\"b\" 4'a' 4'a 'a a' \"a \"\" '' \"\" a/b //a /a http://a:1 nats://u:p@h:4222".split(" "),
  ..."< > & \u2028 é \"é\" €5 5€ ñ٣ \"\u00a0\" a\u00a0b [] [] [ [a] [a,b] [1,2] [1 ] [,] [a,,b] [a;b] {} {a:b} {a} {a:} {:a} {} }".split(" "),
  "( a\n)\n", "(\na\n b ) c\n)\n", "(a\n)", "(\n)\n", "(\r\na\r\n)\r\n", "(\na\n) b\n)\n", "(a)", "\"a\nb\"", "'a\nb'", "\"a b\"", "'a b'", "a b", "a, b", "a; b", "a # b", "a // b", "a / b", "a #b",
  "[ a b ]", "[ a\nb\n]", "[\n# x\na, // y\nb\n]", "[ a, ]", "[ a /\n b ]", "[ 1, 2 , 3 ]", "[ 1 2 ]", "[ [ [ a ] ], [] ]", "[ 1k 2 ]", "[ { a: b }, { c: d } ]", "[ \"a\" 'b' ]", "[ \"a\", 'b' ]", "[ 4e2 ]", "[ 4e2, 4e2]",
  "[ -1]", "[ -1 ]", "[ 1.5]", "[ 1.5 ]", "[ 4k]", "[ true]", "[ $CG_WORD]", "[ 2006-01-02T15:04:05Z]", "[ a ] b", "[ a }", "[ a", "[ # a ]",
  "{ a: b, c: d }", "{ a: b; c: d }", "{ a b\nc d }", "{ a = b }", "{ 'a': b, \"c\": d }", "{ a { b { c: d } } }", "{ a: 1, a: 2 }", "{ a: 1 2 }", "{ a: 1,, b: 2 }", "{ , a: 1 }", "{ a: 1 ] }", "{ # a\n}", "{ // a\na: b }",
  "{ a: 4e2abc }", "{ a: 4e2 }", "{ a: 4e2}", "{ a:b }", "{ a:b}", "{a:1}", "{ a\n: b }", "{ a:\nb }", "{ a\nb }", "{ \"a b\": c }", "{ a: $CG_WORD, b: $a }", "{ a: $b, b: c }", "{ a: [ ] }", "{ a: () }", "{ a: }", "{ a", "{ a: b",
  "{ include: a }", "{ includes: a }", "\t4e2abc", "4e2abc\t", "4e2abc\r", "  1", "1\t",
];

export function values(seed) {
  const { below, pick, string } = random(seed);
  const made = [...kValues];
  const add = (count, make) => made.push(...Array.from({ length: count }, make));
  add(160, () => string(kHex, 4 + below(28))); // passwords
  add(120, () => string(kDigits, 1 + below(3)) + pick(kSuffixes) + string([...kDigits, "b", "i", "B", ...kSuffixes, "-", ".", "_", "x"], below(4)));
  add(80, () => string([...kDigits, ".", "-", "k", "e"], 1 + below(8)));
  add(120, () => string([...kAlphanumeric, ...kSigns], 1 + below(12)));
  add(60, () => `"${string([...kAlphanumeric, ..."\\xntr'# ,;]}"], below(10))}"`);
  add(40, () => `'${string([...kAlphanumeric, ..."\\\"# ,;]}"], below(10))}'`);
  add(30, () => `${below(100)}${pick(["ns", "us", "ms", "s", "m", "h", "m30s", "h5m", "d"])}`);
  return [...new Set(made)];
}

// One construct each. `more` are files beside it.
export function files(seed) {
  const { below, pick } = random(seed);
  const good = "port: 4222\naccounts {\n  A { users: [ { user: a, password: 'b # c' }, # one\n    { user: c, password: x4e2 } ] }\n}\nmax_payload: 1MB // two\nserver_name = \"x_y\"\n";
  const made = [
    "", "\n", "# only\n", "// only", "{}", "{ port: 4222 }", "{ \"port\": 4222 }\n", "port: 4222", "port 4222", "port=4222", "port 4222 }", "{ port: 4222", "port", "port:", "port: 4222; debug: true", "port: 4222, debug: true",
    "port: 4222 debug: true", "port: 4222 / debug: true", "port\n4222", "port:\n4222", "'port': 4222", "\"port\": 4222", "\"port: 4222", "'port: 4222", "port: \"4222", "port: '4222", ": 4222", "= 4222", ", port: 4222", "; port: 4222", "port:: 4222", "port == 4222",
    "\ufeffport: 4222\n", "\ufeff# comment\nport: 4222\n", "port: 4222\n\ufeffdebug: true\n", "\ufeff", "PORT: 4222\n", "Port: 4222\nport: 4223\n", "port: 4222\nport: 4223\n",
    "port: 4222\r\ndebug: true\r\n", "accounts {\r\n  A { users: [\r\n    { user: a, password: b }\r\n  ] }\r\n}\r\n", "port: 4222\rdebug: true\r", "accounts { A { users: [ { user: a, password: b } ] } }", "accounts{A{users:[{user:a,password:b}]}}", "accounts: { A: { users: [ { user: a, password: b } ] } }",
    "accounts { A { users: [ { user: a, password: b } ] }", "accounts { A { users: [ { user: a, password: b } ] } } }", "accounts { A { users: [ { user: a, password: b ] } }", "accounts { A { users: [ { user: a, password: b } } }",
    "port: 4222 # c\n# d\n  # e", "port: 4222 // c\n// d", "port: 4222 /c", "/ c\nport: 4222", "/", "#", "port: 4222\n#", "V: 4222\nport: $V\n", "port: $V\nV: 4222\n", "V: 4222\naccounts { A { V: 1, users: [] } }\nport: $V\n", "V: [ a ]\nserver_tags: $V\n", "port: $CG_NUMBER\n", "server_name: $CG_HEX\n",
    "cluster { authorization { user: r, password: 4e2abc } }\n", "cluster { authorization { user: r, password: 0K1abc }, port: 6222 }\nport: 4222\n", "ping_interval: 1m30s\n", "ping_interval: \"1m30s\"\n", "write_deadline: 2s\n", "write_deadline: 50ms\n", "max_payload: 64KB\n", "max_payload: 1k5\n", "max_payload: 1MiB\n",
    "authorization { timeout: 1.5 }\n", "authorization { timeout: .5 }\n", "authorization { timeout: -1.5 }\n", "port: 4222\u0000", "port: 4222\n\u0000debug: true\n", "port\u00a04222\n", "port:\u00a04222\n", "port: 4222\u00a0\n", "port: 4222\u2028debug: true\n", "include more.conf\n", "include \"more.conf\"\n", "include 'more.conf'\n",
    "include more.conf\nport: $V\n", "V: 1\ninclude more.conf\n", "INCLUDE more.conf\n", "include  more.conf # c\n", "include gone.conf\n", "include more.conf; debug: true\n", "include bom.conf\n", "include wrong.conf\n", "accounts { include accounts.conf }\n", "accounts { include accounts.conf\n}\n", "accounts { A { include users.conf } }\n",
    "include /more.conf\n", "include ./more.conf\n", "include [a]\n", "include 5\n", "include\nmore.conf\n", "include: more.conf\n", "server_tags: [ a, b ]\n", "server_tags: [\n  a # one\n  b // two\n]\n", "server_tags: [a,b,]\n", "server_tags: [ a ; b ]\n", "server_tags: (\n a\n)\n", "server_tags: a'\n", "debug true; trace false\n",
  ];
  // A good file in which one byte is missing, or is another one, or which ends early.
  for (let i = 0; i < 120; ++i) {
    const at = below(good.length);
    made.push(pick([good.slice(0, at) + good.slice(at + 1), good.slice(0, at) + pick([..." \n#/\"'{}[],;:=\\$(4e"]) + good.slice(at + 1), good.slice(0, at)]));
  }
  return [...new Set(made)];
}

// What the files include.
export const kMore = {
  "more.conf": "V: 4333\nport: $V\n",
  "bom.conf": "\ufeffport: 4222\n",
  "wrong.conf": "port: [ 4222\n",
  "accounts.conf": "A { users: [ { user: a, password: 4e2x } ] }\n",
  "users.conf": "users: [ { user: a, password: b } ]\n",
};

export const kEnvironment = { CG_WORD: "word", CG_NUMBER: "4333", CG_HEX: "4e2abc", CG_LIST: "[ a, b ]", CG_TWO: "two words", CG_EMPTY: "" };
