package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"syncline/app"
	"syncline/sync/engine"
)

// reconciled is the JSON document of a reconciliation.
type reconciled struct {
	Reconcile string                 `json:"reconcile"`
	Sync      string                 `json:"sync"`
	Equal     bool                   `json:"equal"`
	Counts    engine.ReconcileCounts `json:"counts"`
	Calls     engine.Calls           `json:"calls"`
	Notes     []string               `json:"notes,omitempty"`
	Rows      []engine.Difference    `json:"rows"` // filled as they come
}

func reconcile(ctx context.Context, c *call) (kind app.Kind, err error) {
	progress := &engine.Progress{}
	s, err := c.session(ctx, progress)
	if err != nil {
		return app.Failed, err
	}
	defer s.Close()
	stop := c.follow(progress)
	r, err := s.Reconcile(ctx)
	stop()
	if err != nil {
		return app.Failed, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	out := bufio.NewWriter(c.Out)
	if c.json {
		err = streamed(out, reconciled{Reconcile: r.ID, Sync: r.Sync, Equal: r.Counts.Same(), Counts: r.Counts, Calls: r.Calls, Notes: r.Notes, Rows: []engine.Difference{}}, r.Rows(ctx))
	} else {
		err = printReconciled(ctx, out, r)
	}
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err != nil:
		return app.Failed, err
	case !r.Counts.Same():
		return app.Remaining, nil
	}
	return 0, nil
}

func printReconciled(ctx context.Context, out *bufio.Writer, r *engine.Reconciliation) error {
	n := r.Counts
	verdict := "both sides are equal"
	if !n.Same() {
		verdict = "the sides differ"
	}
	fmt.Fprintf(out, "%s: %s\n", plainly(r.Sync), verdict)
	fmt.Fprintf(out, "%d equal + %d different + %d only in the source + %d only in HubSpot = %d read\n", n.Equal, n.Different, n.OnlySource, n.OnlyHubSpot, n.Read)
	for _, note := range r.Notes {
		fmt.Fprintln(out, plainly(note))
	}
	for d, err := range r.Rows(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-12s %s: %s\n", d.Found, differenceName(d), plainly(d.Reason))
		for _, f := range d.Fields {
			drift := ""
			if f.Drift {
				drift = " (drift)"
			}
			fmt.Fprintf(out, "               %s: source %s, HubSpot %s%s\n", f.Property, shown(f.Source), shown(f.HubSpot), drift)
		}
	}
	return nil
}

func differenceName(d engine.Difference) string {
	name := plainly(d.Key)
	if name == "" && d.Record != "" {
		name = "record " + d.Record
	}
	if d.Line > 0 {
		name = fmt.Sprintf("%s (line %d)", name, d.Line)
	}
	return name
}
