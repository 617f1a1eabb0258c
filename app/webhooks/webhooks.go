// Package webhooks receives the events that HubSpot sends to an app's webhook. It listens on
// addresses of this computer only, takes what HubSpot signed, and answers with success once what
// it says is kept. It keeps no value: an event says which records are to be read.
package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"syncline/sync/hubspot"
)

const (
	// MaxBody is the longest request that is read: a hundred events of which each tells the
	// longest value stay below it.
	MaxBody = 8 << 20
	// patience is how long keeping may take: HubSpot waits 5 s for an answer (facts §9.1).
	patience = 4 * time.Second
	// atOnce is how many requests are read at once, which is HubSpot's usual number.
	atOnce = 10
	// telling is how often refused requests are told: each of them would let a stranger write.
	telling = time.Second
)

// Door is where the events of one app come in.
type Door struct {
	ID     string // what Keep and Refused are told
	Path   string // on this computer, from the slash on
	URL    string // as HubSpot has it
	Secret string // the app's
}

// Config describes a Receiver.
type Config struct {
	Listen string // an address of this computer, such as 127.0.0.1:41741
	Doors  []Door
	// Keep makes what events say durable; only then HubSpot is told that they came.
	Keep func(ctx context.Context, door string, events []hubspot.WebhookEvent, strange int) error
	// Refused is told now and then how many requests were refused since, and why the last was.
	Refused func(door string, n int, why string)
	Now     func() time.Time // nil = time.Now
}

// Receiver receives events. Its methods are safe for concurrent use.
type Receiver struct {
	cfg   Config
	doors map[string]Door // by path
	room  chan struct{}

	mu      sync.Mutex
	refused map[string]refusals // by door
}

type refusals struct {
	n   int
	why string
}

// New makes a receiver, which Listen or an HTTP server then serves.
func New(cfg Config) *Receiver {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Receiver{cfg: cfg, doors: make(map[string]Door), room: make(chan struct{}, atOnce), refused: make(map[string]refusals)}
	for _, d := range cfg.Doors {
		r.doors[d.Path] = d
	}
	return r
}

// Loopback reports whether an address is one of this computer that no other reaches.
func Loopback(address string) bool {
	host, port, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && port != "" && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// Listen opens the address, serves until ctx ends, and lets requests that are under way end.
// opened is called once the address is open, with its port.
func (r *Receiver) Listen(ctx context.Context, opened func(net.Addr)) error {
	if !Loopback(r.cfg.Listen) {
		return fmt.Errorf("%q is no address of this computer alone: name one such as 127.0.0.1:41741", r.cfg.Listen)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", r.cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: %s", ErrInUse, r.cfg.Listen)
	}
	if err != nil {
		return fmt.Errorf("events can't be received on %s: %w", r.cfg.Listen, err)
	}
	if opened != nil {
		opened(l.Addr())
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(telling)
		defer tick.Stop()
		for ctx.Err() == nil {
			select {
			case <-tick.C:
				r.Tell()
			case <-ctx.Done():
			}
		}
		ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if server.Shutdown(ended) != nil {
			server.Close()
		}
		r.Tell()
	}()
	err = server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		<-done
		return nil
	}
	return err
}

// ErrInUse says that somebody listens on the address already: another window, or a command.
var ErrInUse = errors.New("another window, command or program receives on this address already")

// Tell tells of the requests that were refused since it was told last.
func (r *Receiver) Tell() {
	r.mu.Lock()
	all := r.refused
	r.refused = make(map[string]refusals)
	r.mu.Unlock()
	for id, x := range all {
		if r.cfg.Refused != nil {
			r.cfg.Refused(id, x.n, x.why)
		}
	}
}

func (r *Receiver) refuse(w http.ResponseWriter, d Door, status int, why string) {
	r.mu.Lock()
	r.refused[d.ID] = refusals{r.refused[d.ID].n + 1, why}
	r.mu.Unlock()
	http.Error(w, http.StatusText(status), status) // why is for the person at this computer
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	d, ok := r.doors[req.URL.Path]
	if !ok {
		http.NotFound(w, req) // a stranger's, of whom nobody needs to know
		return
	}
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		r.refuse(w, d, http.StatusMethodNotAllowed, "it was no POST")
		return
	}
	select {
	case r.room <- struct{}{}:
		defer func() { <-r.room }()
	default:
		r.refuse(w, d, http.StatusServiceUnavailable, "too many came at once")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		r.refuse(w, d, http.StatusRequestEntityTooLarge, fmt.Sprintf("it was longer than %d MB", MaxBody>>20))
		return
	case err != nil:
		r.refuse(w, d, http.StatusBadRequest, "it broke off")
		return
	}
	if err := hubspot.VerifyWebhook(d.Secret, req.Method, d.URL, body, req.Header, r.cfg.Now()); err != nil {
		r.refuse(w, d, http.StatusUnauthorized, err.Error())
		return
	}
	events, strange, err := hubspot.ParseWebhook(body)
	if err != nil {
		r.refuse(w, d, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(req.Context(), patience)
	defer cancel()
	if err := r.cfg.Keep(ctx, d.ID, events, strange); err != nil {
		r.refuse(w, d, http.StatusServiceUnavailable, "it could not be kept, and HubSpot sends it again: "+firstLine(err))
		return
	}
	w.WriteHeader(http.StatusOK)
}

// firstLine is what of an error goes into a sentence.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
