package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"syncline/app/logbook"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
)

// logFolder is the folder of the log in a workspace.
const logFolder = "logs"

// noticeable is the wait for a limit that the log tells.
const noticeable = 50 * time.Millisecond

// Logs returns up to n lines of the log, the newest last.
func (a *App) Logs(n int) ([]logbook.Entry, error) { return a.Book.Newest(n) }

// ExportLogs writes the whole log to a file, one JSON object a line, and
// returns the number of lines. It holds nothing that a stranger must not see.
// The file appears whole or not at all.
func (a *App) ExportLogs(path string) (int, error) {
	return wholeFile(path, func(w io.Writer) (int, error) { return a.Book.Export(w) })
}

// begin starts the log of this process.
func (a *App) begin() {
	a.started = time.Now()
	for _, secret := range []string{a.Env.Token, a.Env.Credentials.ClientSecret, DefaultClientSecret} {
		a.Book.Hide(secret)
	}
	a.log = a.Book.Logger().With("pid", os.Getpid())
	a.log.Info("program started", "version", Version, "system", runtime.GOOS, "machine", runtime.GOARCH, "go", runtime.Version())
}

func (a *App) end(err error) {
	attrs := []any{"after", time.Since(a.started).Round(time.Millisecond)}
	if err != nil {
		attrs = append(attrs, "error", err)
	}
	a.log.Info("program ended", attrs...)
}

// logFailure tells of an error where work ends with it. What a person stopped
// is no failure.
func (a *App) logFailure(what string, err error, attrs ...any) {
	if err == nil {
		return
	}
	level := slog.LevelError
	if errors.Is(err, context.Canceled) {
		level = slog.LevelInfo
	}
	a.log.Log(context.Background(), level, what+" failed", append(attrs, "error", err)...)
}

// logConnection tells of a portal that was connected or disconnected, or that
// it did not work.
func (a *App) logConnection(what string, c store.Connection, err error) {
	if err != nil {
		a.logFailure(what, err)
		return
	}
	a.log.Info(what, "connection", c.ID, "portal", c.PortalID, "kind", c.Kind, "type", c.AccountType, "host", c.APIURL, "scopes", c.Scopes)
}

// observe tells of every exchange with HubSpot through a connection.
func (a *App) observe(connection string) func(hubspot.Exchange) {
	return func(x hubspot.Exchange) {
		attrs := []slog.Attr{slog.String("connection", connection), slog.String("method", x.Method), slog.String("path", x.Path), slog.Int("status", x.Status),
			slog.Duration("took", x.Duration), slog.String("correlation", x.CorrelationID), slog.Int("attempt", x.Attempt)}
		if x.Waited >= noticeable {
			attrs = append(attrs, slog.Duration("waited", x.Waited))
		}
		level := slog.LevelInfo
		if x.Err != nil {
			level = slog.LevelWarn
			attrs = append(attrs, slog.Any("error", x.Err))
		}
		if x.Again {
			attrs = append(attrs, slog.Duration("again_after", x.Wait))
		}
		a.log.LogAttrs(context.Background(), level, "call", attrs...)
	}
}

// begin tells that work on a sync begins, then each of its phases, and with
// the function that it returns, what it came to.
func (s *Session) begin(what string) (end func(engine.Result, error)) {
	log := s.app.log.With("work", what, "connection", s.Portal.ID, "object", s.Definition.HubSpot.Object, "source", s.Definition.Source.Kind)
	start := time.Now()
	log.Info("work began", "fields", len(s.Definition.Fields))
	s.Engine.Progress.Entered = func(now engine.Snapshot) {
		log.Info("phase", "phase", string(now.Phase), "after", time.Since(start).Round(time.Millisecond), "rows", now.Rows, "records", now.Search.Done, "written", now.Batch.Done)
	}
	return func(res engine.Result, err error) {
		attrs := []any{"outcome", res.State, "run", res.RunID, "plan", res.PlanID, "after", time.Since(start).Round(time.Millisecond), "counts", res.Counts, "calls", res.Calls}
		var guard *engine.GuardError
		switch {
		case err == nil || errors.As(err, &guard):
			log.Info("work ended", attrs...)
		case errors.Is(err, context.Canceled):
			log.Info("work stopped", attrs...)
		default:
			log.Error("work failed", append(attrs, "error", err)...)
		}
	}
}

// hiding is a source of tokens each of which is made known to the log before
// it is used.
func (a *App) hiding(tokens hubspot.TokenSource) hubspot.TokenSource {
	h := hiddenTokens{tokens, a.Book}
	if r, ok := tokens.(hubspot.Refresher); ok {
		return refreshedTokens{h, r}
	}
	return h
}

type hiddenTokens struct {
	hubspot.TokenSource
	book *logbook.Book
}

// Token implements hubspot.TokenSource.
func (h hiddenTokens) Token(ctx context.Context) (string, error) {
	token, err := h.TokenSource.Token(ctx)
	if err == nil {
		h.book.Hide(token)
	}
	return token, err
}

type refreshedTokens struct {
	hiddenTokens
	hubspot.Refresher
}
