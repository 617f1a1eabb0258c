package newversion_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"syncline/app/newversion"
)

// site is an address that is asked, and counts.
type site struct {
	*httptest.Server
	asked atomic.Int32
	last  atomic.Pointer[http.Request]
}

func newSite(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		s.last.Store(r)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// asker asks a site, at a time that the test moves.
func (s *site) asker(t *testing.T, now *time.Time) newversion.Asker {
	t.Helper()
	return newversion.Asker{Address: s.URL + "/newest.json", Running: "0.1.0", Dir: filepath.Join(t.TempDir(), "settings"), Now: func() time.Time { return *now }}
}

func look(t *testing.T, a newversion.Asker) newversion.State {
	t.Helper()
	s, err := a.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNobodyIsAskedUntilAPersonWantsIt(t *testing.T) {
	t.Parallel()
	s, now := newSite(t, says(`{"version":"0.2.0"}`)), time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	a := s.asker(t, &now)
	if st := look(t, a); st.Asks || !st.Possible || st.Newer != (newversion.Newer{}) || s.asked.Load() != 0 {
		t.Errorf("%+v after %d questions", st, s.asked.Load())
	}
	if _, err := os.Stat(a.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was remembered: %v", err)
	}
	if err := a.Choose(true); err != nil {
		t.Fatal(err)
	}
	if st := look(t, a); !st.Asks || st.Newer.Version != "0.2.0" || s.asked.Load() != 1 {
		t.Errorf("%+v after %d questions", st, s.asked.Load())
	}
	// It is taken back: nobody is asked, and nothing is known any more.
	if err := a.Choose(false); err != nil {
		t.Fatal(err)
	}
	now = now.Add(1000 * time.Hour)
	if st := look(t, a); st.Asks || st.Newer.Version != "" || s.asked.Load() != 1 {
		t.Errorf("%+v after %d questions", st, s.asked.Load())
	}
}

func TestANoWhileItIsAskedHolds(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	var a newversion.Asker
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if err := a.Choose(false); err != nil {
			t.Error(err)
		}
		says(`{"version":"0.2.0"}`)(w, r)
	})
	a = s.asker(t, &now)
	if err := a.Choose(true); err != nil {
		t.Fatal(err)
	}
	if st := look(t, a); st.Asks || st.Newer.Version != "" {
		t.Errorf("it was switched on again: %+v", st)
	}
	if st, err := a.State(); err != nil || st.Asks {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestItAsksOnceADayWhateverComesOfIt(t *testing.T) {
	t.Parallel()
	broken := atomic.Bool{}
	s := newSite(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		says(`{"version":"0.2.0"}`)(w, r)
	})
	now := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	a := s.asker(t, &now)
	if err := a.Choose(true); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after  time.Duration
		broken bool
		asked  int32
	}{{0, false, 1}, {time.Minute, false, 1}, {23 * time.Hour, false, 1}, {time.Hour, true, 2}, {time.Minute, false, 2}, {24 * time.Hour, false, 3},
		{-1000 * time.Hour, false, 4}, {time.Minute, false, 4}} { // the clock was put back
		now = now.Add(step.after)
		broken.Store(step.broken)
		st, err := a.Look(t.Context())
		if s.asked.Load() != step.asked || st.Newer.Version != "0.2.0" {
			t.Errorf("%v: %d questions, %+v, %v", step.after, s.asked.Load(), st, err)
		}
	}
}

func TestItTellsNothingOfWhoAsks(t *testing.T) {
	t.Parallel()
	s, now := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "you"})
		says(`{"version":"0.2.0"}`)(w, nil)
	}), time.Now()
	a := s.asker(t, &now)
	for range 2 {
		if _, err := a.Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r := s.last.Load()
	if got := slices.Sorted(maps.Keys(r.Header)); !slices.Equal(got, []string{"Accept", "Accept-Encoding", "Connection", "User-Agent"}) || r.Header.Get("User-Agent") != "Syncline" || r.URL.RawQuery != "" || r.ContentLength > 0 {
		t.Errorf("%v %v %v", r.Header, r.URL, r.ContentLength)
	}
}

func TestWhatIsNoAnswerIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"no JSON":                 {says("<html>moved</html>"), "tells of no version"},
		"another form":            {says(`{"version":{"major":9}}`), "tells of no version"},
		"no version":              {says(`{}`), "tells of no version"},
		"a version of words":      {says(`{"version":"9.9.9; rm -rf /"}`), "tells of no version"},
		"an early version":        {says(`{"version":"9.9.9-rc1"}`), "tells of no version"},
		"a huge answer":           {says(`{"version":"9.9.9","x":"` + strings.Repeat("x", 1<<20) + `"}`), "longer than any"},
		"an endless answer":       {endless, "longer than any"},
		"a page of somebody else": {says(`{"version":"9.9.9","page":"https://example.com/get"}`), "somebody else"},
		"a page of another kind":  {says(`{"version":"9.9.9","page":"javascript:alert(1)"}`), "somebody else"},
		"a page that is a file":   {says(`{"version":"9.9.9","page":"file:///etc/passwd"}`), "somebody else"},
		"a fault": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"version":"9.9.9"}`, http.StatusServiceUnavailable)
		}, "503"},
		"a redirect to http": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.com/newest.json", http.StatusFound)
		}, "no address with https"},
		"redirects without end": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }, "from one address to the next"},
		"a line that breaks":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "did not say"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, now := newSite(t, c.answer), time.Now()
			a := s.asker(t, &now)
			if err := a.Choose(true); err != nil {
				t.Fatal(err)
			}
			st, err := a.Look(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || st.Newer != (newversion.Newer{}) || !st.Asks {
				t.Errorf("%+v, %v", st, err)
			}
		})
	}
}

// endless writes until nobody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(strings.Repeat(" ", 1<<12))); err != nil {
			return
		}
	}
}

func TestNobodyWaitsForAnAnswerThatDoesNotCome(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	s, now := newSite(t, func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() }), time.Now()
	a := s.asker(t, &now)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }() // the window is closed
	if _, err := a.Ask(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if d, ok := deadline(t, a); !ok || d > 5*time.Second {
		t.Errorf("it waits %v, %v", d, ok)
	}
}

// deadline is how long a question may take.
func deadline(t *testing.T, a newversion.Asker) (left time.Duration, ok bool) {
	t.Helper()
	a.Transport = carrier(func(r *http.Request) (*http.Response, error) {
		var at time.Time
		at, ok = r.Context().Deadline()
		left = time.Until(at)
		return nil, errors.New("offline")
	})
	if _, err := a.Ask(t.Context()); err == nil || !strings.Contains(err.Error(), "offline") {
		t.Error(err)
	}
	return left, ok
}

type carrier func(*http.Request) (*http.Response, error)

func (c carrier) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

func TestOnlyPrivateAddressesAreAsked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://example.com/newest.json", "ftp://example.com/newest", "newest.json", "file:///etc/passwd", "://"} {
		a := newversion.Asker{Address: address, Running: "0.1.0", Dir: t.TempDir(), Transport: carrier(func(*http.Request) (*http.Response, error) {
			t.Errorf("%s was asked", address)
			return nil, errors.New("no")
		})}
		if _, err := a.Ask(t.Context()); err == nil {
			t.Errorf("%s: no error", address)
		}
	}
}

func TestABuildWithoutAnAddressHasNothingToChoose(t *testing.T) {
	t.Parallel()
	a := newversion.Asker{Running: "0.1.0", Dir: t.TempDir()}
	if st := look(t, a); st != (newversion.State{}) {
		t.Errorf("%+v", st)
	}
	if err := a.Choose(true); err == nil || !strings.Contains(err.Error(), "no address") {
		t.Error(err)
	}
}

func TestWhatIsRememberedAndDamagedIsChosenAnew(t *testing.T) {
	t.Parallel()
	s, now := newSite(t, says(`{"version":"0.2.0"}`)), time.Now()
	a := s.asker(t, &now)
	if err := errors.Join(os.MkdirAll(a.Dir, 0o700), os.WriteFile(filepath.Join(a.Dir, "new-version.json"), []byte("{"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if st, err := a.Look(t.Context()); err == nil || st.Asks || s.asked.Load() != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if err := a.Choose(true); err != nil {
		t.Fatal(err)
	}
	if st := look(t, a); st.Newer.Version != "0.2.0" {
		t.Errorf("%+v", st)
	}
}

func TestWhichVersionIsNewer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		running, version string
		newer            bool
	}{
		{"0.1.0", "0.1.0", false}, {"0.1.0", "0.1.1", true}, {"0.9.0", "0.10.0", true}, {"1.0.0", "0.99.0", false},
		{"0.1.0-dev", "0.1.0", true}, {"0.2.0-dev", "0.1.0", false}, {"unknown", "9.0.0", false}, {"", "9.0.0", false}, {"0.1.0", "", false},
	} {
		if got := (newversion.Asker{Running: c.running}).IsNewer(c.version); got != c.newer {
			t.Errorf("%q is newer than %q: %v", c.version, c.running, got)
		}
	}
}

func TestAPageOfTheSameHostIsTold(t *testing.T) {
	t.Parallel()
	var s *site
	s = newSite(t, func(w http.ResponseWriter, r *http.Request) {
		says(`{"version":"0.2.0","page":"`+s.URL+`/0.2.0"}`)(w, r)
	})
	now := time.Now()
	got, err := s.asker(t, &now).Ask(t.Context())
	if err != nil || got.Page != s.URL+"/0.2.0" {
		t.Errorf("%+v, %v", got, err)
	}
}
