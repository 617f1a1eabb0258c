package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"syncline/app"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// isSet tells whether the document that a command names is a set.
func (c *call) isSet() bool { return definition.IsSet(c.args[0]) }

func (c *call) setOptions() app.SetOptions {
	return app.SetOptions{Portal: c.portal, Confirmed: c.yes, Plan: c.plan, Redo: c.redo, Progress: &app.SetProgress{}, Lane: c.laneChoice(), Pull: c.pullChoice()}
}

// carrySet works on a set, shows its progress and prints what it came to.
func (c *call) carrySet(ctx context.Context, do func(app.SetOptions) (app.SetResult, error)) (app.Kind, error) {
	o := c.setOptions()
	stop := c.follow(func() string { return setLine(o.Progress.Snapshot()) })
	res, err := do(o)
	stop()
	if err != nil {
		return app.Failed, err
	}
	if err := c.printSet(ctx, res); err != nil {
		return app.Failed, err
	}
	for _, m := range res.Members {
		c.tellFailure(m.Document, m.Err)
	}
	return res.Kind(), nil
}

// setLine says how far the sync is that is at work.
func setLine(s app.SetSnapshot) string {
	if s.At >= len(s.Members) {
		return ""
	}
	m := s.Members[s.At]
	return fmt.Sprintf("%s (%d of %d): %s", plainly(m.Document), s.At+1, len(s.Members), progressLine(m.Progress))
}

// tellFailure says on standard error what went wrong with one sync of a set.
func (c *call) tellFailure(document string, err error) {
	var guard *engine.GuardError
	switch {
	case err == nil:
	case errors.As(err, &guard):
		fmt.Fprintf(c.Err, "syncline: %s: %v Add --yes to confirm it.\n", plainly(document), guard)
	default:
		fmt.Fprintf(c.Err, "syncline: %s: %s\n", plainly(document), explained(err))
	}
}

// setHead is the JSON document of a set without what its syncs came to.
type setHead struct {
	Set    string        `json:"set"`
	Run    string        `json:"run"`
	Plan   string        `json:"plan"`
	UndoOf string        `json:"undo_of,omitempty"`
	State  plan.RunState `json:"state,omitempty"`
	Notes  []string      `json:"notes,omitempty"`
	Runs   []int         `json:"runs"` // filled as they come
}

// setMember is what one sync of a set came to.
type setMember struct {
	Document string `json:"document"`
	app.Report
	failure
}

// failure is what keeps a sync of a set from its end, as in the document of a
// command that failed.
type failure struct {
	Exit   app.Kind         `json:"exit,omitempty"`
	Error  map[string]any   `json:"error,omitempty"`
	Scopes []map[string]any `json:"scopes,omitempty"`
}

func failureOf(err error) failure {
	if err == nil {
		return failure{}
	}
	e := explain(err)
	f := failure{Exit: e.Kind, Error: errorObject(e)}
	var scope *app.ScopeError
	if errors.As(err, &scope) {
		f.Scopes = needs(scope.Needs)
	}
	return f
}

func (c *call) printSet(ctx context.Context, res app.SetResult) error {
	out := bufio.NewWriter(c.Out)
	if !c.json {
		fmt.Fprintf(out, "%s: %s\n", plainly(res.Set), res.State)
		for _, note := range res.Notes {
			fmt.Fprintln(out, plainly(note))
		}
	}
	list, err := c.beginSet(out, setHead{Set: res.Set, Run: res.Run, Plan: res.Plan, UndoOf: res.UndoOf, State: res.State, Notes: res.Notes})
	if err != nil {
		return err
	}
	for _, m := range res.Members {
		doc, err := c.app.ReportHead(ctx, m.Result)
		if err != nil {
			return err
		}
		if c.json {
			err = list.add(func(out *bufio.Writer) error {
				return streamed(out, setMember{m.Document, doc, failureOf(m.Err)}, listOf("rows", c.reportRows(ctx, doc.Plan)), listOf("associations", c.reportEdges(ctx, doc.Plan)))
			})
		} else {
			fmt.Fprintf(out, "\n%s\n", plainly(m.Document))
			if doc.State != app.NotBegun {
				err = c.printText(ctx, out, doc)
			} else {
				fmt.Fprintln(out, app.NotBegun)
			}
		}
		if err != nil {
			return err
		}
	}
	if c.json {
		return list.end()
	}
	if res.Run != "" {
		fmt.Fprintf(out, "\nrun of the set %s\n", res.Run)
	}
	if res.Plan != "" {
		fmt.Fprintf(out, "plan of the set %s\n", res.Plan)
	}
	return out.Flush()
}

// members prints the documents of a set's syncs into that of the set.
type members struct {
	out  *bufio.Writer
	tail []byte
	n    int
}

// beginSet prints the document of a set up to its syncs. Without --json it
// prints nothing.
func (c *call) beginSet(out *bufio.Writer, head setHead) (*members, error) {
	if !c.json {
		return nil, nil
	}
	head.Runs = []int{}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(head); err != nil {
		return nil, err
	}
	before, tail, ok := bytes.Cut(text.Bytes(), []byte("\n  \"runs\": []"))
	if !ok {
		return nil, errors.New("the document of the set has no list of runs")
	}
	out.Write(before) // a bufio.Writer keeps its error until Flush
	out.WriteString("\n  \"runs\": [")
	return &members{out: out, tail: tail}, nil
}

// add prints the document of one sync.
func (m *members) add(write func(*bufio.Writer) error) error {
	if m.n > 0 {
		m.out.WriteString(",")
	}
	m.n++
	m.out.WriteString("\n    ")
	inner := bufio.NewWriter(&indenter{w: m.out})
	if err := write(inner); err != nil {
		return err
	}
	return inner.Flush()
}

func (m *members) end() error {
	if m.n > 0 {
		m.out.WriteString("\n  ")
	}
	m.out.WriteString("]")
	m.out.Write(m.tail)
	return m.out.Flush()
}

// indenter indents the lines of a JSON document, and leaves out the line break
// at its end.
type indenter struct {
	w      io.Writer
	broken bool
}

func (i *indenter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if i.broken && len(line) > 0 {
			i.broken = false
			if _, err := io.WriteString(i.w, "\n    "); err != nil {
				return 0, err
			}
		}
		if _, err := i.w.Write(line); err != nil {
			return 0, err
		}
		i.broken = i.broken || found
		rest = after
	}
	return len(p), nil
}

// checkSet checks every sync of a set, also after one that is wrong.
func checkSet(ctx context.Context, c *call) (app.Kind, error) {
	set, err := c.app.OpenSet(c.args[0])
	if err != nil {
		return app.Failed, err
	}
	out := bufio.NewWriter(c.Out)
	list, err := c.beginSet(out, setHead{Set: set.Name, Notes: set.Notes})
	if err != nil {
		return app.Failed, err
	}
	if !c.json {
		for _, note := range set.Notes {
			fmt.Fprintln(c.Out, plainly(note))
		}
	}
	var kinds []app.Kind
	for i, path := range set.Paths {
		doc, err := c.checked(ctx, path)
		if doc.Document, doc.failure = set.Documents[i], failureOf(err); err != nil {
			doc.Scopes = append(doc.Scopes, doc.failure.Scopes...)
		}
		if c.json {
			if err := list.add(func(out *bufio.Writer) error { return encode(out, doc) }); err != nil {
				return app.Failed, err
			}
		}
		if err != nil {
			c.tellFailure(doc.Document, err)
			kinds = append(kinds, doc.Exit)
			continue
		}
		kinds = append(kinds, c.tellChecked(doc, path))
	}
	if c.json {
		err = list.end()
	}
	return app.Worst(kinds...), err
}

// reconcileSet reconciles every sync of a set.
func reconcileSet(ctx context.Context, c *call) (app.Kind, error) {
	set, err := c.app.OpenSet(c.args[0])
	if err != nil {
		return app.Failed, err
	}
	out := bufio.NewWriter(c.Out)
	list, err := c.beginSet(out, setHead{Set: set.Name, Notes: set.Notes})
	if err != nil {
		return app.Failed, err
	}
	var kinds []app.Kind
	for i, path := range set.Paths {
		document := set.Documents[i]
		var kind app.Kind
		do := func(out *bufio.Writer) (err error) {
			kind, err = c.reconciled(ctx, out, path, document)
			return err
		}
		if c.json {
			err = list.add(do)
		} else {
			err = errors.Join(do(out), out.Flush())
		}
		if err != nil {
			return app.Failed, err
		}
		kinds = append(kinds, kind)
	}
	if c.json {
		err = list.end()
	}
	return app.Worst(kinds...), err
}

// reconciled reconciles one sync of a set and prints what was found, or why
// nothing could be. Its error is one of printing.
func (c *call) reconciled(ctx context.Context, out *bufio.Writer, path, document string) (kind app.Kind, err error) {
	r, err := c.reconciliation(ctx, path)
	if err != nil {
		c.tellFailure(document, err)
		f := failureOf(err)
		if c.json {
			return f.Exit, encode(out, reconciled{Document: document, failure: f, Rows: []engine.Difference{}})
		}
		return f.Exit, nil
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return outcome(r), c.printReconciliation(ctx, out, r, document)
}

// undoSet takes back a run of a set.
func undoSet(ctx context.Context, c *call) (app.Kind, error) {
	return c.carrySet(ctx, func(o app.SetOptions) (app.SetResult, error) {
		o.Part = app.SetPart{Syncs: c.syncs, Fields: c.fields, Rows: c.rows}
		return c.app.UndoSet(ctx, c.args[0], o)
	})
}

// ofSet tells whether an id is that of a run of a set.
func (c *call) ofSet(ctx context.Context) (bool, error) {
	_, err := c.app.Store.SetRun(ctx, c.args[0])
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// encode prints one JSON document.
func encode(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
