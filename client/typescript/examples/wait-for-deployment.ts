// Waits until the instances of the arguments are running.
import { connect, InstanceStatus, itemError } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
const request = { instanceIds: process.argv.slice(2), status: InstanceStatus.RUNNING };
for (const { instanceId, result } of await client.wait(request, { timeoutMs: 600_000 })) {
  console.log(instanceId, result.case === "error" ? itemError(result.value)?.message : "is running");
}
client.close();
