// Renders the formulas on standard input, one JSON object a line, with KaTeX at its strictest, and prints a line for each
// that it rejects or warns of.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const katex = createRequire(process.argv[2] + "/")("katex");
let warned = "";
console.warn = (message) => { warned = String(message); };
let rendered = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, tex, display } = JSON.parse(line);
  warned = "";
  try {
    katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error" });
    rendered++;
  } catch (error) {
    warned = error.message;
  }
  if (warned) console.log(`${id}: ${warned}`);
}
console.log(`rendered ${rendered}`);
