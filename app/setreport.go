package app

import (
	"bufio"
	"cmp"
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
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/sync/redact"
)

// SetReport is the head of the report of a run of a set. The reports of the
// runs of its syncs follow, whole.
type SetReport struct {
	Report  int    `json:"syncline_set_report"` // the version of its form
	Warning string `json:"warning"`
	Made    string `json:"made"`
	Program string `json:"program"`

	Run     string        `json:"run"`
	Kind    plan.Purpose  `json:"kind"`
	UndoOf  string        `json:"undo_of,omitempty"`
	Set     string        `json:"set"`
	Plan    string        `json:"plan,omitempty"` // of the set, where that was applied
	State   plan.RunState `json:"state"`
	Error   string        `json:"error,omitempty"`
	By      string        `json:"by"`
	Started time.Time     `json:"started"`
	Ended   time.Time     `json:"ended,omitzero"`
	// Counts are those of all its runs together.
	Counts  engine.Counts `json:"counts"`
	Members []RunReport   `json:"-"` // in the order in which they began
}

// SetReport gathers the report of a run of a set; its error is
// store.ErrNotFound where no set had that run.
func (a *App) SetReport(ctx context.Context, id string) (SetReport, error) {
	run, err := a.Store.SetRun(ctx, id)
	if err != nil {
		return SetReport{}, err
	}
	r := SetReport{Report: 1, Warning: reportWarning, Made: time.Now().UTC().Format(time.RFC3339), Program: "Syncline " + Version, Run: run.ID, Kind: run.Kind, UndoOf: run.UndoOf,
		Set: run.Name, Plan: run.Plan, State: run.State, Error: redact.Secrets(run.Error), By: run.Person, Started: run.Started, Ended: run.Ended}
	runs, err := a.Store.RunsOfSet(ctx, id)
	if err != nil {
		return r, err
	}
	for _, member := range runs {
		m, err := a.RunReport(ctx, member.ID)
		if err != nil {
			return r, err
		}
		r.Members = append(r.Members, m)
		r.Counts = r.Counts.Plus(m.Counts)
	}
	return r, nil
}

// unsigned is why a report must not be signed, "" where nothing speaks against it.
func (r SetReport) unsigned() string {
	if r.State == plan.RunRunning {
		return "not signed: the run of the set has not ended"
	}
	for _, m := range r.Members {
		if why := m.unsigned(); why != "" {
			return fmt.Sprintf("%s (%s)", why, m.Sync)
		}
	}
	return ""
}

// WriteSetReport writes the report of a run of a set as JSON and signs it as a
// whole.
func (a *App) WriteSetReport(ctx context.Context, r SetReport, to io.Writer) (Signature, error) {
	h := sha256.New()
	seen := terminal.NewWriter(io.MultiWriter(to, h)) // as in WriteReport
	out := bufio.NewWriterSize(seen, 64<<10)
	head, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return Signature{}, err
	}
	out.Write(head[:len(head)-2]) // without "\n}"; a bufio.Writer keeps its error until Flush
	out.WriteString(",\n  \"runs\": [")
	for i, m := range r.Members {
		if i > 0 {
			out.WriteString(",")
		}
		out.WriteString("\n")
		if err := a.writeRun(ctx, m, out); err != nil {
			return Signature{}, err
		}
		out.WriteString("\n}")
	}
	out.WriteString("\n  ]")
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

// WriteSetReportHTML writes the report of a run of a set as one page, and signs
// it.
func (a *App) WriteSetReportHTML(ctx context.Context, r SetReport, to io.Writer) (Signature, error) {
	h := sha256.New()
	p := page{bufio.NewWriterSize(io.MultiWriter(to, h), 64<<10)}
	p.raw(fmt.Sprintf(reportHead, esc("Report of "+r.Run)))
	p.raw("<h1>", esc(r.Set), "</h1><p>Report of the run <code>", esc(r.Run), "</code> of a set, made ", esc(r.Made), " by ", esc(r.Program), "</p>\n")
	p.raw(`<p class="warn">`, esc(r.Warning), "</p>\n")
	p.members(r)
	for _, m := range r.Members {
		p.raw("<h1>", esc(m.Sync), "</h1><p>The run <code>", esc(m.Run), "</code></p>\n")
		if err := a.runHTML(ctx, p, m); err != nil {
			return Signature{}, err
		}
	}
	if err := p.out.Flush(); err != nil {
		return Signature{}, err
	}
	s, err := a.sign(ctx, h.Sum(nil), r.unsigned())
	if err != nil {
		return s, err
	}
	_, err = io.WriteString(to, htmlTail(s))
	return s, err
}

// members is the summary of a set.
func (p page) members(r SetReport) {
	p.table("", "")
	p.row("State", esc(string(r.State)+" "+r.Error))
	p.row("By", esc(r.By))
	p.row("From, to", esc(moment(r.Started)+" – "+moment(r.Ended)))
	if r.UndoOf != "" {
		p.row("Undo of", "<code>"+esc(r.UndoOf)+"</code>")
	}
	p.row("Plan of the set", esc(cmp.Or(r.Plan, "none: each sync was planned in its turn")))
	p.end()
	p.table("Sync", "Run", "State", "Created", "Updated", "Unchanged", "Conflict", "Skipped", "Failed", "Read", "Archived", "Associated", "Dissociated")
	for _, m := range r.Members {
		cells := []string{esc(m.Sync), "<code>" + esc(m.Run) + "</code>", esc(string(m.State))}
		for _, n := range []int{m.Counts.Created, m.Counts.Updated, m.Counts.Unchanged, m.Counts.Conflict, m.Counts.Skipped, m.Counts.Failed, m.Counts.Read, m.Counts.Archived, m.Counts.Associated, m.Counts.Dissociated} {
			cells = append(cells, fmt.Sprint(n))
		}
		p.row(cells...)
	}
	p.end()
}

// ExportSetReport writes the report of a run of a set into a file, like
// ExportReport.
func (a *App) ExportSetReport(ctx context.Context, r SetReport, path string) (s Signature, err error) {
	write := a.WriteSetReport
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json":
	case ".html":
		write = a.WriteSetReportHTML
	default:
		return s, fmt.Errorf("%s: a report is an .html or a .json file: give it one of these endings", filepath.Base(path))
	}
	_, err = wholeFile(path, func(to io.Writer) (int, error) {
		s, err = write(ctx, r, to)
		return 0, err
	})
	return s, err
}
