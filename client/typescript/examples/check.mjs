// Runs the blocks of the README with the installed package, against the server at ECSD_ADDRESS. The folder of the argument has
// the package in its node_modules.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const blocks = [...readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/^```js\n(.*?)^```/gms)].map((m) => m[1]);
const patterns = [/i-\w+ RUNNING/, /\d+ instances at revision \d+n/, /RENEWED \d+.* CNY/, /never was: cn-hangzhou/];
if (blocks.length !== patterns.length) throw new Error(`${blocks.length} blocks, want ${patterns.length}`);
blocks.forEach((block, i) => {
  const path = join(folder, `block${i}.mjs`);
  writeFileSync(path, block.replaceAll("127.0.0.1:50051", process.env["ECSD_ADDRESS"]));
  const output = execFileSync(process.execPath, [path], { encoding: "utf8", timeout: 60_000 });
  if (!patterns[i].test(output)) throw new Error(`block ${i + 1} printed:\n${output}`);
});
console.log(`${blocks.length} blocks of the README of TypeScript ran`);
