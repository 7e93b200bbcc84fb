package binaries

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	central = "https://repo1.maven.org/maven2"
	// Limits of a download: of one attempt, of their number, and of the size.
	attemptTimeout = 5 * time.Minute
	attempts       = 4
	maxJar         = 200 << 20
)

// repository returns the base URL of Maven Central, or of the mirror that Maven's settings in the user's home name for it.
func repository() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return central, nil //nolint:nilerr // no home, no settings
	}
	path := filepath.Join(home, ".m2", "settings.xml")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return central, nil
	}
	if err != nil {
		return "", err
	}
	var settings struct {
		Mirrors []struct {
			Of  string `xml:"mirrorOf"`
			URL string `xml:"url"`
		} `xml:"mirrors>mirror"`
	}
	if err := xml.Unmarshal(text, &settings); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	for _, mirror := range settings.Mirrors {
		if mirrorsCentral(mirror.Of) {
			return strings.TrimRight(strings.TrimSpace(mirror.URL), "/"), nil
		}
	}
	return central, nil
}

// mirrorsCentral evaluates Maven's mirrorOf: names and wildcards, separated by commas, with ! for exceptions.
func mirrorsCentral(of string) bool {
	var terms []string
	for term := range strings.SplitSeq(of, ",") {
		terms = append(terms, strings.TrimSpace(term))
	}
	if slices.Contains(terms, "!central") {
		return false
	}
	return slices.ContainsFunc(terms, func(term string) bool { return term == "central" || term == "*" || term == "external:*" })
}

// download returns the content of a file of the repository, if its SHA-256 is sum.
func download(ctx context.Context, base, path, sum string) ([]byte, error) {
	return backoff.Retry(ctx, func() ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
		defer cancel()
		content, err := get(ctx, base+"/"+path)
		if err != nil {
			return nil, err
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			return nil, backoff.Permanent(fmt.Errorf("%s/%s has SHA-256 %x, want %s", base, path, got, sum))
		}
		return content, nil
	}, backoff.WithMaxTries(attempts))
}

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	// One with the proxies of the environment, and that leaves no goroutine behind in a test.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		err := fmt.Errorf("GET %s: %s", request.URL.Redacted(), response.Status)
		if response.StatusCode < http.StatusInternalServerError && response.StatusCode != http.StatusTooManyRequests {
			err = backoff.Permanent(err)
		}
		return nil, err
	}
	var content bytes.Buffer
	if _, err := content.ReadFrom(io.LimitReader(response.Body, maxJar)); err != nil {
		return nil, fmt.Errorf("GET %s: %w", request.URL.Redacted(), err)
	}
	return content.Bytes(), nil
}
