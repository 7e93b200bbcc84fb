package store

import "github.com/ecsd-io/ecsd/server/internal/ecs"

const (
	requestColumns = `request_id, action, payload_hash, caller, region_id, state, wanted, tagged,
	client_token, token_number, token_time, send_time, order_id,
	reason, message, cloud_code, cloud_request_id, create_time, update_time, uncertain`

	selectRequests = `SELECT ` + requestColumns + ` FROM requests `

	selectItems = `SELECT instance_id, state, detail FROM request_items WHERE request_id = $1 ORDER BY place, instance_id`
)

var (
	insertRequest = `INSERT INTO requests (` + requestColumns + `) VALUES ` + marks(1, 20) + ` ON CONFLICT (request_id) DO NOTHING`
	updateRequest = `UPDATE requests SET (` + requestColumns + `) = ` + marks(1, 20) + ` WHERE request_id = $21 AND state = $22`

	upsertItem = `INSERT INTO request_items (request_id, instance_id, place, state, detail) VALUES ` + marks(1, 5) + `
	ON CONFLICT (request_id, instance_id) DO UPDATE SET state = excluded.state, detail = excluded.detail`
)

// requestValues lists the values in the order of requestColumns.
func requestValues(r ecs.RequestRecord) []any {
	return []any{r.RequestID, r.Action, r.PayloadHash, r.Caller, r.RegionID, string(r.State), r.Wanted, bit(r.Tagged),
		r.ClientToken, r.TokenNumber, millis(r.TokenTime), millis(r.SendTime), r.OrderID,
		string(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID, millis(r.CreateTime), millis(r.UpdateTime), bit(r.Uncertain)}
}

// scanRequest reads the values in the order of requestColumns.
func scanRequest(line row) (ecs.RequestRecord, error) {
	var r ecs.RequestRecord
	var tagged, token, sent, created, updated, uncertain int64
	err := line.Scan(&r.RequestID, &r.Action, &r.PayloadHash, &r.Caller, &r.RegionID, &r.State, &r.Wanted, &tagged,
		&r.ClientToken, &r.TokenNumber, &token, &sent, &r.OrderID,
		&r.Failure.Reason, &r.Failure.Message, &r.Failure.CloudCode, &r.Failure.CloudRequestID, &created, &updated, &uncertain)
	r.Tagged, r.Uncertain = tagged != 0, uncertain != 0
	r.TokenTime, r.SendTime, r.CreateTime, r.UpdateTime = moment(token), moment(sent), moment(created), moment(updated)
	return r, err
}

// scanItem reads one item of a request.
func scanItem(line row) (ecs.RequestItem, error) {
	var item ecs.RequestItem
	err := line.Scan(&item.InstanceID, &item.State, &item.Detail)
	return item, err
}

// scanID reads the id of a request, for the arguments of a statement.
func scanID(line row) (any, error) {
	var id string
	err := line.Scan(&id)
	return id, err
}

// bit is a truth value as the database keeps it.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
