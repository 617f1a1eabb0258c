package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncline/app"
	"syncline/app/terminal"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
)

func (c *call) session(ctx context.Context, path string, progress *engine.Progress) (*app.Session, error) {
	return c.app.OpenSync(ctx, path, app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress, Lane: c.laneChoice(), Pull: c.pullChoice()})
}

func check(ctx context.Context, c *call) (app.Kind, error) {
	if c.newID {
		id, err := c.app.NewID(ctx, c.args[0])
		if err != nil {
			return app.Failed, err
		}
		fmt.Fprintf(c.Err, "%s has the id %s now\n", plainly(c.args[0]), id)
	}
	if c.isSet() {
		return checkSet(ctx, c)
	}
	doc, err := c.checked(ctx, c.args[0])
	if err == nil && c.json {
		err = c.document(doc)
	}
	if err != nil {
		return app.Failed, err
	}
	return c.tellChecked(doc, c.args[0]), nil
}

// checkedDoc is the JSON document of a check.
type checkedDoc struct {
	Document string           `json:"document,omitempty"` // in a set, as that names it
	Sync     string           `json:"sync"`
	ID       string           `json:"id"`
	Notes    []string         `json:"notes"`
	Problems []map[string]any `json:"problems"`
	Scopes   []map[string]any `json:"scopes"`
	failure

	problems []definition.Problem
	needs    []app.Need
}

// checked checks one sync.
func (c *call) checked(ctx context.Context, path string) (doc checkedDoc, err error) {
	doc = checkedDoc{Notes: []string{}, Problems: []map[string]any{}, Scopes: []map[string]any{}}
	s, err := c.session(ctx, path, nil)
	if err != nil {
		return doc, err
	}
	defer s.Close()
	if doc.problems, err = s.Check(ctx); err != nil {
		return doc, err
	}
	for _, p := range doc.problems {
		doc.Problems = append(doc.Problems, map[string]any{"line": p.Line, "column": p.Column, "key": p.Key, "message": p.Msg})
	}
	doc.Sync, doc.ID, doc.Notes = s.Definition.Name, s.Definition.ID, append(doc.Notes, s.Notes...)
	doc.needs, doc.Scopes = s.Needs, needs(s.Needs)
	return doc, nil
}

// tellChecked tells people what a check found, and gives the exit status that
// it stands for.
func (c *call) tellChecked(doc checkedDoc, path string) app.Kind {
	if len(doc.problems) > 0 {
		fmt.Fprintln(c.Err, &definition.Error{Path: path, Problems: doc.problems})
		return app.WrongUse
	}
	if c.json {
		return 0
	}
	fmt.Fprintf(c.Out, "%s: no problems found\n", plainly(doc.Sync))
	for _, n := range doc.Notes {
		fmt.Fprintln(c.Out, plainly(n))
	}
	for _, n := range doc.needs {
		if n.Missing {
			fmt.Fprintf(c.Out, "optional scope that is not granted: %s\n", n)
		}
	}
	return 0
}

// checkWays refuses a word of --lane or --pull that there is not.
func (c *call) checkWays() error {
	if c.lane != "" && !slices.Contains(flagWords["lane"], c.lane) {
		return &app.UseError{Msg: fmt.Sprintf("--lane is auto, batch or bulk, not %q", c.lane)}
	}
	if c.pull != "" && !slices.Contains(flagWords["pull"], c.pull) {
		return &app.UseError{Msg: fmt.Sprintf("--pull is auto, list or export, not %q", c.pull)}
	}
	return nil
}

// pullChoice is what --pull says.
func (c *call) pullChoice() engine.PullChoice {
	if c.pull == "auto" {
		return engine.PullAuto
	}
	return engine.PullChoice(c.pull)
}

// laneChoice is what --lane says.
func (c *call) laneChoice() engine.LaneChoice {
	if c.lane == "auto" {
		return engine.LaneAuto
	}
	return engine.LaneChoice(c.lane)
}

func preview(ctx context.Context, c *call) (app.Kind, error) {
	if err := c.checkWays(); err != nil {
		return app.Failed, err
	}
	if c.isSet() {
		return c.carrySet(ctx, func(o app.SetOptions) (app.SetResult, error) { return c.app.PreviewSet(ctx, c.args[0], o) })
	}
	return c.carry(ctx, func(s *app.Session) (engine.Result, error) { return s.Preview(ctx) })
}

func run(ctx context.Context, c *call) (app.Kind, error) {
	if err := c.checkWays(); err != nil {
		return app.Failed, err
	}
	if c.redo != "" && c.plan != "" {
		return app.Failed, &app.UseError{Msg: "--redo makes a new plan of what an undo took back, so that --plan can't be given beside it"}
	}
	if c.isSet() {
		return c.carrySet(ctx, func(o app.SetOptions) (app.SetResult, error) { return c.app.RunSet(ctx, c.args[0], o) })
	}
	return c.carry(ctx, func(s *app.Session) (engine.Result, error) {
		if c.redo != "" {
			if err := s.Redo(ctx, c.redo); err != nil {
				return engine.Result{}, err
			}
		}
		return s.Run(ctx, c.plan)
	})
}

// carry does the work of a session, shows its progress and prints its result.
func (c *call) carry(ctx context.Context, do func(*app.Session) (engine.Result, error)) (app.Kind, error) {
	progress := &engine.Progress{}
	s, err := c.session(ctx, c.args[0], progress)
	if err != nil {
		return app.Failed, err
	}
	defer s.Close()
	stop := c.follow(func() string { return progressLine(progress.Snapshot()) })
	res, err := do(s)
	stop()
	return c.conclude(ctx, res, err)
}

func undo(ctx context.Context, c *call) (app.Kind, error) {
	if set, err := c.ofSet(ctx); err != nil {
		return app.Failed, err
	} else if set {
		return undoSet(ctx, c)
	}
	if len(c.syncs) > 0 {
		return app.Failed, &app.UseError{Msg: "--sync takes back one sync of a set's run, and this is the run of one sync: leave it out"}
	}
	progress := &engine.Progress{}
	stop := c.follow(func() string { return progressLine(progress.Snapshot()) })
	res, err := c.app.Undo(ctx, c.args[0], app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress,
		Part: store.Part{Fields: c.fields, Rows: c.rows}})
	stop()
	return c.conclude(ctx, res, err)
}

// conclude prints a result and gives the exit status that it stands for.
func (c *call) conclude(ctx context.Context, res engine.Result, err error) (app.Kind, error) {
	var guard *engine.GuardError
	var failing *engine.FailingError
	if err != nil && !errors.As(err, &guard) && !errors.As(err, &failing) {
		return app.Failed, err
	}
	if perr := c.print(ctx, res); perr != nil {
		return app.Failed, perr
	}
	switch {
	case guard != nil:
		fmt.Fprintf(c.Err, "syncline: %v Add --yes to confirm it.\n", guard)
		return app.Guarded, nil
	case failing != nil:
		fmt.Fprintf(c.Err, "syncline: %v\n", failing)
		return app.Guarded, nil
	}
	return app.Outcome(res, nil), nil
}

func shown(s *string) string {
	if s == nil || *s == "" {
		return "(empty)"
	}
	return fmt.Sprintf("%q", *s)
}

// plainly keeps a text of somebody's on its line.
func plainly(text string) string { return terminal.Line(text) }

// follow prints how far the work is on standard error until stop is called.
func (c *call) follow(now func() string) (stop func()) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		last := ""
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if line := now(); line != last {
				fmt.Fprintln(c.Err, line)
				last = line
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func progressLine(s engine.Snapshot) string {
	switch {
	case s.Waiting != "":
		return "waiting for " + s.Waiting
	case s.Phase == engine.PhasePull:
		return fmt.Sprintf("reading: %d rows, %d records", s.Rows, s.Search.Done)
	case s.Phase == engine.PhaseApply && s.Batch.Total > 0:
		return fmt.Sprintf("writing: %d of %d", s.Batch.Done, s.Batch.Total)
	}
	return string(s.Phase)
}
