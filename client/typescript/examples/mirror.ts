// Keeps a local mirror of all instances, until it has seen as many checkpoints as the first argument says.
import { connect, type Instance } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
const mirror = new Map<string, Instance>();
let checkpoints = Number(process.argv[2]);
for await (const event of client.watch()) {
  if (event.kind === "snapshot" || event.kind === "changed") mirror.set(event.instance.instanceId, event.instance);
  else if (event.kind === "removed") mirror.delete(event.instanceId);
  else if (event.kind === "checkpoint") {
    console.log(mirror.size, "instances at revision", event.revision);
    if (--checkpoints === 0) break;
  }
}
client.close();
