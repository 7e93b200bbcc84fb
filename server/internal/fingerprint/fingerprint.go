package fingerprint

import (
	"cmp"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// version precedes a fingerprint. Those of earlier builds have none.
	version = "v1:"
	// secretRounds makes one guess at a password by a reader of the database
	// cost some ten milliseconds.
	secretRounds = 100_000

	periodMessage = "ecsd.v1.Period"
	unitMonth     = 2
	unitYear      = 3
)

// secretFields are the names of the fields that hold a secret, in any message.
var secretFields = []protoreflect.Name{"password", "user_data"}

// Of returns the fingerprint of a request of a method. regionID is the default
// of an empty region_id. normalise, if it is not nil, sets the defaults of
// unset fields on a copy of the request. The request itself is not changed.
func Of[M proto.Message](method string, req M, regionID string, normalise func(M)) string {
	bound := proto.CloneOf(req)
	if normalise != nil {
		normalise(bound)
	}
	message := bound.ProtoReflect()
	fields := message.Descriptor().Fields()
	requestID := ""
	if f := fields.ByName("request_id"); f != nil {
		requestID = message.Get(f).String()
		message.Clear(f)
	}
	if f := fields.ByName("validate_only"); f != nil {
		message.Clear(f)
	}
	if f := fields.ByName("region_id"); f != nil && message.Get(f).String() == "" {
		message.Set(f, protoreflect.ValueOfString(regionID))
	}
	secrets := canonical(message)
	encoded := encode(message)
	sum := sha256.New()
	sum.Write([]byte(method + "\n"))
	if len(secrets) > 0 {
		key, err := pbkdf2.Key(sha256.New, string(secrets), []byte(requestID), secretRounds, sha256.Size)
		if err != nil {
			panic("derive a key from a secret: " + err.Error())
		}
		sum.Write(key)
	}
	sum.Write(encoded)
	return version + hex.EncodeToString(sum.Sum(nil))
}

// Canonical returns the encoded form of a message without secrets, as Of encodes
// it in a request.
func Canonical(m proto.Message) []byte {
	bound := proto.Clone(m)
	canonical(bound.ProtoReflect())
	return encode(bound.ProtoReflect())
}

// encode encodes a message with its fields in the order of their numbers.
// proto.Marshal puts the fields of a oneof last, so that its output changes if a
// field becomes part of one.
func encode(m protoreflect.Message) (encoded []byte) {
	var fields []protoreflect.FieldDescriptor
	m.Range(func(f protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		fields = append(fields, f)
		return true
	})
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	nested := func(f protoreflect.FieldDescriptor, v protoreflect.Value) {
		encoded = protowire.AppendTag(encoded, f.Number(), protowire.BytesType)
		encoded = protowire.AppendBytes(encoded, encode(v.Message()))
	}
	for _, f := range fields {
		v := m.Get(f)
		switch {
		case f.Kind() != protoreflect.MessageKind || f.IsMap():
			alone := m.New()
			alone.Set(f, v)
			var err error
			if encoded, err = (proto.MarshalOptions{Deterministic: true}).MarshalAppend(encoded, alone.Interface()); err != nil {
				panic("encode a request that was decoded: " + err.Error())
			}
		case f.IsList():
			for i := range v.List().Len() {
				nested(f, v.List().Get(i))
			}
		default:
			nested(f, v)
		}
	}
	return encoded
}

// OfEncoded returns the fingerprint of a request of a method whose canonical
// form is encoded. It is for the forms that requests had in earlier builds.
func OfEncoded(method string, encoded []byte) string {
	sum := sha256.New()
	sum.Write([]byte(method + "\n"))
	sum.Write(encoded)
	return version + hex.EncodeToString(sum.Sum(nil))
}

// canonical rewrites whole years that are written in months, and takes the
// secrets out of a message and of those in it. It returns the secrets, each
// behind its path.
func canonical(m protoreflect.Message) (secrets []byte) {
	if m.Descriptor().FullName() == periodMessage {
		wholeYears(m)
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case !m.Has(f):
		case isSecret(f):
			sum := sha256.Sum256(append([]byte(f.FullName()+"\n"), secretBytes(m.Get(f))...))
			secrets = append(secrets, sum[:]...)
			m.Clear(f)
		case f.IsMap():
			if f.MapValue().Message() == nil {
				continue
			}
			// Sorted by the encoder, not here: no map holds a secret.
			m.Get(f).Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				canonical(v.Message())
				return true
			})
		case f.Message() == nil:
		case f.IsList():
			for at := range m.Get(f).List().Len() {
				secrets = append(secrets, canonical(m.Get(f).List().Get(at).Message())...)
			}
		default:
			secrets = append(secrets, canonical(m.Mutable(f).Message())...)
		}
	}
	return secrets
}

func isSecret(f protoreflect.FieldDescriptor) bool {
	for _, name := range secretFields {
		if f.Name() == name && !f.IsList() && !f.IsMap() {
			return true
		}
	}
	return false
}

func secretBytes(v protoreflect.Value) []byte {
	if text, ok := v.Interface().(string); ok {
		return []byte(text)
	}
	return v.Bytes()
}

// wholeYears writes 12 months as 1 year.
func wholeYears(period protoreflect.Message) {
	fields := period.Descriptor().Fields()
	count, unit := fields.ByName("count"), fields.ByName("unit")
	months := period.Get(count).Int()
	if period.Get(unit).Enum() == unitMonth && months > 0 && months%12 == 0 {
		period.Set(count, protoreflect.ValueOfInt32(int32(months/12)))
		period.Set(unit, protoreflect.ValueOfEnum(unitYear))
	}
}

// Match reports whether a request has the stored fingerprint. legacy returns
// the hash of the request by the algorithm of the builds that stored no
// version; it is called only for their fingerprints.
func Match(stored, fingerprint string, legacy func() (string, error)) (bool, error) {
	if strings.HasPrefix(stored, version) {
		return stored == fingerprint, nil
	}
	hash, err := legacy()
	return err == nil && stored == hash, err
}
