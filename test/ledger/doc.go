// Package ledger compares the renewals and the modifications of a real server with the bill of the cloud, charge by
// charge, and its release jobs with the instances: while processes are killed between every two steps, while the cloud
// loses requests and responses, and while other clients renew the same instances.
package ledger
