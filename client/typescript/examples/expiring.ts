// Lists the subscriptions that expire within 30 days.
import { connect, timestampText } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
const windowEnd = { case: "within", value: { seconds: 30n * 86400n } } as const;
for await (const { instance } of client.listExpiringInstances({ windowEnd })) {
  if (instance?.expireTime) console.log(instance.instanceId, instance.instanceName, timestampText(instance.expireTime));
}
client.close();
