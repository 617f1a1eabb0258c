package hubspot

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// newTransport returns a transport for one host under many small requests.
// Responses are gunzipped by net/http.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 proxyFor,
		DialContext:           dial,
		ForceAttemptHTTP2:     true,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   maxConcurrency,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// proxyFor takes the proxy of the environment for what leaves the machine and
// is encrypted: a proxy reads plain http, token and all, and to it the loopback
// is another machine. net/http spares only some of its spellings.
func proxyFor(req *http.Request) (*url.URL, error) {
	if req.URL.Scheme != "https" || IsLoopback(req.URL.Hostname()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}

// dial connects to an address. The name localhost is this machine, whatever a
// name server says.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	host, port, err := net.SplitHostPort(address)
	if err != nil || !isLocalhost(host) {
		return d.DialContext(ctx, network, address)
	}
	four, err4 := d.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err4 == nil {
		return four, nil
	}
	six, err6 := d.DialContext(ctx, network, net.JoinHostPort("::1", port))
	if err6 == nil {
		return six, nil
	}
	return nil, errors.Join(err4, err6)
}

// IsLoopback reports whether a host, as it stands in an address, is this
// machine: an address of the loopback, or the name localhost in any case. Other
// names for it are not taken, because only a name server knows where they lead.
func IsLoopback(host string) bool {
	if isLocalhost(host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func isLocalhost(host string) bool {
	return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}
