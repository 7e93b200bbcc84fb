package cloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

// signer turns an SDK request into a signed HTTP request. The SDK's client in
// it is only read while it signs, so one signer serves all callers; it never
// gets a transport, and so never sends.
type signer struct {
	keys   Keys
	client *sdk.Client
	// account is the ID of the keys' account, nil as long as it is not known.
	account atomic.Pointer[string]
	// identified is when the account was last requested in vain. One goroutine at
	// a time verifies keys.
	identified time.Time
	// rejected is why the keys must not be used, nil if they may. The keyring's
	// lock guards it.
	rejected error
}

func newSigner(keys Keys) (*signer, error) {
	client, err := sdk.NewClientWithOptions("", sdk.NewConfig().WithScheme("HTTPS"), fixedKeys(keys))
	if err != nil {
		return nil, fmt.Errorf("make the SDK's client: %w", err)
	}
	return &signer{keys: keys, client: client}, nil
}

// fixedKeys passes one set of keys to the SDK, so that it never refreshes them.
type fixedKeys Keys

// GetCredentials is the SDK's question for keys.
func (k fixedKeys) GetCredentials() (*credentials.Credentials, error) {
	return &credentials.Credentials{
		AccessKeyId: k.AccessKeyID, AccessKeySecret: k.AccessKeySecret,
		SecurityToken: k.SecurityToken, BearerToken: k.BearerToken, ProviderName: k.Source,
	}, nil
}

// GetProviderName is the SDK's question for the source's name.
func (k fixedKeys) GetProviderName() string { return k.Source }

// sign writes and signs the request; its domain, scheme and region must be set.
// A request is signed once: the SDK never removes a parameter.
func (s *signer) sign(ctx context.Context, request requests.AcsRequest) (signed *http.Request, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the SDK panicked while it wrote the request: %v", p)
		}
	}()
	if err := s.client.BuildRequestWithSigner(request, nil); err != nil {
		return nil, err
	}
	body := io.Reader(http.NoBody) // the parameters of ECS are in the URL
	if len(request.GetFormParams()) > 0 {
		body = request.GetBodyReader()
	}
	signed, err = http.NewRequestWithContext(ctx, request.GetMethod(), request.BuildUrl(), body)
	if err != nil {
		return nil, err
	}
	for name, value := range request.GetHeaders() {
		signed.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	signed.Header.Set("User-Agent", userAgent)
	return signed, nil
}
