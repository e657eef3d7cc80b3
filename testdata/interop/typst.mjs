// Compiles the Typst document on standard input and prints its errors and warnings.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { NodeCompiler } = createRequire(process.argv[2] + "/")("@myriaddreamin/typst-ts-node-compiler");
const result = NodeCompiler.create().compile({ mainFileContent: readFileSync(0, "utf8") });
const found = [result.takeDiagnostics(), result.takeWarnings()];
for (const diagnostics of found)
  for (const d of diagnostics?.shortDiagnostics ?? []) console.log(JSON.stringify(d));
if (!result.hasError()) console.log("compiled");
