package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syncline/app"
	"syncline/app/terminal"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

func (c *call) session(ctx context.Context, progress *engine.Progress) (*app.Session, error) {
	return c.app.OpenSync(ctx, c.args[0], app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress})
}

func check(ctx context.Context, c *call) (app.Kind, error) {
	if c.newID {
		id, err := c.app.NewID(ctx, c.args[0])
		if err != nil {
			return app.Failed, err
		}
		fmt.Fprintf(c.Err, "%s has the id %s now\n", plainly(c.args[0]), id)
	}
	s, err := c.session(ctx, nil)
	if err != nil {
		return app.Failed, err
	}
	defer s.Close()
	problems, err := s.Check(ctx)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		list := make([]map[string]any, 0, len(problems))
		for _, p := range problems {
			list = append(list, map[string]any{"line": p.Line, "column": p.Column, "key": p.Key, "message": p.Msg})
		}
		if err := c.document(map[string]any{"sync": s.Definition.Name, "id": s.Definition.ID, "notes": append([]string{}, s.Notes...), "problems": list, "scopes": needs(s.Needs)}); err != nil {
			return app.Failed, err
		}
	}
	if len(problems) > 0 {
		fmt.Fprintln(c.Err, &definition.Error{Path: s.Definition.Path, Problems: problems})
		return app.WrongUse, nil
	}
	if !c.json {
		fmt.Fprintf(c.Out, "%s: no problems found\n", plainly(s.Definition.Name))
		for _, n := range s.Notes {
			fmt.Fprintln(c.Out, plainly(n))
		}
		for _, n := range s.Needs {
			if n.Missing {
				fmt.Fprintf(c.Out, "optional scope that is not granted: %s\n", n)
			}
		}
	}
	return 0, nil
}

func preview(ctx context.Context, c *call) (app.Kind, error) {
	return c.carry(ctx, func(s *app.Session) (engine.Result, error) { return s.Preview(ctx) })
}

func run(ctx context.Context, c *call) (app.Kind, error) {
	if c.redo != "" && c.plan != "" {
		return app.Failed, &app.UseError{Msg: "--redo makes a new plan of what an undo took back, so that --plan can't be given beside it"}
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
	s, err := c.session(ctx, progress)
	if err != nil {
		return app.Failed, err
	}
	defer s.Close()
	stop := c.follow(progress)
	res, err := do(s)
	stop()
	return c.conclude(ctx, res, err)
}

func undo(ctx context.Context, c *call) (app.Kind, error) {
	progress := &engine.Progress{}
	stop := c.follow(progress)
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
	case res.State == plan.RunDone && (res.Counts.Conflict > 0 || res.Counts.Failed > 0):
		return app.Remaining, nil
	}
	return 0, nil
}

func shown(s *string) string {
	if s == nil || *s == "" {
		return "(empty)"
	}
	return fmt.Sprintf("%q", *s)
}

// plainly keeps a text of somebody's on its line.
func plainly(text string) string { return terminal.Line(text) }

// follow prints the phases of a run on standard error until stop is called.
func (c *call) follow(p *engine.Progress) (stop func()) {
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
			if line := progressLine(p.Snapshot()); line != last {
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
