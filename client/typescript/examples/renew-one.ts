// Renews the instance of the first argument for a month, for at most 5,000 CNY.
import { connect, EcsdError, money, moneyText, months, RenewalState } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
try {
  const renewal = await client.renew(
    { instanceId: process.argv[2]!, period: months(1), priceLimit: { case: "maxPrice", value: money("5000", "CNY") } },
    // Store the request_id, which is reported before the request is sent.
    { timeoutMs: 600_000, progress: ({ requestId }) => console.log("request_id", requestId) },
  );
  console.log(RenewalState[renewal.state], renewal.price ? moneyText(renewal.price) : "", renewal.message);
} catch (error) {
  if (!(error instanceof EcsdError)) throw error;
  console.error(`not renewed, or unknown: ${error.message}; run it again with the request_id ${error.requestId}`);
  process.exitCode = 1;
} finally {
  client.close();
}
