package engine_test

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/source/opener"
)

// chances are the draws of one await, the same whatever else goes on at the time.
func (w *edgeStorm) chances(where string) *rand.Rand {
	w.met[where]++
	h := fnv.New64a()
	_, _ = h.Write([]byte(where))
	return rand.New(rand.NewPCG(w.seed, h.Sum64()+w.met[where]))
}

// stormLine is the line of one process, on which people act and calls fail.
type stormLine struct {
	w    *edgeStorm
	life *stormLife
	next http.RoundTripper
}

func (l stormLine) RoundTrip(r *http.Request) (*http.Response, error) {
	where := r.Method + " " + r.URL.Path
	l.life.point(where)
	if l.life.over() {
		return nil, errBuried
	}
	w := l.w
	w.mu.Lock()
	draw := w.chances(where)
	if w.acts && draw.IntN(5) == 0 {
		w.act(draw)
	}
	fault := draw.IntN(60)
	if !w.acts || fault == 0 && !strings.Contains(where, "batch") {
		fault = 59
	}
	if fault == 0 {
		w.mu.Unlock()
		return nil, errors.New("read: connection reset by peer")
	}
	a, err := l.next.RoundTrip(r)
	switch {
	case strings.Contains(where, "/associations/") && strings.HasSuffix(where, "/read"):
		w.seq++
		w.read = w.seq
		w.say("the engine looks")
	case r.Method != http.MethodGet && !strings.HasSuffix(where, "/read") && !strings.HasSuffix(where, "/search"):
		w.judge(where)
	}
	if w.acts && draw.IntN(5) == 0 {
		w.act(draw)
	}
	w.mu.Unlock()
	l.life.point("after " + where)
	if l.life.over() {
		return nil, errBuried
	}
	if fault == 1 && err == nil {
		_ = a.Body.Close()
		return nil, errors.New("read: connection reset by peer")
	}
	return a, err
}

// process is one run of the program; stopped tells that it died at the given await.
func (w *edgeStorm) process(until int, do func(context.Context, *engine.Engine) (engine.Result, error)) (res engine.Result, stopped bool) {
	w.t.Helper()
	life := &stormLife{until: until, died: make(chan string, 1), bury: make(chan struct{})}
	ended := make(chan error, 1)
	workspace := w.workspace
	go func() {
		var err error
		res, err = w.alive(life, workspace, do)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil && strings.Contains(err.Error(), "connection reset") { // again and again: the next one goes on
			return res, true
		}
		if err != nil {
			w.fail("the run failed: %v", err)
		}
		return res, false
	case where := <-life.died:
		w.mu.Lock()
		w.say("it dies at %s", where)
		w.mu.Unlock()
	}
	left := filepath.Join(w.t.TempDir(), "workspace")
	ok(w.t, os.Mkdir(left, 0o700))
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(workspace, store.File)+"?mode=ro")
	ok(w.t, err)
	_, err = db.Exec(`VACUUM INTO ?`, filepath.Join(left, store.File))
	ok(w.t, errors.Join(err, db.Close()))
	w.workspace = left
	close(life.bury)
	<-ended // what it still does, it does to what nobody looks at any more
	return engine.Result{}, true
}

func (w *edgeStorm) alive(life *stormLife, workspace string, do func(context.Context, *engine.Engine) (engine.Result, error)) (engine.Result, error) {
	ctx := w.t.Context()
	db, err := store.Open(ctx, workspace)
	if err != nil {
		return engine.Result{}, err
	}
	defer db.Close()
	d, err := definition.Load(w.def)
	if err != nil {
		return engine.Result{}, err
	}
	src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key, Zone: d.Source.Location()})
	if err != nil {
		return engine.Result{}, err
	}
	defer src.Close()
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(w.portal.Token()), Transport: stormLine{w, life, w.portal.Transport()}, Reserve: -1})
	if err != nil {
		return engine.Result{}, err
	}
	return do(ctx, &engine.Engine{Store: db, Client: c, Source: src, Definition: d, Confirmed: true, At: func(p string) { life.point("at " + p) }})
}
