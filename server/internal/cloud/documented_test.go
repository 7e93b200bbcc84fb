package cloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
)

// document starts an endpoint that responds to the n-th call as the cloud's
// reference documents, with an edge to it; status 0 breaks the connection
// without a response.
func document(t *testing.T, answer func(n int, q url.Values) (status int, body string)) (*stub, *cloud.Edge) {
	t.Helper()
	s := documentWith(answer)
	return s, edgeTo(t, s, cloud.Config{})
}

// documentWith is the endpoint alone.
func documentWith(answer func(n int, q url.Values) (status int, body string)) *stub {
	var n atomic.Int64
	return &stub{answer: func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(int(n.Add(1)), r.Form)
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}}
}

// of returns the requests for an action, in order of arrival.
func (s *stub) of(action string) []url.Values {
	var of []url.Values
	for _, q := range s.asked() {
		if q.Get("Action") == action {
			of = append(of, q)
		}
	}
	return of
}

func (s *stub) calls() int { return len(s.asked()) }

// always returns the same response to every call.
func always(status int, body string) func(int, url.Values) (int, string) {
	return func(int, url.Values) (int, string) { return status, body }
}

const requestID = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E"

// accepted is a success with these fields beside its RequestId.
func accepted(fields string) (int, string) {
	if fields != "" {
		fields = "," + fields
	}
	return http.StatusOK, `{"RequestId":"` + requestID + `"` + fields + `}`
}

func refused(status int, code, message string) (int, string) {
	text, _ := json.Marshal(message)
	return status, fmt.Sprintf(`{"RequestId":%q,"HostId":"ecs.aliyuncs.com","Code":%q,"Message":%s,"Recommend":"https://api.aliyun.com/troubleshoot?q=%s"}`,
		requestID, code, text, code)
}

// listed returns the values of a list parameter, such as InstanceId.1.
func listed(q url.Values, name string) []string {
	var values []string
	for n := 1; q.Has(name + "." + strconv.Itoa(n)); n++ {
		values = append(values, q.Get(name+"."+strconv.Itoa(n)))
	}
	return values
}

// instanceIDs are n ids.
func instanceIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("i-bp1%06d", i)
	}
	return ids
}

// described responds to DescribeInstances with these instances, from the JSON
// that each ID has in the map; other IDs are not listed.
func described(q url.Values, instances map[string]string) (int, string) {
	var ids []string
	_ = json.Unmarshal([]byte(q.Get("InstanceIds")), &ids)
	var list []string
	for _, id := range ids {
		if fields, ok := instances[id]; ok {
			list = append(list, fmt.Sprintf(`{"InstanceId":%q,%s}`, id, fields))
		}
	}
	return accepted(`"NextToken":"","Instances":{"Instance":[` + strings.Join(list, ",") + `]}`)
}

// wants checks parameters of a query; "" is for one that must not be sent.
func wants(t *testing.T, q url.Values, parameters map[string]string) {
	t.Helper()
	for name, want := range parameters {
		if got := q.Get(name); got != want || (want == "" && q.Has(name)) {
			t.Errorf("%s: %s = %q (sent %t), want %q", q.Get("Action"), name, got, q.Has(name), want)
		}
	}
}
