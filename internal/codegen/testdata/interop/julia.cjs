// Prints the first error of each Julia file of a directory by the grammar of Lezer: node julia.cjs DIRECTORY.
const { parser } = require("@plutojl/lezer-julia");
const fs = require("fs");
const path = require("path");

const directory = process.argv[2];
for (const file of fs.readdirSync(directory).filter((f) => f.endsWith(".jl")).sort()) {
  const text = fs.readFileSync(path.join(directory, file), "utf8");
  let at = -1;
  parser.parse(text).iterate({ enter(node) { if (node.type.isError && at < 0) at = node.from; } });
  if (at >= 0) console.log(file.slice(0, -".jl".length), JSON.stringify(text.slice(Math.max(0, at - 20), at + 20)));
}
