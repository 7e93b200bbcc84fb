package main

import (
	"fmt"
	"os"
	"path/filepath"

	"aead.dev/minisign"
)

// keyPassword is the environment variable with the password of the key.
const keyPassword = "ECSD_RELEASE_KEY_PASSWORD"

// signingKey reads a secret key of minisign, encrypted or not.
func signingKey(path string) (minisign.PrivateKey, error) {
	var key minisign.PrivateKey
	text, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("read the signing key: %w", err)
	}
	if minisign.IsEncrypted(text) {
		key, err = minisign.DecryptKey(os.Getenv(keyPassword), text)
		if err != nil {
			return key, fmt.Errorf("decrypt the signing key %s with the password of %s: %w", path, keyPassword, err)
		}
		return key, nil
	}
	if err := key.UnmarshalText(text); err != nil {
		return key, fmt.Errorf("read the signing key %s: %w", path, err)
	}
	return key, nil
}

// sign writes the signature of the checksums beside them. Its comment, which
// the signature covers, has the version, so that the checksums of one release
// cannot stand for another's.
func (b builder) sign() error {
	if b.key == nil {
		fmt.Fprintln(b.log, "no signature: set KEY to a file with a secret key of minisign")
		return nil
	}
	content, err := os.ReadFile(filepath.Join(b.out, checksumsFile))
	if err != nil {
		return err
	}
	comment := fmt.Sprintf("timestamp:%d\tfile:%s\tversion:%s", b.time.Unix(), checksumsFile, b.version)
	return b.write(checksumsFile+".minisig", minisign.SignWithComments(*b.key, content, comment, "signature of the release "+b.version+" of ecsd"))
}
