package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"html"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"syncline/sync/plan"
)

// The page needs nothing but itself: no script, no font, no picture, and its
// policy forbids all of them.
const reportHead = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
<title>%s</title>
<style>
body{font:14px/1.45 system-ui,sans-serif;color:#1b1f24;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.8rem 0 .5rem}
table{border-collapse:collapse;width:100%%;font-size:12.5px}th,td{border-bottom:1px solid #d7dbe0;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600}code,pre{font:12px/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.warn{border-left:4px solid #b35900;background:#fff4e5;padding:.5rem .8rem}.none{color:#6b7280}
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}}
</style></head><body>
`

// page writes HTML; every text that is not its own goes through esc.
type page struct{ out *bufio.Writer }

func (p page) raw(parts ...string) {
	for _, s := range parts {
		p.out.WriteString(s) // a bufio.Writer keeps its error until Flush
	}
}

// esc escapes a value, and makes visible what could hide or turn text around.
func esc(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return '\uFFFD'
		}
		return r
	}, s))
}

func value(s *string) string {
	if s == nil || *s == "" {
		return `<span class="none">(empty)</span>`
	}
	return esc(*s)
}

func (p page) table(head ...string) {
	p.raw("<table><thead><tr>")
	for _, h := range head {
		p.raw("<th>", esc(h), "</th>")
	}
	p.raw("</tr></thead><tbody>\n")
}

// row writes cells that are HTML already.
func (p page) row(cells ...string) {
	p.raw("<tr>")
	for _, c := range cells {
		p.raw("<td>", c, "</td>")
	}
	p.raw("</tr>\n")
}

func (p page) end() { p.raw("</tbody></table>\n") }

// WriteReportHTML writes the report of a run as a page that stands for itself
// and can be printed, and signs it. Rows and changes are streamed.
func (a *App) WriteReportHTML(ctx context.Context, r RunReport, to io.Writer) (Signature, error) {
	h := sha256.New()
	p := page{bufio.NewWriterSize(io.MultiWriter(to, h), 64<<10)}
	p.raw(fmt.Sprintf(reportHead, esc("Report of "+r.Run)))
	p.raw("<h1>", esc(r.Sync), "</h1><p>Report of the run <code>", esc(r.Run), "</code>, made ", esc(r.Made), " by ", esc(r.Program), "</p>\n")
	p.raw(`<p class="warn">`, esc(r.Warning), "</p>\n")
	if err := a.runHTML(ctx, p, r); err != nil {
		return Signature{}, err
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

// runHTML writes what the page of a run holds below its title.
func (a *App) runHTML(ctx context.Context, p page, r RunReport) error {
	p.summary(r)
	p.inputs(r)
	p.checks(r)
	if err := p.rows(a.ReportRows(ctx, r.Plan.ID)); err != nil {
		return err
	}
	return p.changes(a.changes(ctx, r))
}

func (p page) summary(r RunReport) {
	c := r.Counts
	p.table("", "")
	p.row("State", esc(strings.TrimSpace(string(r.State)+" "+r.Error)))
	p.row("By", esc(r.By))
	p.row("From, to", esc(moment(r.Started)+" – "+moment(r.Ended)))
	p.row("Portal", esc(strings.TrimSpace(fmt.Sprintf("%d %s", r.Portal.ID, r.Portal.Name))))
	if r.UndoOf != "" {
		p.row("Undo of", "<code>"+esc(r.UndoOf)+"</code>")
	}
	p.row("Fates", esc(fmt.Sprintf("%d created + %d updated + %d unchanged + %d conflict + %d skipped + %d failed = %d read", c.Created, c.Updated, c.Unchanged, c.Conflict, c.Skipped, c.Failed, c.Read)))
	p.row("They add up", esc(r.AddUp))
	p.row("In the source", esc(fmt.Sprintf("%d created, %d updated", c.SourceCreated, c.SourceUpdated)))
	p.row("Archived in HubSpot", esc(fmt.Sprint(c.Archived)))
	if c.Associated+c.Dissociated+c.Waiting > 0 {
		p.row("Associations made", esc(fmt.Sprint(c.Associated)))
		p.row("Associations removed", esc(fmt.Sprint(c.Dissociated)))
		p.row("Associations that wait", esc(fmt.Sprint(c.Waiting)))
	}
	p.row("Calls", esc(fmt.Sprintf("%d, %d of them searches, %d throttled", r.Calls.Total, r.Calls.Search, r.Calls.Throttled)))
	for _, what := range slices.Sorted(maps.Keys(r.Operations)) {
		p.row("Operations: "+esc(what), esc(fmt.Sprint(r.Operations[what])))
	}
	p.end()
	for _, note := range r.Notes {
		p.raw("<p>", esc(note), "</p>\n")
	}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "not ended"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func (p page) inputs(r RunReport) {
	p.raw("<h2>What it was made of</h2>\n")
	p.table("", "")
	p.row("Source", esc(r.Inputs.Source))
	p.row("Its SHA-256, as read", "<code>"+esc(orNone(r.Inputs.SourceSHA256))+"</code>")
	p.row("Definition, SHA-256", "<code>"+esc(orNone(r.Inputs.DefinitionSHA256))+"</code>")
	p.row("Plan", "<code>"+esc(r.Plan.ID)+"</code>")
	p.row("Its hash, as it was shown", "<code>"+esc(r.Plan.Hash)+"</code>")
	p.row("Revision that was applied", esc(fmt.Sprint(r.Plan.Revision))+" <code>"+esc(r.Plan.Applied)+"</code>")
	p.row("The plan agrees with its hash", esc(r.Plan.Intact))
	p.end()
	if len(r.Plan.Changes) > 0 {
		p.raw("<h2>What people changed of the plan</h2>\n")
		p.table("What", "Items", "Property", "Old", "New", "By", "At")
		for _, c := range r.Plan.Changes {
			p.row(esc(c.What), esc(strings.Trim(fmt.Sprint(c.Items), "[]")), esc(c.Property), value(c.Old), value(c.New), esc(c.By), esc(moment(time.UnixMilli(c.At))))
		}
		p.end()
	}
	p.raw("<details open><summary>The definition</summary><pre>", esc(r.Inputs.Definition), "</pre></details>\n")
}

func orNone(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}

func (p page) checks(r RunReport) {
	p.raw("<h2>Guard rails</h2>\n")
	if len(r.Guards) == 0 {
		p.raw("<p>The plan went beyond none.</p>\n")
	} else {
		p.table("What", "Confirmed by")
		for _, g := range r.Guards {
			p.row(esc(g.Detail), esc(g.ConfirmedBy))
		}
		p.end()
	}
	v := r.Verification
	p.raw("<h2>Reading back</h2>\n<p>", esc(fmt.Sprintf("%d records were read back with their history (verify: %s), %d are still to be read by the next run. %d edits were displaced.", v.ReadBack, v.Policy, v.Waiting, len(v.Displaced))), "</p>\n")
	if len(v.Displaced) > 0 {
		p.table("Row", "Record", "Property", "Theirs", "Edited", "Ours", "State", "What happened")
		for _, d := range v.Displaced {
			edited := ""
			if d.Edited != nil {
				edited = d.Edited.By + ", " + d.Edited.At.Format(time.RFC3339)
			}
			p.row(esc(d.Key), esc(d.Record), esc(d.Property), esc(d.Theirs), esc(edited), esc(d.Ours), esc(string(d.State)), esc(d.Reason))
		}
		p.end()
	}
}

func (p page) rows(all func(yield func(ReportRow, error) bool)) error {
	p.raw("<h2>Rows and records that are not unchanged</h2>\n")
	p.table("Row", "Line", "Record", "Fate", "Reason")
	for r, err := range all {
		if err != nil {
			return err
		}
		line := ""
		if r.Line > 0 {
			line = fmt.Sprint(r.Line)
		}
		p.row(esc(r.Key), line, esc(r.Record), esc(string(r.Fate)), esc(r.Reason))
	}
	p.end()
	return nil
}

func (p page) changes(all func(yield func(ReportChange, error) bool)) error {
	p.raw("<h2>Every change</h2>\n")
	p.table("At", "Side", "Row", "Record", "Property", "Before", "After", "Reason", "By")
	for c, err := range all {
		if err != nil {
			return err
		}
		before, after := value(c.Before), value(c.After)
		if c.Property == "" {
			before, after = "", esc("the whole "+map[plan.Side]string{plan.HubSpot: "record", plan.Source: "row"}[c.Side]+": "+string(c.Action))
		}
		what := c.Property
		if e := c.Association; e != nil {
			what, before, after = c.Field, "", ""
			end := esc(strings.TrimSpace(fmt.Sprintf("%s %s", e.Record, e.Label)))
			if c.Action == plan.OpDissociate {
				before = end
			} else {
				after = end
			}
		}
		p.row(esc(moment(c.At)), esc(string(c.Side)), esc(c.Key), esc(c.Record), esc(what), before, after, esc(c.Reason), esc(c.By))
	}
	p.end()
	return nil
}
