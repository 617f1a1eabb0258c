package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syncline/app"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
)

func (c *call) session(ctx context.Context, progress *engine.Progress) (*app.Session, error) {
	return c.app.OpenSync(ctx, c.args[0], app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress})
}

func check(ctx context.Context, c *call) (app.Kind, error) {
	s, err := c.session(ctx, nil)
	if err != nil {
		return app.Failed, err
	}
	defer s.Close()
	problems, err := s.Engine.Check(ctx)
	if err != nil {
		return app.Failed, err
	}
	if c.json {
		list := make([]map[string]any, 0, len(problems))
		for _, p := range problems {
			list = append(list, map[string]any{"line": p.Line, "column": p.Column, "key": p.Key, "message": p.Msg})
		}
		if err := c.document(map[string]any{"sync": s.Definition.Name, "problems": list}); err != nil {
			return app.Failed, err
		}
	}
	if len(problems) > 0 {
		fmt.Fprintln(c.Err, &definition.Error{Path: s.Definition.Path, Problems: problems})
		return app.WrongUse, nil
	}
	if !c.json {
		fmt.Fprintf(c.Out, "%s: no problems found\n", s.Definition.Name)
	}
	return 0, nil
}

func preview(ctx context.Context, c *call) (app.Kind, error) {
	return c.carry(ctx, func(s *app.Session) (engine.Result, error) { return s.Engine.Preview(ctx) })
}

func run(ctx context.Context, c *call) (app.Kind, error) {
	return c.carry(ctx, func(s *app.Session) (engine.Result, error) { return s.Engine.Run(ctx, c.plan) })
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
	res, err := c.app.Undo(ctx, c.args[0], app.Options{Portal: c.portal, Confirmed: c.yes, Progress: progress})
	stop()
	return c.conclude(ctx, res, err)
}

// conclude prints a result and gives the exit status that it stands for.
func (c *call) conclude(ctx context.Context, res engine.Result, err error) (app.Kind, error) {
	var guard *engine.GuardError
	if err != nil && !errors.As(err, &guard) {
		return app.Failed, err
	}
	if perr := c.print(ctx, res); perr != nil {
		return app.Failed, perr
	}
	switch {
	case guard != nil:
		fmt.Fprintf(c.Err, "syncline: %v Add --yes to confirm it.\n", guard)
		return app.Guarded, nil
	case res.State == engine.StateDone && (res.Counts.Conflict > 0 || res.Counts.Failed > 0):
		return app.Remaining, nil
	}
	return 0, nil
}

func (c *call) print(ctx context.Context, res engine.Result) error {
	doc, err := c.app.Report(ctx, res)
	if err != nil {
		return err
	}
	if c.json {
		return c.document(doc)
	}
	n := doc.Counts
	fmt.Fprintf(c.Out, "%s: %s\n", doc.Sync, doc.State)
	fmt.Fprintf(c.Out, "%d created + %d updated + %d unchanged + %d conflict + %d skipped + %d failed = %d read\n", n.Created, n.Updated, n.Unchanged, n.Conflict, n.Skipped, n.Failed, n.Read)
	if n.SourceCreated+n.SourceUpdated+n.Archived > 0 {
		fmt.Fprintf(c.Out, "in the source: %d created, %d updated; archived in HubSpot: %d\n", n.SourceCreated, n.SourceUpdated, n.Archived)
	}
	fmt.Fprintf(c.Out, "%d calls, %d of them searches\n", doc.Calls.Total, doc.Calls.Search)
	for _, note := range doc.Notes {
		fmt.Fprintln(c.Out, note)
	}
	for _, row := range doc.Rows {
		c.printRow(row)
	}
	if doc.Run != "" {
		fmt.Fprintf(c.Out, "run %s\n", doc.Run)
	}
	if doc.Plan != "" {
		fmt.Fprintf(c.Out, "plan %s\n", doc.Plan)
	}
	return nil
}

func (c *call) printRow(row app.ReportRow) {
	name := row.Key
	if row.Line > 0 {
		name = fmt.Sprintf("%s (line %d)", row.Key, row.Line)
	}
	fmt.Fprintf(c.Out, "  %-9s %s: %s\n", row.Fate, name, row.Reason)
	for _, f := range row.Fields {
		if row.Fate == store.FateCreated {
			continue
		}
		fmt.Fprintf(c.Out, "            %s: %s → %s\n", f.Property, shown(f.Old), shown(f.New))
	}
}

func shown(s *string) string {
	if s == nil || *s == "" {
		return "(empty)"
	}
	return fmt.Sprintf("%q", *s)
}

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
