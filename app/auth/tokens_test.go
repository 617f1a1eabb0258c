package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/app/auth"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// drawer keeps a refresh token, as a vault does.
type drawer struct {
	mu    sync.Mutex
	value string
	err   error
	saved int
}

func (d *drawer) Load(context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.value, d.err
}

func (d *drawer) Save(_ context.Context, value string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.value, d.saved = value, d.saved+1
	}
	return d.err
}

func (d *drawer) put(value string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.value, d.err = value, err
}

// counter is a portal with a person who has consented, and the tokens of it.
type counter struct {
	t      *testing.T
	portal *practice.Portal
	oauth  *hubspot.OAuth
	kept   *drawer
	tokens *auth.Tokens
	lost   error
}

func newCounter(t *testing.T, o practice.Options) *counter {
	t.Helper()
	o.App.Consent = true
	c := &counter{t: t, portal: practicetest.New(t, o), kept: &drawer{}}
	known := c.portal.OAuthApp()
	var err error
	c.oauth, err = hubspot.NewOAuth(hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: known.ClientID, ClientSecret: known.ClientSecret}, Transport: c.portal.Transport(), Jitter: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	c.kept.put(c.consent(), nil)
	c.tokens = c.source()
	return c
}

func (c *counter) source() *auth.Tokens {
	return auth.NewTokens(auth.TokensConfig{OAuth: c.oauth, Keeper: c.kept, Lost: func(err error) { c.lost = err }})
}

func (c *counter) consent() string {
	c.t.Helper()
	const redirect, verifier = "http://localhost:1/cb", "a-verifier-of-some-length-as-there-must-be-one"
	link := c.oauth.ConsentURL(hubspot.Consent{RedirectURL: redirect, State: "s", Verifier: verifier, Scopes: []string{"oauth", "crm.objects.contacts.read"}})
	person := http.Client{Transport: c.portal.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := person.Get(link)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		c.t.Fatal(err)
	}
	g, err := c.oauth.Exchange(c.t.Context(), to.Query().Get("code"), redirect, verifier)
	if err != nil {
		c.t.Fatal(err)
	}
	return g.RefreshToken
}

func (c *counter) token() string {
	c.t.Helper()
	token, err := c.tokens.Token(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

// asked is how often the token endpoint was asked, without the consent.
func (c *counter) asked() int { return c.portal.Calls().By["POST oauth/token"] - 1 }

func TestATokenIsReplacedBeforeItEnds(t *testing.T) {
	t.Parallel()
	for life, after := range map[time.Duration]time.Duration{
		20 * time.Second: 16 * time.Second,
		time.Minute:      48 * time.Second,
		3 * time.Minute:  2 * time.Minute,
		30 * time.Minute: 24 * time.Minute,
		6 * time.Hour:    288 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newCounter(t, practice.Options{App: practice.OAuthApp{Lifetime: life}})
			first := c.token()
			time.Sleep(after - time.Millisecond)
			if got := c.token(); got != first || c.asked() != 1 {
				t.Errorf("life %v: replaced before %v", life, after)
			}
			time.Sleep(time.Millisecond)
			if got := c.token(); got == first || c.asked() != 2 {
				t.Errorf("life %v: not replaced after %v", life, after)
			}
		})
	}
}

func TestOneRefreshServesAllWhoAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{Latency: practice.Fixed(time.Second)})
		ask := func(f func() error) {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if err := f(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		ask(func() error { _, err := c.tokens.Token(t.Context()); return err })
		if c.asked() != 1 {
			t.Errorf("asked %d times for the first token", c.asked())
		}
		refused := c.token()
		ask(func() error { return c.tokens.Refresh(t.Context(), refused) })
		if c.asked() != 2 || c.token() == refused {
			t.Errorf("asked %d times", c.asked())
		}
		if err := c.tokens.Refresh(t.Context(), refused); err != nil || c.asked() != 2 {
			t.Errorf("a late refusal of the old token: %v, asked %d times", err, c.asked())
		}
	})
}

// Somebody who leaves does not end the refresh that the others wait for.
func TestWhoGivesUpTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{Latency: practice.Fixed(10 * time.Second)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.tokens.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who gave up: %v", err)
			}
		})
		synctest.Wait()
		if c.token() == "" || c.asked() != 1 {
			t.Errorf("asked %d times", c.asked())
		}
		wg.Wait()
	})
}

func TestANewRefreshTokenIsStoredBeforeItsAccessTokenIsUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{App: practice.OAuthApp{RotateRefresh: true}})
		before := c.kept.value
		c.token()
		if c.kept.saved != 1 || c.kept.value == before {
			t.Errorf("saved %d times", c.kept.saved)
		}
		full := errors.New("the keychain is full")
		c.kept.put(c.kept.value, full)
		time.Sleep(time.Hour)
		if token, err := c.tokens.Token(t.Context()); !errors.Is(err, full) || token != "" {
			t.Errorf("a token whose successor is lost was given away: %v", err)
		}
	})
}

func TestAnotherProcessMayHaveReplacedTheRefreshToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{App: practice.OAuthApp{RotateRefresh: true}})
		mine := c.kept.value
		fresh := c.consent()
		c.kept.put("na1-revoked-meanwhile", nil)
		go func() {
			time.Sleep(2 * time.Second) // the other one is about to store it
			c.kept.put(fresh, nil)
		}()
		c.token()
		if c.lost != nil || mine == "" {
			t.Errorf("given up: %v", c.lost)
		}
	})
}

func TestASignInThatEndedIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{})
		c.token()
		c.portal.Uninstall()
		time.Sleep(time.Hour)
		_, err := c.tokens.Token(t.Context())
		if reasonOf(err) != auth.Revoked || !hubspot.IsAuth(err) || !errors.Is(c.lost, err) {
			t.Errorf("got %v, told %v", err, c.lost)
		}
		c.kept.put(c.consent(), nil)
		if c.token() == "" {
			t.Error("no token after the new consent")
		}
	})
}

// HubSpot's sign-in may be away for a while: the token at hand is used as long
// as it lives, and only then there is none.
func TestADisturbanceIsOutlivedAsLongAsTheTokenLives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{})
		first := c.token()
		time.Sleep(25 * time.Minute)
		c.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Path: "/oauth/", Status: 503, Times: -1}}})
		if got := c.token(); got != first {
			t.Error("another token came out of nowhere")
		}
		asked := c.asked()
		if got := c.token(); got != first || c.asked() != asked {
			t.Errorf("it was asked for again at once")
		}
		time.Sleep(10 * time.Minute)
		if _, err := c.tokens.Token(t.Context()); reasonOf(err) != auth.Unreachable || hubspot.IsAuth(err) || c.lost != nil {
			t.Errorf("got %v, told %v", err, c.lost)
		}
		c.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Throttle, Path: "/oauth/", Times: 2}, {Kind: practice.ResetAfter, Path: "/oauth/"}}})
		if c.token() == first {
			t.Error("the token was not replaced")
		}
	})
}

// A keychain that is locked while the screen is does not stop a run.
func TestAKeychainThatIsLockedMeanwhileIsNotNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{})
		c.token()
		locked := errors.New("the keychain is locked")
		c.kept.put("", locked)
		time.Sleep(time.Hour)
		c.token()
		if _, err := c.source().Token(t.Context()); !errors.Is(err, locked) {
			t.Errorf("without any token: %v", err)
		}
	})
}

func TestTokensPrintWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, practice.Options{})
		token, known := c.token(), c.portal.OAuthApp()
		text := fmt.Sprintf("%v %+v %#v %v %#v %v", c.tokens, c.tokens, c.tokens, c.oauth.App(), c.oauth.App(), hubspot.Grant{AccessToken: token, RefreshToken: c.kept.value})
		for _, secret := range []string{token, c.kept.value, known.ClientSecret} {
			if strings.Contains(text, secret) {
				t.Errorf("%s", text)
			}
		}
	})
}
