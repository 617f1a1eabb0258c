package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"syncline/app/vault"
	"syncline/app/webhooks"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// WebhookListen is the address on which events are received where a person names no other.
const WebhookListen = "127.0.0.1:41741"

// WebhookTypes are the events that an app subscribes to for each of its object types.
var WebhookTypes = []string{"creation", "deletion", "merge", "restore", "propertyChange", "associationChange"}

// WebhookView is where the events of a portal are received, with what came.
type WebhookView struct {
	store.Webhook
	Portal   string // the name of the connection
	PortalID int64
	Set      bool   // a person has set it up once
	Here     bool   // it is a practice portal on this computer, which needs no tunnel
	Local    string // the address on this computer, to which a tunnel leads
	// Receiving says that this process receives; Problem why it does not although it should.
	Receiving bool
	Problem   string
	InMemory  bool // the secret is gone when the program ends
}

// WebhookChange is how a portal's events shall be received.
type WebhookChange struct {
	Active bool
	Listen string // "" leaves it, or takes WebhookListen
	Public string // the address that a tunnel gives; "" leaves it
	Secret string // the app's client secret; "" leaves it
	Keep   bool   // the secret in memory where the keychain can't keep it
}

// webhookSecret is the name of a webhook's secret in the vault.
func webhookSecret(connection string) string { return "webhook:" + connection }

// secretOfWebhook finds the client secret of the app that sends the events of a connection: one
// that was given for them, or that of the sign-in, or of the practice portal.
func (a *App) secretOfWebhook(ctx context.Context, c store.Connection) (string, error) {
	secret, err := a.Vault.Get(ctx, webhookSecret(c.ID))
	switch {
	case err == nil:
		return secret, nil
	case c.Kind == KindPractice:
		p, err := a.practicePortal(ctx)
		if err != nil {
			return "", err
		}
		return p.portal.OAuthApp().ClientSecret, nil
	case c.Kind == KindOAuth:
		if own, oerr := a.clientSecret(ctx, c.ClientID); oerr == nil {
			return own, nil
		}
	case a.Env.Credentials.ClientSecret != "":
		return a.Env.Credentials.ClientSecret, nil
	}
	if errors.Is(err, vault.ErrNotFound) {
		return "", &UseError{Msg: fmt.Sprintf("the client secret of the app that sends the events of %q is not known: HubSpot shows it with the app, under Auth", c.Name)}
	}
	return "", err
}

// here reports whether a connection's portal is a practice portal on this computer, which
// reaches its addresses without a tunnel.
func here(c store.Connection) bool {
	u, err := url.Parse(c.APIURL)
	return c.Kind == KindPractice || c.APIURL != "" && err == nil && hubspot.IsLoopback(u.Hostname())
}

// SetWebhook sets up how a portal's events are received, or ends it. Nothing is opened beyond
// this computer: a public address leads here by a tunnel that the person runs.
func (a *App) SetWebhook(ctx context.Context, name string, change WebhookChange) (v WebhookView, err error) {
	c, err := a.named(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return v, &UseError{Msg: fmt.Sprintf("there is no connection %q: connect the portal first", name)}
	}
	if err != nil {
		return v, err
	}
	w, err := a.Store.Webhook(ctx, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return v, err
	}
	w.ConnectionID, w.Active = c.ID, change.Active
	if err := addressed(&w, c, change); err != nil {
		return v, err
	}
	if secret := strings.TrimSpace(change.Secret); secret != "" && c.Kind != KindPractice { // which has its own
		if err := a.Vault.Set(ctx, webhookSecret(c.ID), secret); err != nil {
			if !change.Keep || !vault.MayKeep(err) {
				return v, err
			}
			a.Vault.Keep(webhookSecret(c.ID), secret)
		}
	}
	if w.Active {
		if _, err := a.secretOfWebhook(ctx, c); err != nil {
			return v, err
		}
	}
	if err := a.Store.SaveWebhook(ctx, w); err != nil {
		return v, err
	}
	a.log.Info("webhook", "connection", c.ID, "portal", c.PortalID, "active", w.Active, "listen", w.Listen)
	a.restartReceiving()
	return a.webhookBegun(ctx, c)
}

// beginning is how long a change waits for what comes of it.
const beginning = 3 * time.Second

// webhookBegun is a connection's webhook once this process receives it, or knows why not.
func (a *App) webhookBegun(ctx context.Context, c store.Connection) (WebhookView, error) {
	ctx, cancel := context.WithTimeout(ctx, beginning)
	defer cancel()
	for {
		a.receiver.mu.Lock()
		changed, waits := a.receiver.changed(), a.receiver.wanted
		a.receiver.mu.Unlock()
		v, err := a.webhookView(context.WithoutCancel(ctx), c)
		if err != nil || !waits || v.Active == v.Receiving || v.Problem != "" {
			return v, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return v, nil
		}
	}
}

// addressed takes the addresses of a change.
func addressed(w *store.Webhook, c store.Connection, change WebhookChange) error {
	w.Listen = cmp.Or(strings.TrimSpace(change.Listen), w.Listen, WebhookListen)
	if !webhooks.Loopback(w.Listen) {
		return &UseError{Msg: fmt.Sprintf("%q is no address of this computer alone: name one such as %s", w.Listen, WebhookListen)}
	}
	if _, port, _ := net.SplitHostPort(w.Listen); port == "0" {
		return &UseError{Msg: "a tunnel needs to know the port: name one, such as 41741"}
	}
	if w.Path == "" {
		w.Path = "/hubspot/" + strings.ReplaceAll(uuid.NewString(), "-", "")[:16]
	}
	local := "http://" + w.Listen + w.Path
	public := strings.TrimSpace(change.Public)
	switch {
	case public == "" && here(c):
		w.URL = local
	case public == "" && w.URL == "" && w.Active:
		return &UseError{Msg: "name the public address that your tunnel gives: HubSpot sends to that, and signs it"}
	case public != "":
		u, err := url.Parse(public)
		if err != nil || u.Host == "" || u.User != nil || u.RawQuery+u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && hubspot.IsLoopback(u.Hostname())) {
			return &UseError{Msg: fmt.Sprintf("%q is no public address: it begins with https:// and has no ? and no #, such as https://name.example.com", public)}
		}
		if u.Path == "" || u.Path == "/" {
			w.URL = strings.TrimSuffix(public, "/") + w.Path
		} else {
			w.URL, w.Path = public, u.Path
		}
	}
	return nil
}

// Webhooks returns how the events of each portal are received, by the portals' names.
func (a *App) Webhooks(ctx context.Context) ([]WebhookView, error) {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]WebhookView, 0, len(all))
	for _, c := range all {
		v, err := a.webhookView(ctx, c)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

func (a *App) webhookView(ctx context.Context, c store.Connection) (WebhookView, error) {
	w, err := a.Store.Webhook(ctx, c.ID)
	v := WebhookView{Webhook: w, Portal: c.Name, PortalID: c.PortalID, Set: err == nil, Here: here(c)}
	if errors.Is(err, store.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Local, v.InMemory = "http://"+w.Listen+w.Path, a.Vault.InMemory(webhookSecret(c.ID))
	a.receiver.mu.Lock()
	defer a.receiver.mu.Unlock()
	v.Problem = a.receiver.problems[c.ID]
	v.Receiving = a.receiver.open[c.ID]
	return v, nil
}

// listenAgain is how often the window tries an address that somebody else listens on.
const listenAgain = 15 * time.Second

// receiver is what this process receives.
type receiver struct {
	mu       sync.Mutex
	wanted   bool // it shall receive
	stop     context.CancelFunc
	done     chan struct{}
	open     map[string]bool   // by connection
	problems map[string]string // by connection
	turn     chan struct{}     // closed when one of the two changes
}

// changed is closed when what is received, or why not, is another. The caller has mu.
func (r *receiver) changed() <-chan struct{} {
	if r.turn == nil {
		r.turn = make(chan struct{})
	}
	return r.turn
}

// tell says that something changed. The caller has mu.
func (r *receiver) tell() {
	if r.turn != nil {
		close(r.turn)
		r.turn = nil
	}
}

// StartReceiving begins to receive the events of the portals for which a person switched it on,
// until the workspace is closed. It returns at once; Webhooks tells what came of it.
func (a *App) StartReceiving() {
	a.receiver.mu.Lock()
	a.receiver.wanted = true
	a.receiver.mu.Unlock()
	a.restartReceiving()
}

func (a *App) restartReceiving() {
	a.receiver.mu.Lock()
	if !a.receiver.wanted {
		a.receiver.mu.Unlock()
		return
	}
	stop, before := a.receiver.stop, a.receiver.done
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.receiver.stop, a.receiver.done = cancel, done
	a.receiver.mu.Unlock()
	go func() {
		defer close(done)
		if stop != nil {
			stop()
			<-before
		}
		a.receiver.mu.Lock()
		a.receiver.open, a.receiver.problems = nil, nil
		a.receiver.tell()
		a.receiver.mu.Unlock()
		if err := a.receive(ctx, true, nil); err != nil {
			a.logFailure("receive events", err)
		}
	}()
}

// stopReceiving ends what StartReceiving began, and waits for it.
func (a *App) stopReceiving() {
	a.receiver.mu.Lock()
	stop, done := a.receiver.stop, a.receiver.done
	a.receiver.wanted, a.receiver.stop = false, nil
	a.receiver.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

// Receive receives the events of the portals for which it is switched on, until ctx ends. opened
// is told of each that is received.
func (a *App) Receive(ctx context.Context, opened func(WebhookView)) error {
	return a.receive(ctx, false, opened)
}

// doorOf is a webhook that is received.
type doorOf struct {
	webhooks.Door
	listen     string
	connection store.Connection
}

// receive serves all addresses. With the window the practice portal sends its events too, which
// lives in this process.
func (a *App) receive(ctx context.Context, window bool, opened func(WebhookView)) error {
	doors, err := a.doors(ctx)
	if err != nil {
		return err
	}
	if len(doors) == 0 && !window {
		return &UseError{Msg: "no portal's events are received: switch it on with syncline webhooks on PORTAL"}
	}
	byListen := make(map[string][]doorOf)
	for _, d := range doors {
		byListen[d.listen] = append(byListen[d.listen], d)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	failures := make(chan error, len(byListen))
	for listen, some := range byListen {
		all.Go(func() {
			for {
				err := a.receiveOn(ctx, listen, some, window, opened)
				if err == nil {
					return
				}
				a.receiverProblem(some, err)
				if !window {
					failures <- err
					cancel()
					return
				}
				select { // somebody who listens there may end
				case <-time.After(listenAgain):
				case <-ctx.Done():
					return
				}
			}
		})
	}
	all.Wait()
	close(failures)
	var errs []error
	for err := range failures {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (a *App) receiverProblem(doors []doorOf, err error) {
	a.receiver.mu.Lock()
	defer a.receiver.mu.Unlock()
	if a.receiver.problems == nil {
		a.receiver.problems = make(map[string]string)
	}
	for _, d := range doors {
		a.receiver.problems[d.ID] = err.Error()
	}
	a.receiver.tell()
}

func (a *App) receiverOpen(doors []doorOf) {
	a.receiver.mu.Lock()
	defer a.receiver.mu.Unlock()
	if a.receiver.open == nil {
		a.receiver.open = make(map[string]bool)
	}
	for _, d := range doors {
		a.receiver.open[d.ID] = true
		delete(a.receiver.problems, d.ID)
	}
	a.receiver.tell()
}

// doors are those that are switched on. One without its secret is told of as a problem, and the
// others go on.
func (a *App) doors(ctx context.Context) ([]doorOf, error) {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	var doors []doorOf
	for _, c := range all {
		w, err := a.Store.Webhook(ctx, c.ID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !w.Active {
			continue
		}
		if err != nil {
			return nil, err
		}
		d := doorOf{Door: webhooks.Door{ID: c.ID, Path: w.Path, URL: w.URL}, listen: w.Listen, connection: c}
		if d.Secret, err = a.secretOfWebhook(ctx, c); err != nil {
			a.receiverProblem([]doorOf{d}, err)
			continue
		}
		a.Book.Hide(d.Secret)
		doors = append(doors, d)
	}
	return doors, nil
}

func (a *App) receiveOn(ctx context.Context, listen string, doors []doorOf, window bool, opened func(WebhookView)) error {
	cfg := webhooks.Config{Listen: listen, Keep: a.keepEvents, Refused: func(door string, n int, why string) {
		a.log.Warn("webhook refused", "connection", door, "requests", n, "why", why)
		if err := a.Store.KeepRefusals(context.WithoutCancel(ctx), door, n, why); err != nil {
			a.logFailure("count refused webhooks", err)
		}
	}}
	for _, d := range doors {
		cfg.Doors = append(cfg.Doors, d.Door)
	}
	var sending sync.WaitGroup
	err := webhooks.New(cfg).Listen(ctx, func(net.Addr) {
		for _, d := range doors {
			if window && d.connection.Kind == KindPractice {
				a.practiceSends(ctx, d, &sending)
			}
		}
		a.receiverOpen(doors)
		for _, d := range doors {
			if v, err := a.webhookView(ctx, d.connection); err == nil && opened != nil {
				opened(v)
			}
		}
	})
	sending.Wait()
	return err
}

// practiceSends lets the practice portal of this process send the events of what changes from now
// on, as HubSpot does, until ctx ends.
func (a *App) practiceSends(ctx context.Context, d doorOf, sending *sync.WaitGroup) {
	p, err := a.practicePortal(ctx)
	if err != nil {
		a.logFailure("practice portal sends events", err)
		return
	}
	p.portal.SetHook(&practice.Hook{URL: d.URL, Secret: d.Secret})
	sending.Go(func() {
		p.portal.SendEventsUntil(ctx)
		p.portal.SetHook(nil)
	})
}

// keepEvents keeps what events say, for the next pulls of the syncs that they concern.
func (a *App) keepEvents(ctx context.Context, door string, events []hubspot.WebhookEvent, strange int) error {
	all := make([]store.Event, 0, len(events))
	for _, e := range events {
		kept := store.Event{Sum: e.Sum, PortalID: e.PortalID, Type: e.Type}
		for _, r := range e.Changed {
			kept.Notices = append(kept.Notices, store.Notice{Object: r.Object, Record: r.ID, Edges: r.Edges})
		}
		all = append(all, kept)
	}
	return a.Store.KeepEvents(ctx, door, all, strange)
}
