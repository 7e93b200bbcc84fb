package endpoint

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/ecsd-io/ecsd/simulator/internal/action"
	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fault"
	"github.com/ecsd-io/ecsd/simulator/internal/throttle"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxBody limits a form body, in bytes.
const maxBody = 1 << 20

// Parts are the dependencies of an endpoint.
type Parts struct {
	World    *action.World
	Clock    *clock.Clock
	Auth     *auth.Authenticator
	Throttle *throttle.Throttle
	Faults   *fault.Faults
	// Products are the APIs that the endpoint serves.
	Products []action.Product
	// Read, if set, is called with the action and each parameter that a handler looks up.
	Read func(action, parameter string)
	// Closing ends the waits of slow calls.
	Closing <-chan struct{}
}

// Endpoint is an http.Handler that is safe for concurrent use.
type Endpoint struct {
	Parts
	products map[string]action.Product // by version
	stats    stats
	buffers  sync.Pool
}

// New returns an Endpoint.
func New(p Parts) *Endpoint {
	e := &Endpoint{
		Parts: p, products: make(map[string]action.Product, len(p.Products)),
		buffers: sync.Pool{New: func() any { return new([]byte) }},
	}
	for _, product := range p.Products {
		e.products[product.Version] = product
	}
	return e
}

// exchange is one request and its response.
type exchange struct {
	endpoint  *Endpoint
	w         http.ResponseWriter
	r         *http.Request
	out       *wire.Writer
	format    wire.Format
	requestID string
	host      string // that the response names
	called    string // that the client called, without the port

	product action.Product
	name    string
	action  action.Action
	region  *catalog.Region
	params  wire.Params
	plan    fault.Plan
}

// ServeHTTP serves one request of the API.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	buffer := e.buffers.Get().(*[]byte)
	x := &exchange{endpoint: e, w: w, r: r, requestID: newRequestID(), host: r.Host, called: hostname(r.Host)}
	defer func() {
		if x.out != nil {
			*buffer = x.out.Bytes()
		}
		e.buffers.Put(buffer)
	}()
	request, refusal := x.read()
	x.format = request.Format()
	x.out = wire.NewWriter(*buffer, x.format)
	if refusal != nil {
		x.refuse(refusal)
		return
	}
	key, refusal := e.Auth.Check(request)
	if refusal != nil {
		x.refuse(refusal)
		return
	}
	if refusal := x.route(request.Action(), request.Version()); refusal != nil {
		x.refuse(refusal)
		return
	}
	x.answer(key)
}

// read parses the query and, if present, the form. The request is never nil.
func (x *exchange) read() (*wire.Request, *wire.Error) {
	request := &wire.Request{Method: x.r.Method, Path: x.r.URL.EscapedPath(), Host: x.r.Host, Header: x.r.Header}
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodPost {
		return request, wire.Refuse(403, "UnsupportedHTTPMethod", "This HTTP method is not supported.")
	}
	query, err := wire.Parse(x.r.URL.RawQuery, "")
	if err != nil {
		return request, errEncoding
	}
	request.Query, request.Params = query, query
	form := x.r.Method == http.MethodPost && isForm(x.r.Header.Get("Content-Type"))
	if form || request.IsACS3() { // a signature in headers covers the body, whatever it holds
		if request.Body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody)); err != nil {
			return request, wire.Refuse(400, "InvalidParameter", "The request body cannot be read, or is too long.")
		}
	}
	if form {
		if request.Params, err = wire.Parse(x.r.URL.RawQuery, string(request.Body)); err != nil {
			return request, errEncoding
		}
	}
	x.params = request.Params
	return request, nil
}

var errEncoding = wire.Refuse(400, "InvalidParameter", "The specified parameter is not valid")

func isForm(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// refuse responds with an error.
func (x *exchange) refuse(refusal *wire.Error) {
	x.out.Reset()
	wire.WriteError(x.out, refusal, cmp.Or(x.product.Name, "Ecs"), x.requestID, x.host)
	x.send(refusal.Status, x.out.Bytes())
}

// newRequestID returns a random UUID in capitals, like the cloud's.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	hex.Encode(text[:], b[:4])
	hex.Encode(text[9:], b[4:6])
	hex.Encode(text[14:], b[6:8])
	hex.Encode(text[19:], b[8:10])
	hex.Encode(text[24:], b[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return strings.ToUpper(string(text[:]))
}
