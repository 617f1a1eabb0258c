package settings

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// releases is an address that this build may ask, until the test ends.
func releases(t *testing.T) (asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		fmt.Fprintf(w, `{"version":"987.6.5","page":"http://%s/987.6.5"}`, r.Host)
	}))
	app.ReleasesURL = site.URL
	t.Cleanup(func() { app.ReleasesURL = ""; site.Close() })
	return asked
}

func TestNewerVersionsAreToldToThoseWhoChoseIt(t *testing.T) {
	asked := releases(t)
	b := withSample(t, look.Light)
	b.W.App.Env.Config = t.TempDir()
	show := func() *newer {
		b.W.GoTo(shell.PlaceSettings)
		b.Settle()
		s, ok := b.W.Current().(*settings)
		if !ok || s.newer == nil {
			t.Fatalf("the screen is %T", b.W.Current())
		}
		return s.newer
	}
	n := show()
	if n.asks.On || !strings.HasPrefix(n.row.Sub, "Off. 127.0.0.1 would be asked") || n.page.Visible() || asked.Load() != 0 {
		t.Errorf("at first: %v, %q, asked %d times", n.asks.On, n.row.Sub, asked.Load())
	}
	n.asks.Tapped(nil)
	b.Settle()
	if !n.asks.On || n.row.Sub != "Version 987.6.5 is out; you have "+app.Version || !n.page.Visible() || asked.Load() != 1 {
		t.Errorf("chosen: %v, %q, asked %d times", n.asks.On, n.row.Sub, asked.Load())
	}
	b.Picture("settings-newer", 1280, 800)
	// Home says it in a line, and nobody is asked a second time that day.
	b.Home()
	b.Until("the line on Home", func() bool {
		return strings.Contains(shelltest.Texts(b.W.Current().Content()), "Syncline 987.6.5 is out")
	})
	b.Picture("home-newer", 1280, 800)
	n = show()
	if n.asks.Tapped(nil); asked.Load() != 1 {
		t.Errorf("asked %d times on one day", asked.Load())
	}
	b.Settle()
	b.Home()
	b.Settle()
	if text := shelltest.Texts(b.W.Current().Content()); n.asks.On || asked.Load() != 1 || strings.Contains(text, "987.6.5") {
		t.Errorf("taken back: %v, asked %d times", n.asks.On, asked.Load())
	}
}

func TestABuildThatCanAskNobodyOffersNothing(t *testing.T) {
	b := withSample(t, look.Light)
	b.W.GoTo(shell.PlaceSettings)
	b.Settle()
	if s := b.W.Current().(*settings); s.newer != nil || strings.Contains(shelltest.Texts(s.root), "newer versions") {
		t.Error("a choice is offered")
	}
}
