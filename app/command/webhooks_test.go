package command_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// listener is the program that receives events, which is killed and started again.
type listener struct {
	*world
	client  *http.Client
	rng     *rand.Rand
	process *exec.Cmd
	kills   int
	next    int // in so many requests it is killed
}

// ready starts the program and waits until it receives.
func (l *listener) ready() {
	l.t.Helper()
	if l.process != nil {
		return
	}
	l.process = l.command(l.t.Context(), "webhooks", "listen")
	out, err := l.process.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.process.Start(); err != nil {
		l.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, "receiving events of Acme") {
		l.t.Fatalf("%q, %v", line, err)
	}
	l.next = 5 + l.rng.IntN(15)
}

func (l *listener) end() {
	_ = l.process.Process.Kill()
	_ = l.process.Wait()
	l.process = nil
}

// send sends a request as HubSpot does. Now and then the program dies over it.
func (l *listener) send(r *http.Request) (int, error) {
	l.ready()
	l.next--
	dying := l.next == 0
	died := make(chan struct{})
	if dying {
		l.kills++
		after := time.Duration(l.rng.IntN(3000)) * time.Microsecond
		process := l.process.Process
		go func() {
			defer close(died)
			time.Sleep(after) // within what the program does with it
			_ = process.Kill()
		}()
	}
	a, err := l.client.Do(r)
	if dying {
		<-died
		l.end()
	}
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, a.Body)
	return a.StatusCode, a.Body.Close()
}

// freeAddress is an address of this computer on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestTenThousandEventsWithRepetitionsCopiesForgeriesAndKillsMarkEachRealOnceAndNoFalse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Options{Seed: 14})
	w.env = map[string]string{"SYNCLINE_CLIENT_ID": w.portal.OAuthApp().ClientID, "SYNCLINE_CLIENT_SECRET": w.portal.OAuthApp().ClientSecret}
	connect(t, w)
	var on struct{ URL string }
	if out, err := w.command(t.Context(), "webhooks", "on", "Acme", "--listen", freeAddress(t), "--json").Output(); err != nil || json.Unmarshal(out, &on) != nil || on.URL == "" {
		t.Fatalf("%s, %v", out, err)
	}
	w.portal.SetHook(&practice.Hook{URL: on.URL, Repeated: 0.2, Replayed: 0.1, Forged: 0.1, Shuffled: true, SharedIDs: true})
	const people, edits = 2000, 4
	var ids []string
	for i := range people {
		id, err := w.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		for n := range edits {
			if err := w.portal.Edit("contacts", id, map[string]string{"firstname": fmt.Sprint("Name", n)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l := &listener{world: w, rng: rand.New(rand.NewPCG(14, 0)), client: &http.Client{Timeout: 5 * time.Second}}
	for waiting := 1; waiting > 0; {
		var err error
		if waiting, err = w.portal.SendEvents(t.Context(), l.send); err != nil {
			t.Fatal(err)
		}
	}
	if l.process != nil {
		l.end()
	}
	sent, _ := w.portal.HookTally()
	if sent.Events != people*(1+edits) || sent.Lost != 0 || sent.Mistaken != 0 || sent.Repeated == 0 || sent.Replayed == 0 || sent.Forged == 0 || l.kills < 4 {
		t.Errorf("%+v, %d kills", sent, l.kills)
	}
	s, err := store.Open(t.Context(), w.workspace())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	hooks, err := s.Webhooks(t.Context())
	if err != nil || len(hooks) != 1 || hooks[0].Taken != people*(1+edits) || hooks[0].Repeated < sent.Repeated || hooks[0].Aside != 0 {
		t.Errorf("%+v, %v", hooks, err)
	}
	last, err := s.LastNotice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	marked, _, err := s.Noticed(t.Context(), w.portal.PortalID(), "0-1", false, 0, last, 10*people)
	slices.Sort(marked)
	slices.Sort(ids)
	if err != nil || !slices.Equal(marked, ids) {
		t.Errorf("%d records are marked, want the %d that changed; %v", len(marked), len(ids), err)
	}
	t.Logf("%d kills, %+v", l.kills, sent)
}

// connect keeps the practice portal as the connection Acme, whose token nobody needs.
func connect(t *testing.T, w *world) {
	t.Helper()
	s, err := store.Open(context.Background(), w.workspace())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SaveConnection(context.Background(), store.Connection{ID: "acme", Name: "Acme", Kind: "token", PortalID: w.portal.PortalID(), APIURL: w.server.URL}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
