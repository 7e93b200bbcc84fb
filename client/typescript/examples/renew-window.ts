// Renews what expires within 45 days, for at most 5,000 CNY in total, and prints the progress.
import { connect, money, moneyText, months, RenewalJobState } from "@ecsd-io/client/node";

const client = connect(process.env["ECSD_ADDRESS"]!, { insecure: true, caller: "examples" });
const job = await client.renewJob(
  {
    selection: { by: { case: "window", value: { end: { case: "within", value: { seconds: 45n * 86400n } } } } },
    term: { case: "period", value: months(1) },
    priceLimit: { case: "maxTotalPrice", value: money("5000", "CNY") },
  },
  { timeoutMs: 1_800_000, progress: ({ ended, total }) => console.log(`${ended} of ${total} renewals have ended`) },
);
console.log(RenewalJobState[job.state], "spent", job.spent ? moneyText(job.spent) : "nothing");
client.close();
