package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
)

// Keys sign calls. They are secret, except Source.
type Keys struct {
	AccessKeyID     string
	AccessKeySecret string
	// SecurityToken belongs to temporary keys, "" for permanent ones.
	SecurityToken string
	// BearerToken is used without keys; "" for the usual keys.
	BearerToken string
	// Source names the origin of the keys, such as "env".
	Source string
}

// Credentials returns the valid keys. The edge makes one request at a time and
// caches the response for some seconds.
type Credentials interface {
	Retrieve(ctx context.Context) (Keys, error)
}

// StaticKeys is Credentials that never change; securityToken may be "".
func StaticKeys(accessKeyID, accessKeySecret, securityToken string) Credentials {
	return static{Keys{AccessKeyID: accessKeyID, AccessKeySecret: accessKeySecret, SecurityToken: securityToken, Source: "static"}}
}

type static struct{ keys Keys }

func (s static) Retrieve(context.Context) (Keys, error) {
	if s.keys.AccessKeyID == "" || s.keys.AccessKeySecret == "" {
		return Keys{}, errors.New("the access key id or its secret is empty")
	}
	return s.keys, nil
}

// chain is the SDK's default chain. The SDK keeps no lock in it and, when all
// sources fail once, keeps the last one for ever: so it is called under a lock
// and rebuilt after a failure.
type chain struct {
	mu       sync.Mutex
	provider credentials.CredentialsProvider
}

func (c *chain) Retrieve(context.Context) (keys Keys, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the SDK's credentials chain panicked: %v", p)
		}
		if err != nil {
			c.provider = nil
		}
	}()
	if c.provider == nil {
		c.provider = credentials.NewDefaultCredentialsProvider()
	}
	got, err := c.provider.GetCredentials()
	if err != nil {
		return Keys{}, err
	}
	return Keys{got.AccessKeyId, got.AccessKeySecret, got.SecurityToken, got.BearerToken, got.ProviderName}, nil
}
