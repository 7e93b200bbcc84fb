package wire

import (
	"net/http"
	"strings"
)

// The two styles of signatures. The SDKs of the older generation sign with HMAC-SHA1 and send action, version and
// signature as parameters; the current ones sign with ACS3-HMAC-SHA256 and send them in headers.
const (
	headerAuthorization = "Authorization"
	headerAction        = "x-acs-action"
	headerVersion       = "x-acs-version"
)

// Request is a received request, in either style.
type Request struct {
	Method string
	// Path is the path of the URL, as encoded by the client.
	Path string
	// Host is the Host header.
	Host   string
	Header http.Header
	// Query are the parameters of the query, and Params those of the query and the form.
	Query, Params Params
	Body          []byte
}

// IsACS3 reports whether action, version and signature are in headers. Requests of the older style may have some of
// these headers too.
func (r *Request) IsACS3() bool {
	if strings.HasPrefix(r.Header.Get(headerAuthorization), "ACS3-") {
		return true
	}
	_, named := r.Params.Lookup("Action")
	return !named && r.Header.Get(headerAction) != ""
}

// Action returns the name of the action.
func (r *Request) Action() string {
	if r.IsACS3() {
		return r.Header.Get(headerAction)
	}
	return r.Params.Get("Action")
}

// Version returns the version of the API.
func (r *Request) Version() string {
	if r.IsACS3() {
		return r.Header.Get(headerVersion)
	}
	return r.Params.Get("Version")
}

// Format returns the format of the response. Without the parameter Format it is XML in the older style, and JSON in the
// style with headers.
func (r *Request) Format() Format {
	format, sent := r.Params.Lookup("Format")
	if !sent && r.IsACS3() {
		return JSON
	}
	return ParseFormat(format)
}
