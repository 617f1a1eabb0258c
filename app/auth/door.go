package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ports are those that people register with their app. HubSpot compares the
// redirect to the letter, so they must never change.
var ports = [...]int{41731, 41732, 41733}

const callbackPath = "/oauth/callback"

// deliver is how long the closing page may take to reach the browser.
const deliver = time.Second

// RedirectURLs are the addresses to register with an app, all of them: the
// first whose port is free is used.
func RedirectURLs() []string {
	all := make([]string, 0, len(ports))
	for _, p := range ports {
		all = append(all, redirectURL(p))
	}
	return all
}

// redirectURL is spelt with localhost, which is all that HubSpot allows
// without TLS.
func redirectURL(port int) string { return "http://" + hostOf(port) + callbackPath }

func hostOf(port int) string { return net.JoinHostPort("localhost", strconv.Itoa(port)) }

func sameState(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// door listens on one port of this computer's own addresses.
type door struct {
	port      int
	listeners []net.Listener
}

func (d *door) host() string { return hostOf(d.port) }

// listen takes the first free port.
func listen(ctx context.Context, wanted []int) (*door, error) {
	if wanted == nil {
		wanted = ports[:]
	}
	var taken []string
	var last error
	for _, port := range wanted {
		d, err := listenOn(ctx, port)
		if err == nil {
			return d, nil
		}
		last = err
		who := strconv.Itoa(port)
		if name := holder(port); name != "" {
			who += " by " + name
		}
		taken = append(taken, who)
	}
	if last != nil && !errors.Is(last, syscall.EADDRINUSE) && !busy(last) {
		return nil, &Error{Reason: PortsTaken, What: fmt.Sprintf("This computer does not let Syncline wait for the browser: %v", last),
			Do: "Allow programs to listen on localhost, or connect with a token instead", Err: last}
	}
	return nil, &Error{Reason: PortsTaken, What: "The ports that the sign-in needs are in use: " + strings.Join(taken, ", "),
		Do: "End the program that uses one of them, or connect with a token instead", Err: last}
}

// listenOn listens on a port of both loopback addresses: "localhost" is either.
// Where the other one belongs to somebody else, the port is taken. Port 0 is a
// free one.
func listenOn(ctx context.Context, port int) (*door, error) {
	var config net.ListenConfig
	four, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	d := &door{listeners: []net.Listener{four}}
	if address, ok := four.Addr().(*net.TCPAddr); ok {
		d.port = address.Port
	}
	six, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", strconv.Itoa(d.port)))
	switch {
	case err == nil:
		d.listeners = append(d.listeners, six)
	case errors.Is(err, syscall.EADDRINUSE) || busy(err):
		return nil, errors.Join(err, four.Close())
	}
	// Any other error means that this computer does not speak IPv6.
	return d, nil
}

// serve answers at the door and returns what closes it, after the page that is
// under way.
func (d *door) serve(h http.Handler) func() {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	for _, l := range d.listeners {
		go server.Serve(l) //nolint:errcheck // it ends when the door is closed
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), deliver)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	}
}
