// The client without a built-in module of Node. The build adds the messages of the contract.
export { Client, type ClientOptions, createClient, type HelperOptions, type JobProgress, type RenewalProgress, type WatchOptions } from "./client.js";
export { EcsdError, type FieldViolation, itemError } from "./error.js";
export type * from "./event.js";
export { ensureRequestId, newRequestId, type Token } from "./policy.js";
export { money, moneyText, months, timestampText, weeks, years } from "./value.js";
