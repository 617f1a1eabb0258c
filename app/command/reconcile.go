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
	Document  string                 `json:"document,omitempty"` // in a set, as that names it
	Reconcile string                 `json:"reconcile"`
	Sync      string                 `json:"sync"`
	Equal     bool                   `json:"equal"`
	Counts    engine.ReconcileCounts `json:"counts"`
	Calls     engine.Calls           `json:"calls"`
	Notes     []string               `json:"notes,omitempty"`
	Rows      []engine.Difference    `json:"rows"` // filled as they come
	failure
}

func reconcile(ctx context.Context, c *call) (kind app.Kind, err error) {
	if c.isSet() {
		return reconcileSet(ctx, c)
	}
	r, err := c.reconciliation(ctx, c.args[0])
	if err != nil {
		return app.Failed, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	out := bufio.NewWriter(c.Out)
	if err = c.printReconciliation(ctx, out, r, ""); err == nil {
		err = out.Flush()
	}
	if err != nil {
		return app.Failed, err
	}
	return outcome(r), nil
}

// reconciliation reads both sides of one sync and compares them. Close what it
// returns.
func (c *call) reconciliation(ctx context.Context, path string) (*engine.Reconciliation, error) {
	progress := &engine.Progress{}
	s, err := c.session(ctx, path, progress)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	stop := c.follow(func() string { return progressLine(progress.Snapshot()) })
	defer stop()
	return s.Reconcile(ctx)
}

func outcome(r *engine.Reconciliation) app.Kind {
	if !r.Counts.Same() {
		return app.Remaining
	}
	return 0
}

// printReconciliation prints what was found, in a set under the name of its
// document.
func (c *call) printReconciliation(ctx context.Context, out *bufio.Writer, r *engine.Reconciliation, document string) error {
	if !c.json {
		return printReconciled(ctx, out, r)
	}
	return streamed(out, reconciled{Document: document, Reconcile: r.ID, Sync: r.Sync, Equal: r.Counts.Same(), Counts: r.Counts, Calls: r.Calls, Notes: r.Notes, Rows: []engine.Difference{}}, listOf("rows", r.Rows(ctx)))
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
