package cloud

import (
	"context"
	"errors"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/sts"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
)

// AccountID returns the ID of the cloud account that owns the keys. The call
// needs no permission. The error is an OtherAccountError, in an *ecs.Error, if
// the keys are not of the account of Config.Owner.
func (e *Edge) AccountID(ctx context.Context) (accountID string, err error) {
	op := e.identityOperation(&accountID)
	for {
		signer, err := e.keys.get(ctx)
		if err != nil {
			return "", e.unsignable(ctx, op, err).failure
		}
		if known := signer.account.Load(); known != nil {
			return *known, nil
		}
		if err := e.do(ctx, op); err != nil {
			return "", err
		}
		if now, err := e.keys.get(ctx); err != nil || now != signer {
			continue // the response may be about other keys
		}
		if err := e.own(ctx, signer, accountID); err != nil {
			e.keys.refuse(signer, err)
			return "", e.unsignable(ctx, op, err).failure
		}
		return accountID, nil
	}
}

// identityOperation reads the account of the keys that sign it.
func (e *Edge) identityOperation(accountID *string) operation {
	return operation{
		action: "GetCallerIdentity",
		region: e.config.Regions[0],
		host:   e.config.stsHost(),
		write: func() requests.AcsRequest {
			r := sts.CreateGetCallerIdentityRequest()
			r.RegionId = e.config.Regions[0]
			return r
		},
		read: func(body []byte) (requestID string, err error) {
			*accountID, requestID, err = answer.ReadField(body, "AccountId")
			if err == nil && *accountID == "" {
				err = errors.New("the response has no AccountId")
			}
			return requestID, err
		},
	}
}
