package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"syncline/sync/hubspot"
)

const (
	// skew is how long before its end a token with a long life is replaced at
	// the latest, for clocks that differ and calls that wait.
	skew = time.Minute
	// unknownLife is taken for a token whose life HubSpot did not tell.
	unknownLife = 5 * time.Minute
	// refreshLimit bounds one refresh with all its attempts.
	refreshLimit = 3 * time.Minute
	// rereads is how often a refused refresh token is looked up again: another
	// process may have replaced it and not stored the new one yet.
	rereads = 3
)

// Keeper keeps the refresh token of one connection. Other processes may use
// the same one.
type Keeper interface {
	// Load returns the refresh token.
	Load(ctx context.Context) (string, error)
	// Save keeps another one in its place. The token is used only after Save
	// has returned nil.
	Save(ctx context.Context, refreshToken string) error
}

// Tokens gives the access tokens of one connection and replaces them before
// they expire. It is a [hubspot.TokenSource] and a [hubspot.Refresher], to be
// shared by all clients of the connection: whoever asks while a token is being
// replaced waits for the same refresh. It prints without its tokens.
type Tokens struct {
	oauth  *hubspot.OAuth
	keeper Keeper
	now    func() time.Time
	lost   func(error)
	flight singleflight.Group

	mu      sync.Mutex
	access  string
	due     time.Time // when it is replaced
	ends    time.Time // when HubSpot stops to accept it
	refresh string    // the last one that worked
}

// TokensConfig says where tokens come from.
type TokensConfig struct {
	OAuth  *hubspot.OAuth
	Keeper Keeper
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Lost, if set, is told that a person has to sign in again, and why.
	Lost func(err error)
}

// NewTokens returns a source that has no access token yet.
func NewTokens(cfg TokensConfig) *Tokens {
	t := &Tokens{oauth: cfg.OAuth, keeper: cfg.Keeper, now: cfg.Now, lost: cfg.Lost}
	if t.now == nil {
		t.now = time.Now
	}
	return t
}

func (t *Tokens) String() string { return "auth.Tokens(hidden)" }

// GoString is String: %#v shows no token either.
func (t *Tokens) GoString() string { return t.String() }

// Use gives the source a grant that was just made, so that it need not ask for
// a token of its own. asked is when the grant was asked for.
func (t *Tokens) Use(g hubspot.Grant, asked time.Time) {
	life := g.Lifetime
	if life <= 0 {
		life = unknownLife
	}
	// The wall clock, unlike the other one, goes on while a computer sleeps.
	asked = asked.Round(0)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access, t.refresh = g.AccessToken, g.RefreshToken
	t.due, t.ends = asked.Add(replaceAfter(life)), asked.Add(life)
}

// replaceAfter is the age at which a token with a given life is replaced: at
// four fifths of it, and a minute before its end where it is long enough.
func replaceAfter(life time.Duration) time.Duration {
	age := life * 4 / 5
	if life >= 2*skew {
		age = min(age, life-skew)
	}
	return age
}

// Token returns an access token that HubSpot should accept. It implements
// [hubspot.TokenSource].
func (t *Tokens) Token(ctx context.Context) (string, error) {
	t.mu.Lock()
	access, due := t.access, t.due
	t.mu.Unlock()
	if access != "" && t.now().Round(0).Before(due) {
		return access, nil
	}
	return t.replace(ctx, "")
}

// Refresh replaces a token that HubSpot refused, unless it was replaced
// already. It implements [hubspot.Refresher].
func (t *Tokens) Refresh(ctx context.Context, refused string) error {
	_, err := t.replace(ctx, refused)
	return err
}

// replace gets a new token, once for all who ask meanwhile. The one whose ctx
// ends leaves; the refresh goes on for the others, and so that a new refresh
// token is never lost on the way.
func (t *Tokens) replace(ctx context.Context, refused string) (string, error) {
	for {
		done := t.flight.DoChan("", func() (any, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshLimit)
			defer cancel()
			return t.refreshed(ctx, refused)
		})
		select {
		case got := <-done:
			access, _ := got.Val.(string)
			if got.Err == nil && refused != "" && access == refused {
				continue // joined a flight that did not know of the refusal
			}
			return access, got.Err
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// refreshed is the one refresh under way.
func (t *Tokens) refreshed(ctx context.Context, refused string) (string, error) {
	asked := t.now().Round(0)
	t.mu.Lock()
	access, due, ends := t.access, t.due, t.ends
	t.mu.Unlock()
	if access != "" && access != refused && asked.Before(due) {
		return access, nil // another refresh came first
	}
	g, err := t.ask(ctx)
	if err == nil {
		t.Use(g, asked)
		return g.AccessToken, nil
	}
	err = Explain(err)
	var known *Error
	switch now := t.now().Round(0); {
	case errors.As(err, &known) && known.SignInNeeded():
		t.forget()
		if t.lost != nil {
			t.lost(err)
		}
	case access != "" && access != refused && now.Before(ends):
		// HubSpot's sign-in is out of reach, but the token is good for a while.
		t.mu.Lock()
		t.due = now.Add(max(ends.Sub(now)/4, time.Second))
		t.mu.Unlock()
		return access, nil
	}
	return "", err
}

func (t *Tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access = ""
}

// ask refreshes with the token that is kept. A refused one may have been
// replaced by another process that shares it.
func (t *Tokens) ask(ctx context.Context) (hubspot.Grant, error) {
	refresh, err := t.load(ctx)
	if err != nil {
		return hubspot.Grant{}, err
	}
	g, err := t.oauth.Refresh(ctx, refresh)
	for n := 0; n < rereads && outdated(err); n++ {
		if n > 0 && pause(ctx, time.Duration(n)*time.Second) != nil {
			break
		}
		other, lost := t.keeper.Load(ctx)
		if lost != nil || other == refresh {
			continue
		}
		refresh = other
		g, err = t.oauth.Refresh(ctx, refresh)
	}
	if err != nil {
		return hubspot.Grant{}, err
	}
	if g.RefreshToken == "" {
		g.RefreshToken = refresh
	}
	if g.RefreshToken != refresh {
		if err := t.keeper.Save(ctx, g.RefreshToken); err != nil {
			return hubspot.Grant{}, err
		}
	}
	return g, nil
}

// load returns the refresh token that is kept, or the last one that worked
// where it can't be read: a keychain may have been locked in mid-run.
func (t *Tokens) load(ctx context.Context) (string, error) {
	kept, err := t.keeper.Load(ctx)
	if err == nil {
		return kept, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refresh != "" {
		return t.refresh, nil
	}
	return "", err
}

func outdated(err error) bool {
	var refused *hubspot.OAuthError
	return errors.As(err, &refused) && refused.Code == hubspot.BadRefreshToken
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
