// Runs the blocks of the README and the examples with the installed package, against the server at ECSD_ADDRESS. The first argument
// is a folder that has the package in its node_modules, the second the folder of the compiler and of the types of Node.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [folder, tools] = process.argv.slice(2).map((path) => resolve(path));
const { connect, InstanceStatus } = await import(join(folder, "node_modules/@ecsd-io/client/dist/esm/node.js"));

/** Runs a program, and fails unless it prints the pattern. */
function run(name, path, pattern, ...args) {
  const output = execFileSync(process.execPath, [path, ...args], { encoding: "utf8", timeout: 120_000 });
  if (!pattern.test(output)) throw new Error(`${name} printed:\n${output}\nwant ${pattern}`);
}

const blocks = [...readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/^```js\n(.*?)^```/gms)].map((m) => m[1]);
const patterns = [/i-\w+ RUNNING/, /\d+ instances at revision \d+n/, /RENEWED \d+.* CNY/, /never was: cn-hangzhou/];
if (blocks.length !== patterns.length) throw new Error(`${blocks.length} blocks, want ${patterns.length}`);
blocks.forEach((block, i) => {
  const path = join(folder, `block${i}.mjs`);
  writeFileSync(path, block.replaceAll("127.0.0.1:50051", process.env["ECSD_ADDRESS"]));
  run(`block ${i + 1} of the README`, path, patterns[i]);
});

const examples = join(folder, "examples");
cpSync(fileURLToPath(new URL(".", import.meta.url)), examples, { recursive: true });
execFileSync(join(tools, "node_modules/.bin/tsc"), ["--project", examples, "--typeRoots", join(tools, "node_modules/@types")], { stdio: "inherit" });

const client = connect(process.env["ECSD_ADDRESS"], { insecure: true });
const windowEnd = { case: "within", value: { seconds: 365n * 86400n } };
const expiring = [];
for await (const { instance } of client.listExpiringInstances({ windowEnd, includeExpired: false })) expiring.push(instance.instanceId);
const running = [];
for await (const { instanceId, status } of client.listInstances()) if (status === InstanceStatus.RUNNING) running.push(instanceId);
client.close();

const programs = [
  ["expiring", /^i-\S+ .*20\d\d-/m],
  ["renew-one", /request_id \S+\nRENEWED \d+.* CNY/, expiring.at(-1)],
  ["renew-window", /0 of 0(?:.*\n)+(SUCCEEDED|PARTIAL) spent \d+/],
  ["mirror", /\d+ instances at revision \d+n/, "2"],
  ["wait-for-deployment", /is running/, running[0]],
  ["reclaims", /no other reclaims are announced/],
];
for (const [name, pattern, ...args] of programs) run(name, join(examples, `${name}.js`), pattern, ...args);
console.log(`${blocks.length} blocks of the README and ${programs.length} examples of TypeScript ran`);
