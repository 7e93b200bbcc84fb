package server

import (
	"fmt"
	"net"
	"strings"
)

// Endpoint is a host of the cloud's API in place of the cloud's own, written
// HOST:PORT for all regions or REGION=HOST:PORT for one.
type Endpoint struct {
	// Region is empty for all regions without an endpoint of their own.
	Region string
	// Host is a host or host:port.
	Host string
}

// UnmarshalText reads HOST:PORT or REGION=HOST:PORT.
func (e *Endpoint) UnmarshalText(text []byte) error {
	region, host, ofRegion := strings.Cut(string(text), "=")
	if !ofRegion {
		region, host = "", region
	}
	if host == "" || ofRegion && region == "" {
		return fmt.Errorf("%q: must be HOST:PORT or REGION=HOST:PORT, such as cn-hangzhou=ecs-vpc.cn-hangzhou.aliyuncs.com", text)
	}
	*e = Endpoint{Region: region, Host: host}
	return nil
}

// endpoints returns the host for all regions, and those of single regions. The
// error names a region with two.
func endpoints(all []Endpoint) (general string, ofRegion map[string]string, err error) {
	ofRegion = make(map[string]string, len(all))
	for _, e := range all {
		if e.Region == "" {
			if general != "" {
				return "", nil, fmt.Errorf("two hosts for all regions; give one, or REGION=HOST for each region")
			}
			general = e.Host
			continue
		}
		if ofRegion[e.Region] != "" {
			return "", nil, fmt.Errorf("two hosts for region %s; give one", e.Region)
		}
		ofRegion[e.Region] = e.Host
	}
	return general, ofRegion, nil
}

// onThisMachine reports whether a host or host:port is a loopback address.
func onThisMachine(endpoint string) bool {
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		host = endpoint
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
