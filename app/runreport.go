package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"syncline/app/terminal"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/sync/redact"
)

// RunReport is the head of the report of a run: all but its rows and changes,
// which may be many and are streamed.
type RunReport struct {
	Report  int    `json:"syncline_report"` // the version of its form
	Warning string `json:"warning"`
	Made    string `json:"made"`
	Program string `json:"program"`

	Run     string        `json:"run"`
	Kind    plan.Purpose  `json:"kind"`
	UndoOf  string        `json:"undo_of,omitempty"`
	Sync    string        `json:"sync"`
	State   plan.RunState `json:"state"`
	Error   string        `json:"error,omitempty"`
	By      string        `json:"by"`
	Started time.Time     `json:"started"`
	Ended   time.Time     `json:"ended,omitzero"`
	Portal  ReportPortal  `json:"portal"`

	Inputs ReportInputs  `json:"inputs"`
	Plan   ReportPlan    `json:"plan"`
	Counts engine.Counts `json:"counts"`
	// AddUp says whether the counts add up and are those of the rows below; else what does not.
	AddUp        string             `json:"counts_add_up"`
	Operations   map[string]int     `json:"operations"`
	Calls        engine.Calls       `json:"calls"`
	Guards       []ReportGuard      `json:"guard_rails"`
	Verification ReportVerification `json:"verification"`
	Notes        []string           `json:"notes"`
	gone         bool               // what it wrote is kept no longer
}

// ReportPortal is the portal that a run wrote to.
type ReportPortal struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"`
}

// ReportInputs are what a run was made of.
type ReportInputs struct {
	Source           string `json:"source"` // its name, without the folder
	SourceSHA256     string `json:"source_sha256,omitempty"`
	Definition       string `json:"definition"`
	DefinitionSHA256 string `json:"definition_sha256,omitempty"`
	Meaning          string `json:"meaning,omitempty"` // hash of what the definition means, without its name and layout
}

// ReportPlan is the plan that a run applied.
type ReportPlan struct {
	ID       string        `json:"id"`
	Hash     string        `json:"hash"`         // as it was frozen
	Revision int           `json:"revision"`     // of the plan that was applied
	Applied  string        `json:"applied_hash"` // of that revision
	Changes  []plan.Change `json:"changes"`      // what people changed before
	Intact   string        `json:"intact"`       // "yes", else what does not agree with the hash
}

// ReportGuard is a guard rail that the plan went beyond, and who confirmed it.
type ReportGuard struct {
	engine.Guard
	ConfirmedBy string `json:"confirmed_by"`
}

// ReportVerification is what reading back found.
type ReportVerification struct {
	Policy    definition.Verify `json:"policy"`
	ReadBack  int               `json:"read_back"` // records read with their history after they were written
	Waiting   int               `json:"waiting"`   // still to be read back, by a later run
	Displaced []ReportDisplaced `json:"displaced"`
}

// ReportDisplaced is an edit that a write of the run fell upon.
type ReportDisplaced struct {
	Key      string             `json:"key"`
	Record   string             `json:"record"`
	Property string             `json:"property"`
	Theirs   string             `json:"theirs"`
	Ours     string             `json:"ours"`
	Edited   *engine.Editor     `json:"edited,omitempty"` // who made it and when, where HubSpot's history tells
	State    plan.ConflictState `json:"state"`
	Reason   string             `json:"reason"`
}

// ReportChange is one value that a run wrote.
type ReportChange struct {
	At       time.Time   `json:"at"`
	Key      string      `json:"key"`
	Record   string      `json:"record"`
	Side     plan.Side   `json:"side"`
	Action   plan.OpKind `json:"action"`
	Field    string      `json:"field,omitempty"`
	Property string      `json:"property,omitempty"` // "" = the whole row or record
	Before   *string     `json:"before"`
	After    *string     `json:"after"`
	Reason   string      `json:"reason"`
	By       string      `json:"by"`
	// Association is the one that was made or removed; nil of a value, row or record.
	Association *ReportEnd `json:"association,omitempty"`
}

// ReportEnd is the other end of an association.
type ReportEnd struct {
	Object string `json:"object"` // object type id
	Record string `json:"record"`
	Label  string `json:"label,omitempty"`
}

const reportWarning = "This report holds values of rows and records. It holds no password, token or key, but whoever reads it reads those values."

// RunReport gathers the head of the report of a run.
func (a *App) RunReport(ctx context.Context, runID string) (r RunReport, err error) {
	run, err := a.Store.Run(ctx, runID)
	if errors.Is(err, store.ErrNotFound) {
		return r, &UseError{Msg: fmt.Sprintf("there is no run %s in this workspace: see syncline runs", runID)}
	}
	if err != nil {
		return r, err
	}
	y, err := a.Store.Sync(ctx, run.SyncID)
	if err != nil {
		return r, err
	}
	r = RunReport{Report: 1, Warning: reportWarning, Made: time.Now().UTC().Format(time.RFC3339), Program: "Syncline " + Version, Run: run.ID, Kind: run.Kind, UndoOf: run.UndoOf, Sync: y.Name, State: run.State,
		Error: redact.Secrets(run.Error), By: run.Person, Started: run.Started, Ended: run.Ended, Portal: ReportPortal{ID: y.PortalID, Name: a.PortalOf(ctx, y).PortalName}, Notes: []string{}, Guards: []ReportGuard{}}
	if err := errors.Join(json.Unmarshal(run.Counts, &r.Counts), json.Unmarshal(run.Calls, &r.Calls)); err != nil {
		return r, err
	}
	if err := a.reportPlan(ctx, run, y, &r); err != nil {
		return r, err
	}
	if r.gone = run.LetGo; r.gone {
		r.Notes = append(r.Notes, changesGone)
	}
	if r.Operations, err = a.Store.OpsOf(ctx, runID); err != nil {
		return r, err
	}
	if r.gone {
		r.Operations = map[string]int{} // those that are left are not all
	}
	r.AddUp, err = a.addUp(ctx, run, r.Counts)
	if err != nil {
		return r, err
	}
	v, err := a.Store.VerificationOf(ctx, runID)
	if err != nil {
		return r, err
	}
	displaced, err := a.Store.DisplacedBy(ctx, runID)
	if err != nil {
		return r, err
	}
	if r.gone {
		v = store.Verification{}
	}
	r.Verification.ReadBack, r.Verification.Waiting, r.Verification.Displaced = v.Read, v.Due, []ReportDisplaced{}
	for _, c := range displaced {
		d := ReportDisplaced{Key: c.RowKey, Record: c.RecordID, Property: c.Property, Theirs: c.HubSpot, Ours: c.Source, Edited: engine.EditorOf(c), State: c.State, Reason: c.Reason}
		if c.Cause == plan.CauseArchivedOver {
			d.Property, d.Ours = c.Field, "(archived)"
		}
		r.Verification.Displaced = append(r.Verification.Displaced, d)
	}
	return r, nil
}

func (a *App) reportPlan(ctx context.Context, run store.Run, y store.Sync, r *RunReport) error {
	r.Inputs = ReportInputs{Definition: y.Definition}
	r.Plan = ReportPlan{ID: run.PlanID, Revision: run.Revision, Applied: run.PlanHash, Changes: []plan.Change{}, Intact: "yes"}
	pl, err := a.Store.Plan(ctx, run.PlanID)
	if errors.Is(err, store.ErrNotFound) {
		r.Plan.Intact = "the plan is not in this workspace any more"
		return nil
	}
	if err != nil {
		return err
	}
	r.Plan.Hash = pl.Hash
	changes, err := a.Store.PlanChanges(ctx, pl.ID)
	if err != nil {
		return err
	}
	r.Plan.Changes = append(r.Plan.Changes, changes...)
	var changed *store.PlanChangedError
	if pl.Bare {
		r.Plan.Intact = "its rows are kept no longer"
	} else if err := a.Store.CheckPlan(ctx, pl.ID); errors.As(err, &changed) {
		r.Plan.Intact = changed.What
	} else if err != nil {
		return err
	}
	if pl.Revised() != run.PlanHash && r.Plan.Intact == "yes" {
		r.Plan.Intact = "the plan has another hash than the one that was applied"
	}
	summary, err := engine.SummaryOf(pl)
	if err != nil {
		return err
	}
	r.Inputs.SourceSHA256, r.Inputs.DefinitionSHA256, r.Inputs.Meaning = summary.Source, summary.Document, summary.Meaning
	if text, err := a.Store.Document(ctx, summary.Document); err == nil {
		r.Inputs.Definition = text
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if d, err := definition.Parse([]byte(r.Inputs.Definition), y.Path); err == nil {
		r.Verification.Policy = d.Verify
		r.Inputs.Source = sourceTitle(d)
	}
	for _, g := range summary.Guards {
		r.Guards = append(r.Guards, ReportGuard{Guard: g, ConfirmedBy: run.Person})
	}
	for _, note := range summary.Notes {
		r.Notes = append(r.Notes, redact.Secrets(note))
	}
	return nil
}

// addUp checks that the fates of a run that ended add up, and are those of the
// items of its plan. It returns "yes", or what is not so.
func (a *App) addUp(ctx context.Context, run store.Run, c engine.Counts) (string, error) {
	if c.Sum() != c.Read {
		return fmt.Sprintf("the fates are %d and %d were read", c.Sum(), c.Read), nil
	}
	if run.State != plan.RunDone {
		return "yes", nil
	}
	if pl, err := a.Store.Plan(ctx, run.PlanID); err == nil && pl.Bare {
		return "yes", nil // as far as is known: its items are gone
	}
	fates, err := a.Store.Fates(ctx, run.PlanID)
	if err != nil {
		return "", err
	}
	for fate, n := range map[plan.Fate]int{plan.FateCreated: c.Created, plan.FateUpdated: c.Updated, plan.FateConflict: c.Conflict, plan.FateSkipped: c.Skipped, plan.FateFailed: c.Failed} {
		if fates[fate] != n {
			return fmt.Sprintf("the run counted %d %s and its plan has %d", n, fate, fates[fate]), nil
		}
	}
	return "yes", nil
}

// unsigned is why a report must not be signed, "" where nothing speaks against it.
func (r RunReport) unsigned() string {
	switch {
	case r.AddUp != "yes":
		return "not signed: the counts do not add up (" + r.AddUp + ")"
	case r.State == plan.RunRunning:
		return "not signed: the run has not ended"
	case r.Plan.Intact != "yes":
		return "not signed: " + r.Plan.Intact
	case r.gone:
		return "not signed: what the run wrote is kept no longer"
	}
	return ""
}

// changes yields what a run wrote, in order.
func (a *App) changes(ctx context.Context, r RunReport) func(yield func(ReportChange, error) bool) {
	return func(yield func(ReportChange, error) bool) {
		for x, err := range a.Store.AuditOf(ctx, r.Run) {
			c := ReportChange{At: x.At, Key: x.RowKey, Record: x.RecordID, Side: x.Side, Action: x.Action, Field: x.Field, Property: x.Property, Before: x.Before, After: x.After, Reason: x.Why, By: r.By}
			if e := x.Edge; e != nil {
				c.Association = &ReportEnd{Object: e.Object, Record: e.Record, Label: e.Label}
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// WriteReport writes the report of a run as JSON and signs it. Rows and changes
// are streamed.
func (a *App) WriteReport(ctx context.Context, r RunReport, to io.Writer) (Signature, error) {
	h := sha256.New()
	// What is signed is what a terminal shows too: characters that it would obey stand as escapes.
	seen := terminal.NewWriter(io.MultiWriter(to, h))
	out := bufio.NewWriterSize(seen, 64<<10)
	if err := a.writeRun(ctx, r, out); err != nil {
		return Signature{}, err
	}
	if err := errors.Join(out.Flush(), seen.Flush()); err != nil {
		return Signature{}, err
	}
	s, err := a.sign(ctx, h.Sum(nil), r.unsigned())
	if err != nil {
		return s, err
	}
	_, err = io.WriteString(to, jsonTail(s))
	return s, err
}

// writeRun writes the report of a run without the brace at its end.
func (a *App) writeRun(ctx context.Context, r RunReport, out *bufio.Writer) error {
	head, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	out.Write(head[:len(head)-2]) // without "\n}"; a bufio.Writer keeps its error until Flush
	if err := writeList(out, "rows", a.ReportRows(ctx, r.Plan.ID)); err != nil {
		return err
	}
	if err := writeList(out, "associations", a.ReportEdges(ctx, r.Plan.ID)); err != nil {
		return err
	}
	return writeList(out, "changes", a.changes(ctx, r))
}

func writeList[T any](out *bufio.Writer, name string, all func(yield func(T, error) bool)) error {
	fmt.Fprintf(out, ",\n  %q: [", name)
	before := "\n    "
	for x, err := range all {
		if err != nil {
			return err
		}
		text, err := json.Marshal(x)
		if err != nil {
			return err
		}
		out.WriteString(before)
		if _, err := out.Write(text); err != nil {
			return err
		}
		before = ",\n    "
	}
	_, err := out.WriteString("\n  ]")
	return err
}

// ExportReport writes the report of a run into a file, as a page (.html) or as
// JSON (.json) by the name's ending, and signs it. The file appears whole or
// not at all.
func (a *App) ExportReport(ctx context.Context, r RunReport, path string) (s Signature, err error) {
	write := a.WriteReport
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json":
	case ".html":
		write = a.WriteReportHTML
	default:
		return s, fmt.Errorf("%s: a report is an .html or a .json file: give it one of these endings", filepath.Base(path))
	}
	_, err = wholeFile(path, func(to io.Writer) (int, error) {
		s, err = write(ctx, r, to)
		return 0, err
	})
	return s, err
}
