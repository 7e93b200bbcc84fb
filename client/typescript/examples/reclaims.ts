// Reacts to spot instances that the cloud reclaims, until the first checkpoint.
import { connect, timestampText } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
for await (const event of client.watchReclaims()) {
  if (event.kind === "notice") {
    console.log("drain", event.instanceId, "before", event.releaseTimeEstimate ? timestampText(event.releaseTimeEstimate) : "its release");
  } else if (event.kind === "ended") console.log(event.instanceId, "was", event.outcome);
  else if (event.kind === "checkpoint") {
    console.log("no other reclaims are announced");
    break;
  }
}
client.close();
